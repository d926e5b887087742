import type { ConformanceBench } from "./conformance-bench.js";

/** One of the cases that every engine passes on every server. */
export interface ConformanceCase {
  readonly number: number;
  /** A sentence. */
  readonly title: string;
  /** Needs several sessions at the same time. */
  readonly needsConcurrency: boolean;
  readonly limitSeconds: number;
  run(bench: ConformanceBench): Promise<void>;
}

export function defineCase(one: ConformanceCase): ConformanceCase {
  return one;
}

import { isBelow } from "../core/file-entry.js";
import { openPathsLimit, type OpenPaths } from "../core/file-wire.js";
import type { FileProblem } from "./scanner.js";

export interface FailingPath {
  readonly because: string;
  readonly kind: FileProblem["kind"];
  readonly attempts: number;
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
}

/** Beyond this many the rest is only counted; the next full analysis finds them again. */
const failingLimit = openPathsLimit;
/** A file that merely changes often is no problem before it has defied so many attempts. */
const patientAttempts = 3;
const shortestRetryMs = 500;
const longestRetryMs = 300_000;

/** Paths that cannot be synchronised now, with how often it was tried. Bounded. */
export class FailingPaths {
  readonly #paths = new Map<string, FailingPath>();
  /** Some were only counted, and who knows what became of them. */
  #isOverflown = false;

  /** Takes over what a pass over `looked` paths has found; what it did not find again is over. */
  update(looked: readonly string[], problems: readonly FileProblem[], nowMs: number): void {
    const before = new Map(this.#paths);
    if (looked.includes("")) this.#isOverflown = false;
    for (const path of before.keys()) {
      if (looked.some((one) => one === path || isBelow(path, one))) this.#paths.delete(path);
    }
    for (const { path, kind, because } of problems) {
      const known = before.get(path);
      if (known === undefined && this.#paths.size >= failingLimit) {
        this.#isOverflown = true;
        continue;
      }
      this.#paths.set(path, { kind, because, attempts: (known?.attempts ?? 0) + 1, sinceMs: known?.sinceMs ?? nowMs });
    }
  }

  /** How long to wait before the next attempt, doubling each time. */
  retryAfterMs(path: string): number {
    const attempts = this.#paths.get(path)?.attempts ?? 1;
    return Math.min(longestRetryMs, shortestRetryMs * 2 ** Math.min(attempts - 1, 20));
  }

  clear(): void {
    this.#paths.clear();
    this.#isOverflown = false;
  }

  /** What a person should know of: not what will settle by itself in a moment. */
  warnings(): [string, FailingPath][] {
    return [...this.#paths].filter(([, { kind, attempts }]) => kind !== "changed" || attempts > patientAttempts);
  }

  /** How many warnings there are, and so many of them by name. */
  describe(limit: number) {
    const warnings = this.warnings();
    const named = warnings.slice(0, limit);
    return {
      warnings: warnings.length,
      paths: named.map(([path, { kind, because, attempts }]) => ({ path, kind, because, attempts })),
    };
  }

  /** All of them, those included that are left alone by their nature. */
  get open(): OpenPaths {
    return this.#isOverflown ? null : [...this.#paths.keys()];
  }

  /** Whether all that should be on the target is there, but for what has defied so many attempts that people are told of it. */
  get isSettled(): boolean {
    const isSettled = ({ kind, attempts }: FailingPath): boolean => kind === "skipped" || attempts > patientAttempts;
    return !this.#isOverflown && [...this.#paths.values()].every(isSettled);
  }

  /** Those that should be on the target, for people. */
  obstacles(): string[] {
    return this.warnings()
      .filter(([, { kind }]) => kind !== "skipped")
      .map(([path, { because }]) => `${JSON.stringify(path)}: ${because}`);
  }

  /** Since when something that should be on the target is not; undefined when nothing is. */
  get oldestSinceMs(): number | undefined {
    let oldest: number | undefined;
    for (const { kind, sinceMs } of this.#paths.values()) {
      if (kind !== "skipped") oldest = Math.min(oldest ?? sinceMs, sinceMs);
    }
    return oldest;
  }

  /** Paths that are tried again: all but those that cannot be synchronised by their nature. */
  get pending(): number {
    let pending = 0;
    for (const { kind } of this.#paths.values()) if (kind !== "skipped") pending += 1;
    return pending;
  }
}

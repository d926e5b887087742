import type { BenchCase, Goal, Sample } from "../bench.js";
import { Clusters } from "./clusters.js";
import { missingReplicator, openReplicator, type Replicator } from "./replicators.js";

/** A case in which something is written on the source and followed on the target, by whichever replicator. */
export interface ReplicatedCase {
  readonly name: string;
  readonly title: string;
  readonly goals: readonly Goal[];
  /** Makes the tables, filled on the source and empty on the target. */
  readonly prepare: (clusters: Clusters, scale: number) => Promise<void>;
  /** Measures, with the copy done. */
  readonly measure: (clusters: Clusters, replicator: Replicator, scale: number) => Promise<Sample>;
  readonly tables: readonly string[];
}

export function replicatedCase({ prepare, measure, tables, ...head }: ReplicatedCase): BenchCase {
  return {
    ...head,
    missing: missingReplicator,
    open: async ({ scale }) => {
      const clusters = await Clusters.start();
      return {
        measure: async (contender) => {
          await clusters.renew();
          await prepare(clusters, scale);
          const replicator = openReplicator(contender, clusters);
          await replicator.prepare();
          await replicator.start();
          try {
            await replicator.untilCopied();
            const sample = await measure(clusters, replicator, scale);
            await clusters.requireEqual(...tables);
            return sample;
          } finally {
            await replicator.stop();
          }
        },
        close: () => clusters.close(),
      };
    },
  };
}

/** Seconds that something takes. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

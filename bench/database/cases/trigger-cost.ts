import { type BenchCase, ours } from "../../bench.js";
import { UsageMeter } from "../../process-usage.js";
import { Clusters } from "../clusters.js";
import { openReplicator } from "../replicators.js";

const none = "no triggers";
const transactions = 10_000;

/** Processor time of the source's server for one TPC-B transaction (three captured rows), with the triggers and without. */
export const triggerCost: BenchCase = {
  name: "trigger-cost",
  title: "processor time of the source for a TPC-B transaction, with capture triggers",
  goals: [{ measure: "microseconds", unit: "µs", peer: none, target: 1.3 }],
  missing: () => undefined,
  open: async ({ scale }) => {
    const clusters = await Clusters.start();
    return {
      measure: async (contender) => {
        await clusters.renew();
        await clusters.createPgbench(1);
        if (contender === ours) await installOnly(clusters);
        const count = Math.max(1000, Math.round(transactions * scale));
        await clusters.pgbench("-c", "1", "-t", "500");
        const meter = new UsageMeter([clusters.servers[0].pid()]);
        const before = meter.now().cpuSeconds;
        await clusters.pgbench("-c", "1", "-t", String(count));
        const used = meter.now().cpuSeconds - before;
        meter.stop();
        return { microseconds: (used * 1e6) / count };
      },
      close: () => clusters.close(),
    };
  },
};

/** The triggers are there, and nobody reads the journal. */
export async function installOnly(clusters: Clusters): Promise<void> {
  const replicator = openReplicator(ours, clusters);
  await replicator.prepare();
  await replicator.start();
  await replicator.untilCopied();
  await replicator.stop();
}

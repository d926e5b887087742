import type { BenchCase } from "../../bench.js";
import { UsageMeter } from "../../process-usage.js";
import { Clusters } from "../clusters.js";
import { openOwnPair } from "../own-pair.js";

const watchSeconds = 15;

/** The scheduled comparison at its default load: how much of one processor the source's server spends on it. */
export const verificationCost: BenchCase = {
  name: "verification-cost",
  title: "share of one processor that the scheduled comparison of 500,000 rows takes on the source",
  goals: [{ measure: "share", unit: "of one processor", peer: "none", target: 0.05 }],
  missing: () => undefined,
  open: async ({ scale }) => {
    const clusters = await Clusters.start();
    return {
      measure: async () => {
        await clusters.renew();
        await clusters.createPgbench(Math.max(1, Math.round(5 * scale)));
        const pair = await openOwnPair(clusters, { verificationSeconds: 0.001, verificationLoadPercent: 5 });
        try {
          const [server] = clusters.servers;
          // Idle but for the loop: what the looking alone costs is no cost of the comparison.
          const idle = await shareOf(server.pid());
          await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
          const busy = await shareOf(server.pid());
          const rows = pair.parts.a.status()[0]?.verification?.rows ?? 0;
          return { share: Math.max(0, busy - idle), rows };
        } finally {
          await pair.close();
        }
      },
      close: () => clusters.close(),
    };
  },
};

async function shareOf(pid: number): Promise<number> {
  const meter = new UsageMeter([pid]);
  const before = meter.now().cpuSeconds;
  await new Promise((resolve) => setTimeout(resolve, watchSeconds * 1000));
  const used = meter.now().cpuSeconds - before;
  meter.stop();
  return used / watchSeconds;
}

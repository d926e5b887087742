import { type BenchCase, ours } from "../../bench.js";
import { Clusters } from "../clusters.js";
import { never, openOwnPair } from "../own-pair.js";
import { secondsOf } from "../replicated-case.js";

const full = "full reverse copy";

/** One row of a hundred changed on the secondary since the promotion: bringing them back, against copying everything. */
export const incrementalFailback: BenchCase = {
  name: "incremental-failback",
  title: "1 % of 1,000,000 rows changed since the promotion, until the old source has them",
  goals: [{ measure: "seconds", unit: "s", peer: full, target: 0.05 }],
  missing: () => undefined,
  open: async ({ scale }) => {
    const clusters = await Clusters.start();
    return {
      measure: async (contender) => {
        await clusters.renew();
        await clusters.createPgbench(Math.max(1, Math.round(10 * scale)));
        const pair = await openOwnPair(clusters);
        try {
          await pair.parts.b.raiseEpoch(2, never);
          await pair.parts.b.promote(2, never);
          await clusters.target.query("UPDATE pgbench_accounts SET abalance = 9 WHERE aid % 100 = 0");
          await pair.parts.b.setRole({ role: "source", epoch: 2, continuous: false });
          await pair.parts.a.setRole({ role: "target", epoch: 2 });
          if (contender !== ours) await pair.parts.b.reinitialise({ database: "shop", tables: undefined }, never);
          const seconds = await secondsOf(() => pair.parts.b.synchronise(never));
          await clusters.requireEqual("pgbench_accounts");
          return { seconds };
        } finally {
          await pair.close();
        }
      },
      close: () => clusters.close(),
    };
  },
};

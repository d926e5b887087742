import { type BenchCase } from "../../bench.js";
import { Clusters } from "../clusters.js";
import { secondsOf } from "../replicated-case.js";
import { median } from "../../statistics.js";
import { installOnly } from "./trigger-cost.js";

const rows = 200_000;
const times = 5;

/** What the triggers add to one UPDATE of 200,000 rows, a row; both measured in the same round. */
export const multiRowCost: BenchCase = {
  name: "multi-row-cost",
  title: "time that capture adds to an UPDATE of 200,000 rows, for each row",
  goals: [{ measure: "microseconds", unit: "µs", peer: "none", target: 1 }],
  missing: () => undefined,
  open: async ({ scale }) => {
    const clusters = await Clusters.start();
    const count = Math.round(rows * scale);
    const update = async (): Promise<number> => {
      await clusters.source.query("VACUUM pgbench_accounts");
      await clusters.source.query("CHECKPOINT");
      const statement = `UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid <= ${count}`;
      return secondsOf(() => clusters.source.query(statement));
    };
    return {
      measure: async () => {
        await clusters.renew();
        await clusters.createPgbench(Math.max(1, Math.ceil(2 * scale)));
        await installOnly(clusters);
        await update();
        const seconds = { ENABLE: [] as number[], DISABLE: [] as number[] };
        // One after the other and several times: what the machine does besides, and how full the pages are, meets both.
        for (let time = 0; time < times; time += 1) {
          for (const word of ["DISABLE", "ENABLE"] as const) {
            const both = `${word} TRIGGER sparesync_update, ${word} TRIGGER sparesync_moved`;
            await clusters.source.query(`ALTER TABLE pgbench_accounts ${both}`);
            seconds[word].push(await update());
          }
        }
        const [without, captured] = [median(seconds.DISABLE), median(seconds.ENABLE)];
        return { microseconds: ((captured - without) * 1e6) / count, without, captured };
      },
      close: () => clusters.close(),
    };
  },
};

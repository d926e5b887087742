import { replicatedCase, secondsOf } from "../replicated-case.js";
import { bucardo, native } from "../replicators.js";

/** One statement that changes 100,000 rows: from its commit until the target has all of them. */
export const bulkUpdate = replicatedCase({
  name: "bulk-update",
  title: "one UPDATE of 100,000 rows, from its commit until it is applied",
  goals: [
    { measure: "seconds", unit: "s", peer: native, target: 1.3 },
    { measure: "seconds", unit: "s", peer: bucardo, target: 0.35 },
  ],
  tables: ["pgbench_accounts"],
  prepare: (clusters, scale) => clusters.createPgbench(Math.max(1, Math.round(2 * scale))),
  measure: async (clusters, _, scale) => {
    const { source, target } = clusters;
    const rows = Math.round(100_000 * scale);
    await source.query(`UPDATE pgbench_accounts SET abalance = 7 WHERE aid <= ${rows}`);
    const isLastThere = `SELECT abalance = 7 FROM pgbench_accounts WHERE aid = ${rows}`;
    const areAllThere = `SELECT count(*) = ${rows} FROM pgbench_accounts WHERE abalance = 7`;
    const seconds = await secondsOf(async () => {
      // To count all of them again and again would take a processor from whoever is measured.
      await clusters.until("the last row is changed", isLastThere, target, 10);
      await clusters.until("all rows are changed", areAllThere, target, 20);
    });
    return { seconds };
  },
});

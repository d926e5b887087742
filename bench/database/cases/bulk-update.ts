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
    const seconds = await secondsOf(() =>
      clusters.until(
        "the rows are changed",
        `SELECT count(*) = ${rows} FROM pgbench_accounts WHERE abalance = 7`,
        target,
        20,
      ),
    );
    return { seconds };
  },
});

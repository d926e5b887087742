import { replicatedCase, secondsOf } from "../replicated-case.js";
import { bucardo, native } from "../replicators.js";

const seconds = 10;

/** TPC-B transactions as fast as the source takes them while they are followed; what is left at the end is counted in. */
export const sustained = replicatedCase({
  name: "sustained",
  title: "time for 1,000 TPC-B transactions of four clients, until the target has them too",
  goals: [
    { measure: "seconds-per-1000", unit: "s", peer: native, target: 1 / 0.6 },
    { measure: "seconds-per-1000", unit: "s", peer: bucardo, target: 1 / 3 },
  ],
  tables: ["pgbench_accounts", "pgbench_tellers", "pgbench_branches", "pgbench_history"],
  prepare: (clusters, scale) => clusters.createPgbench(Math.max(1, Math.round(5 * scale))),
  measure: async (clusters, _, scale) => {
    const duration = Math.max(2, Math.round(seconds * scale));
    let catchUp = 0;
    const whole = await secondsOf(async () => {
      await clusters.pgbench("-c", "4", "-T", String(duration));
      const { rows } = await clusters.source.query<{ n: string }>("SELECT count(*) AS n FROM pgbench_history");
      const query = `SELECT count(*) = ${rows[0]?.n ?? "0"} FROM pgbench_history`;
      catchUp = await secondsOf(() => clusters.until("the history is complete", query, clusters.target, 20));
    });
    const { rows } = await clusters.source.query<{ n: string }>("SELECT count(*) AS n FROM pgbench_history");
    const transactions = Number(rows[0]?.n ?? 0);
    return { "seconds-per-1000": (whole * 1000) / transactions, "catch-up": catchUp, tps: transactions / duration };
  },
});

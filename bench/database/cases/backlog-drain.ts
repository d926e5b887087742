import { replicatedCase, secondsOf } from "../replicated-case.js";
import { bucardo, native } from "../replicators.js";

const transactions = 20_000;

/** TPC-B transactions written while nothing was sent: how long until the target has them all. */
export const backlogDrain = replicatedCase({
  name: "backlog-drain",
  title: "20,000 TPC-B transactions that waited, from the start until the target has them",
  goals: [
    { measure: "seconds", unit: "s", peer: native, target: 1.2 },
    { measure: "seconds", unit: "s", peer: bucardo, target: 0.1 },
  ],
  tables: ["pgbench_accounts", "pgbench_tellers", "pgbench_branches", "pgbench_history"],
  prepare: (clusters, scale) => clusters.createPgbench(Math.max(1, Math.round(5 * scale))),
  measure: async (clusters, replicator, scale) => {
    const count = Math.round((transactions * scale) / 4) * 4;
    await replicator.pause();
    await clusters.pgbench("-c", "4", "-t", String(count / 4));
    const seconds = await secondsOf(async () => {
      await replicator.resume();
      const query = `SELECT count(*) = ${count} FROM pgbench_history`;
      await clusters.until("the history is complete", query, clusters.target, 20);
    });
    return { seconds };
  },
});

import { setTimeout as sleep } from "node:timers/promises";
import { replicatedCase } from "../replicated-case.js";
import { bucardo } from "../replicators.js";

const canaries = 200;
const everyMs = 25;
const pollMs = 2;

/** A row every 25 ms beside 200 transactions a second: how long each takes to be seen on the target (pause 20 ms). */
export const lagP99 = replicatedCase({
  name: "lag-p99",
  title: "lag of a row at 200 transactions a second, with a pause of 20 ms",
  goals: [
    { measure: "p50", unit: "ms", peer: "none", target: 50 },
    { measure: "p99", unit: "ms", peer: "none", target: 115 },
    { measure: "p99", unit: "ms", peer: bucardo, target: 0.1 },
  ],
  tables: ["canary"],
  prepare: async (clusters) => {
    await clusters.createPgbench(1);
    await clusters.both("CREATE TABLE canary(id int PRIMARY KEY)");
  },
  measure: async (clusters) => {
    const load = clusters.pgbench("-c", "2", "-R", "200", "-T", String(Math.ceil((canaries * everyMs) / 1000) + 1));
    const writtenMs: number[] = [];
    const lags: number[] = [];
    const writing = (async () => {
      for (let id = 1; id <= canaries; id += 1) {
        await clusters.source.query("INSERT INTO canary VALUES ($1)", [id]);
        writtenMs[id] = performance.now();
        await sleep(everyMs);
      }
    })();
    while (lags.length < canaries) {
      const { rows } = await clusters.target.query<{ id: number }>("SELECT coalesce(max(id), 0) AS id FROM canary");
      const seenMs = performance.now();
      for (let id = lags.length + 1; id <= (rows[0]?.id ?? 0); id += 1) lags.push(seenMs - (writtenMs[id] ?? seenMs));
      await sleep(pollMs);
    }
    await writing;
    await load;
    const sorted = lags.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { p50: at(0.5), p99: at(0.99), max: at(1) };
  },
});

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { postgresqlProgram } from "../../../test/support/postgresql-server.js";
import type { BenchCase } from "../../bench.js";
import { Clusters } from "../clusters.js";
import { secondsOf } from "../replicated-case.js";
import { bucardo, missingReplicator, native, openReplicator } from "../replicators.js";

const run = promisify(execFile);
const dump = "pg_dump | psql";
const tables = ["pgbench_accounts", "pgbench_tellers", "pgbench_branches"];

/** A million rows and some small tables into an empty target, until it is consistent. */
export const initialLoad: BenchCase = {
  name: "initial-load",
  title: "1,000,000 rows into an empty target, until it is a consistent copy",
  goals: [
    { measure: "seconds", unit: "s", peer: dump, target: 1.25 },
    { measure: "seconds", unit: "s", peer: native, target: 0.6 },
    { measure: "seconds", unit: "s", peer: bucardo, target: 0.6 },
  ],
  missing: missingReplicator,
  open: async ({ scale }) => {
    const clusters = await Clusters.start();
    return {
      measure: async (contender) => {
        await clusters.renew();
        await clusters.createPgbench(Math.max(1, Math.round(10 * scale)));
        const seconds = contender === dump ? await dumpAndLoad(clusters) : await replicate(clusters, contender);
        await clusters.requireEqual(...tables);
        return { seconds };
      },
      close: () => clusters.close(),
    };
  },
};

async function replicate(clusters: Clusters, contender: string): Promise<number> {
  const replicator = openReplicator(contender, clusters);
  await replicator.prepare();
  const seconds = await secondsOf(async () => {
    await replicator.start();
    await replicator.untilCopied();
  });
  await replicator.stop();
  return seconds;
}

async function dumpAndLoad(clusters: Clusters): Promise<number> {
  await clusters.target.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  const [from, to] = clusters.servers.map(({ port }) => `-h 127.0.0.1 -p ${port} -U postgres`);
  const load = `"${postgresqlProgram("psql")}" ${to ?? ""} -q -v ON_ERROR_STOP=1 shop`;
  const pipe = `"${postgresqlProgram("pg_dump")}" ${from ?? ""} shop | ${load}`;
  return secondsOf(() => run("bash", ["-c", `set -o pipefail; ${pipe} > /dev/null`]));
}

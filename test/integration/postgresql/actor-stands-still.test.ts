import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { SeededRandom } from "../../simulation/seeded-random.js";
import type { DatabaseActorOptions } from "../../support/database-actor.js";
import { connectApplication, testSettings } from "../../support/database-fixture.js";
import { freePort } from "../../support/free-port.js";
import { type PostgresqlServer, startPostgresqlServer } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

const stops = 6;
const stopMs = 1_500;

let servers: readonly [PostgresqlServer, PostgresqlServer];
let actors: readonly ChildProcess[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sparesync-stands-still-"));
  servers = await Promise.all([startPostgresqlServer(), startPostgresqlServer()]);
  for (const [at, server] of servers.entries()) {
    await server.createDatabase("shop");
    const app = await connect(at);
    await app.query(
      "CREATE TABLE orders(id int PRIMARY KEY, text text); CREATE TABLE stock(id int PRIMARY KEY, n int)",
    );
    if (at === 0) await app.query("INSERT INTO stock SELECT i, 0 FROM generate_series(1, 20) i");
    await app.end();
  }
  const ports = [await freePort(), await freePort()] as const;
  actors = await Promise.all([startActor(1, ports), startActor(0, ports)]);
}, 120_000);
afterAll(async () => {
  for (const actor of actors) actor.kill("SIGKILL");
  await Promise.all(servers.map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

function settingsOf(at: number) {
  return testSettings("postgresql", servers[at]?.port ?? 0, "shop", { verificationSeconds: 0 });
}

function connect(at: number): Promise<pg.Client> {
  return connectApplication(settingsOf(at));
}

async function startActor(at: 0 | 1, ports: readonly [number, number]): Promise<ChildProcess> {
  const options: DatabaseActorOptions = {
    server: at === 0 ? "primary" : "secondary",
    settings: settingsOf(at),
    role: at === 0 ? { role: "source", epoch: 1, continuous: true } : { role: "target", epoch: 1 },
    port: ports[at],
    peerPort: ports[at === 0 ? 1 : 0],
    stateDirectory: join(folder, String(at)),
  };
  const script = fileURLToPath(new URL("../../support/database-actor.js", import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: "", NODE_NO_WARNINGS: "1" };
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    env,
    stdio: ["pipe", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  return child;
}

/** Rows inserted and the same rows changed, one transaction after the other: how long the slowest took, in ms. */
async function writeUntil(isOver: () => boolean): Promise<{ readonly written: number; readonly slowestMs: number }> {
  const app = await connect(0);
  let written = 0;
  let slowestMs = 0;
  while (!isOver()) {
    const fromMs = performance.now();
    written += 1;
    await app.query(
      `BEGIN; INSERT INTO orders VALUES (${written}, 'x'); UPDATE stock SET n = n + 1 WHERE id = ${(written % 20) + 1}; COMMIT`,
    );
    slowestMs = Math.max(slowestMs, performance.now() - fromMs);
    await sleep(5);
  }
  await app.end();
  return { written, slowestMs };
}

async function rowsOf(at: number): Promise<unknown> {
  const app = await connect(at);
  const { rows } = await app.query(
    "SELECT (SELECT count(*) FROM orders) AS orders, (SELECT sum(n) FROM stock) AS changes",
  );
  await app.end();
  return rows[0];
}

test.each(["source", "target"])(
  "a %s's actor that stands still within a transaction holds up no write of the application",
  async (role) => {
    const random = new SeededRandom(7);
    const actor = actors[role === "source" ? 1 : 0];
    const app = await connect(0);
    await app.query("TRUNCATE orders");
    await app.end();
    const writing = { isOver: false };
    const result = writeUntil(() => writing.isOver);
    const watch = await connect(role === "source" ? 0 : 1);
    for (let stop = 0; stop < stops;) {
      await sleep(random.between(5, 100));
      actor?.kill("SIGSTOP");
      const { rows } = await watch.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'sparesync' AND state LIKE 'idle in transaction%'",
      );
      if (rows.length > 0) {
        await sleep(stopMs);
        stop += 1;
      }
      actor?.kill("SIGCONT");
    }
    await watch.end();
    writing.isOver = true;
    const { written, slowestMs } = await result;
    expect(slowestMs).toBeLessThan(stopMs * 0.8);
    await until(async () => JSON.stringify(await rowsOf(1)) === JSON.stringify(await rowsOf(0)), 60_000);
    expect(await rowsOf(0)).toMatchObject({ orders: String(written) });
  },
  180_000,
);

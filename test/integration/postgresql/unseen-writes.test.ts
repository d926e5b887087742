import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CountedTable } from "../../../actor/core/unseen-writes.js";
import type { DatabaseEngine, RowCounts } from "../../../actor/database/engine.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import { DatabaseItem } from "../../../actor/database/sync-loop.js";
import type { ClockPort } from "../../../shared/core/clock-port.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { createSystemRandom } from "../../../shared/system-random.js";
import { connectApplication, contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";
import { MemoryLink } from "../../support/memory-link.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

let fixture: DatabaseFixture;
let folder: string;
beforeAll(async () => {
  fixture = await startPostgresqlFixture();
  folder = await mkdtemp(path.join(tmpdir(), "unseen-writes-"));
}, 60_000);
afterAll(async () => {
  await fixture.close();
  await rm(folder, { recursive: true });
});

/** A clock that can be put forward; its sleeps are as long as they are. */
function createForwardClock(): ClockPort & { skip(ms: number): void } {
  const system = createSystemClock();
  let skippedMs = 0;
  return {
    monotonicMs: () => system.monotonicMs() + skippedMs,
    wallMs: () => system.wallMs() + skippedMs,
    sleep: (ms, signal) => system.sleep(ms, signal),
    skip: (ms) => {
      skippedMs += ms;
    },
  };
}

type Application = Awaited<ReturnType<typeof connectApplication>>;

/** Row counts as an engine has them whose triggers do not see everything; by statements of an application's session. */
function countsOf(app: Application): RowCounts {
  const count = async (): Promise<readonly CountedTable[]> => {
    const { rows } = await app.query<{ rows: string }>("SELECT count(*) AS rows FROM t");
    return [{ table: "public.t", rows: Number(rows[0]?.rows), pending: 0 }];
  };
  return { estimate: count, count };
}

/** PostgreSQL's triggers see all but a session that passes by them; it stands for a server that has bulk loads past triggers. */
test("a running source looks by itself for rows that no trigger saw, and mends them without being asked", async () => {
  const apps = await Promise.all(fixture.settings.map((settings) => connectApplication(settings)));
  const [source, target] = apps as [Application, Application];
  for (const app of apps) await app.query("CREATE TABLE t(id int PRIMARY KEY)");
  const clock = createForwardClock();
  const log = rememberLog();
  const link = new MemoryLink();
  const random = createSystemRandom();
  const items = fixture.settings.map((settings, at) => {
    const engine = openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => random.id() });
    const counting: DatabaseEngine = { ...engine, rowCounts: countsOf(at === 0 ? source : target) };
    return new DatabaseItem({ settings, engine: counting, link, clock, random, log, stateDirectory: folder });
  });
  const [a, b] = items as [DatabaseItem, DatabaseItem];
  const kinds = ["position", "stage", "apply", "current", "copy-begin", "copy-chunk", "copy-end", "compare", "count"];
  link.handlers = Object.fromEntries(
    kinds.map((kind) => [`database/${kind}`, (message) => b.answer(kind, message)] as const),
  );
  try {
    await source.query("INSERT INTO t SELECT g FROM generate_series(1, 100) g");
    await b.setRole({ role: "target", epoch: 1 });
    await a.setRole({ role: "source", epoch: 1, continuous: true });
    await until(() => link.count("database/count") > 0, 20_000);
    expect(log.events).not.toContain("database-unseen-writes");
    await source.query("BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM t WHERE id > 40; COMMIT");
    await source.query("INSERT INTO t VALUES (1000)");
    await until(async () => (await contentOf(target, "t")).includes("(1000)"));
    expect(await contentOf(target, "t")).toHaveLength(101);
    clock.skip(20_000);
    await until(async () => (await contentOf(target, "t")).length === 41, 20_000);
    expect(await contentOf(target, "t")).toEqual(await contentOf(source, "t"));
    expect(log.lines.filter(({ event }) => event === "database-unseen-writes")).toMatchObject([
      { level: "error", fields: { tables: ["public.t"] } },
    ]);
  } finally {
    await Promise.all(items.map((item) => item.close()));
    await Promise.all(apps.map((app) => app.end()));
  }
}, 90_000);

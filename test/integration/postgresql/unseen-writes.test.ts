import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CountedTable } from "../../../actor/core/unseen-writes.js";
import type { DatabaseEngine, RowCounts } from "../../../actor/database/engine.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import { DatabaseItem } from "../../../actor/database/sync-loop.js";
import type { LinkMessage } from "../../../actor/link/link.js";
import type { ClockPort } from "../../../shared/core/clock-port.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { createSystemRandom } from "../../../shared/system-random.js";
import type { DatabaseSettings } from "../../../shared/core/settings/settings.js";
import { connectApplication, contentOf, emptyDatabase, type DatabaseFixture } from "../../support/database-fixture.js";
import { rememberLog, type LogMemory } from "../../support/log-memory.js";
import { MemoryLink } from "../../support/memory-link.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

let fixture: DatabaseFixture;
let folder: string;
beforeAll(async () => {
  fixture = await startPostgresqlFixture();
  folder = await mkdtemp(path.join(tmpdir(), "unseen-writes-"));
}, 120_000);
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

interface CountingPair {
  readonly a: DatabaseItem;
  readonly apps: readonly [Application, Application];
  readonly clock: ReturnType<typeof createForwardClock>;
  readonly log: LogMemory;
  readonly link: MemoryLink;
  readonly close: () => Promise<void>;
}

const kinds = ["position", "stage", "apply", "current", "copy-begin", "copy-chunk", "copy-end", "compare", "count"];
const signal = new AbortController().signal;

/** A hundred rows on both sides; PostgreSQL, whose triggers see all but what passes by them on purpose, stands for others. */
async function openPair(changes: Partial<DatabaseSettings> = {}): Promise<CountingPair> {
  const [first, second] = fixture.settings;
  const apps = [await connectApplication(first), await connectApplication(second)] as const;
  for (const app of apps) {
    await emptyDatabase(app);
    await app.query("CREATE TABLE t(id int PRIMARY KEY)");
  }
  await apps[0].query("INSERT INTO t SELECT g FROM generate_series(1, 100) g");
  const [clock, log, link, random] = [createForwardClock(), rememberLog(), new MemoryLink(), createSystemRandom()];
  const itemOf = (own: DatabaseSettings, app: Application): DatabaseItem => {
    const settings = { ...own, ...changes };
    const engine = openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => random.id() });
    const counting: DatabaseEngine = { ...engine, rowCounts: countsOf(app) };
    return new DatabaseItem({ settings, engine: counting, link, clock, random, log, stateDirectory: folder });
  };
  const [a, b] = [itemOf(first, apps[0]), itemOf(second, apps[1])];
  const answer = (kind: string) => [`database/${kind}`, (message: LinkMessage) => b.answer(kind, message)] as const;
  link.handlers = Object.fromEntries(kinds.map(answer));
  await b.setRole({ role: "target", epoch: 1 });
  const close = async (): Promise<void> => {
    await Promise.all([a.close(), b.close(), apps[0].end(), apps[1].end()]);
  };
  return { a, apps, clock, log, link, close };
}

function deleteUnseen(app: Application): Promise<unknown> {
  return app.query("BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM t WHERE id > 40; COMMIT");
}

test("a running source looks by itself for rows that no trigger saw, and mends them without being asked", async () => {
  const { a, apps, clock, log, link, close } = await openPair();
  const [source, target] = apps;
  try {
    await a.setRole({ role: "source", epoch: 1, continuous: true });
    await until(() => link.count("database/count") > 0, 20_000);
    expect(log.events).not.toContain("database-unseen-writes");
    await deleteUnseen(source);
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
    await close();
  }
}, 120_000);

test.each([
  { repairDifferences: true, name: "are mended before the last point is done" },
  {
    repairDifferences: false,
    name: "stop the switch where they are not to be mended by itself, and the table is named",
  },
])(
  "rows that no trigger saw just before a planned switch $name",
  async ({ repairDifferences }) => {
    const { a, apps, close } = await openPair({ repairDifferences });
    const [source, target] = apps;
    try {
      await a.setRole({ role: "source", epoch: 1, continuous: false });
      await a.synchronise(signal);
      await a.closeSource(signal);
      expect(await a.drain(signal)).toMatchObject({ changesSent: 0 });
      await a.openSource(signal);
      await deleteUnseen(source);
      await source.query("INSERT INTO t VALUES (1000)");
      await a.closeSource(signal);
      if (repairDifferences) {
        await a.drain(signal);
        expect(await contentOf(target, "t")).toEqual(await contentOf(source, "t"));
      } else {
        await expect(a.drain(signal)).rejects.toMatchObject({
          code: "DATABASE_FAILED",
          message: expect.stringContaining("public.t has rows that no trigger saw"),
        });
        expect(await contentOf(target, "t")).toHaveLength(101);
      }
    } finally {
      await close();
    }
  },
  90_000,
);

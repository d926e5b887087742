import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { restoreBackup } from "../../actor/database/backup-files.js";
import { createDatabaseSync } from "../../actor/database/create-database-sync.js";
import { installScripts } from "../../actor/database/install-scripts.js";
import { openEngine } from "../../actor/database/open-engine.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { createSystemRandom } from "../../shared/system-random.js";
import { connectApplication, contentOf, type DatabaseFixture } from "../support/database-fixture.js";
import { DatabasePair } from "../support/database-pair.js";
import { freePort } from "../support/free-port.js";
import { rememberLog } from "../support/log-memory.js";
import type { LinkFault } from "../support/memory-link.js";
import { until } from "../support/until.js";

const table = "CREATE TABLE t(id int PRIMARY KEY, v text)";
const same = (target: string[], source: string[]): void => {
  expect(target).toEqual(source);
};

/** What the SyncPart "database" must do with two databases, on whatever server. */
export function describeDatabaseSync(start: () => Promise<DatabaseFixture>): void {
  const signal = new AbortController().signal;
  let fixture: DatabaseFixture;
  let pair: DatabasePair;

  beforeAll(async () => {
    fixture = await start();
  }, 120_000);
  afterAll(async () => {
    await fixture.close();
  });
  beforeEach(async () => {
    pair = await DatabasePair.open(fixture);
  });
  afterEach(async () => {
    await pair.close();
  });

  test("fills an empty target, then sends what changes, and says how far it is", async () => {
    await pair.both(`${table}; CREATE TABLE u(a int, b text, PRIMARY KEY (b, a))`);
    await pair.apps.a.query(
      "INSERT INTO t SELECT g, 'x' || g FROM generate_series(1, 9000) g; INSERT INTO u VALUES (1, 'z')",
    );
    await pair.startRoles();
    expect(pair.parts.b.status()[0]).toMatchObject({ isComplete: false, health: "ok" });
    await pair.parts.a.synchronise(signal);
    expect(pair.parts.a.status()[0]).toMatchObject({ isComplete: true, health: "ok" });
    await pair.expectSame(same, "t", "u");
    expect(pair.parts.b.status()[0]).toMatchObject({ isComplete: true, isReinitialising: false, health: "ok" });
    const beforeMs = Date.now();
    await pair.apps.a.query("UPDATE t SET v = 'y' WHERE id % 3 = 0; DELETE FROM t WHERE id % 5 = 0; TRUNCATE u");
    const sent = await pair.parts.a.synchronise(signal);
    expect(sent.changesSent).toBeGreaterThan(4000);
    await pair.expectSame(same, "t", "u");
    expect(pair.parts.a.status()[0]?.completeUpToMs).toBeGreaterThanOrEqual(beforeMs);
    expect(pair.parts.b.status()[0]?.completeUpToMs).toBeGreaterThanOrEqual(beforeMs);
    expect(pair.parts.a.status()[0]).toMatchObject({ pendingChanges: 0, oldestPendingAtMs: 0 });
  });

  test("says during a copy in which table it is and how much of all rows is there, by the size of the tables", async () => {
    await pair.both(`CREATE TABLE a(id int PRIMARY KEY); CREATE TABLE b(id int PRIMARY KEY, v text)`);
    await pair.apps.a.query(
      "INSERT INTO a VALUES (1); INSERT INTO b SELECT g, repeat('x', 1000) FROM generate_series(1, 9000) g",
    );
    await pair.apps.a.query("ANALYZE a; ANALYZE b");
    await pair.startRoles();
    const seen: { ratio: number; table: string | undefined; isOneOfTwo: boolean }[] = [];
    pair.links.a.faultOf = (kind) => {
      const { progressRatio = 0, transfer } = pair.parts.a.status()[0] ?? {};
      const isOneOfTwo = transfer?.doneFiles === 1 && transfer.totalFiles === 2;
      if (kind === "database/copy-chunk") seen.push({ ratio: progressRatio, table: transfer?.table, isOneOfTwo });
      return "none";
    };
    await pair.parts.a.synchronise(signal);
    const [first, ...later] = seen;
    expect(first).toEqual({ ratio: 0, table: "public.a", isOneOfTwo: false });
    expect(later.filter(({ table, isOneOfTwo }) => table === "public.b" && isOneOfTwo)).toEqual(later);
    // By the number of tables all of them would be at a half.
    expect(later.at(0)?.ratio).toBeLessThan(0.1);
    expect(Math.max(...later.map(({ ratio }) => ratio))).toBeGreaterThan(0.1);
    expect(pair.parts.a.status()[0]).toMatchObject({ isComplete: true, progressRatio: 1 });
    expect(pair.parts.a.status()[0]).not.toHaveProperty("transfer");
  });

  test("sends by itself when it is continuous, and the target hears that it is up to date", async () => {
    await pair.both(table);
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
    await pair.apps.a.query("INSERT INTO t VALUES (1, 'a')");
    await until(async () => (await contentOf(pair.apps.b, "t")).length === 1);
    const writtenAtMs = Date.now();
    await until(() => (pair.parts.b.status()[0]?.completeUpToMs ?? 0) > writtenAtMs);
    // What `sparesync check` compares, asked once and not with each point.
    expect(pair.links.a.count("database/room")).toBe(1);
    pair.links.a.faultOf = () => "lost";
    await pair.apps.a.query("INSERT INTO t VALUES (2, 'b')");
    await until(() => pair.parts.a.status().some((one) => one.pendingChanges === 1 && one.health === "warning"));
    pair.links.a.faultOf = () => "none";
    await until(async () => (await contentOf(pair.apps.b, "t")).length === 2);
    await until(() => pair.parts.a.status()[0]?.health === "ok");
  });

  test("converges when either side dies before or after any message, or one comes twice", async () => {
    await pair.both(`${table}; CREATE TABLE u(id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE)`);
    await pair.apps.a.query(
      "INSERT INTO t SELECT g, 'x' FROM generate_series(1, 30) g; INSERT INTO u SELECT g, g FROM generate_series(1, 30) g",
    );
    await pair.startRoles();
    let round = 0;
    for (const fault of ["lost", "unanswered", "doubled"] as const) {
      for (const dying of ["a", "b"] as const) {
        for (let at = 0, isOver = false; !isOver; at += 1) {
          isOver = true;
          round += 1;
          let count = 0;
          const crash = (): LinkFault => {
            if (count++ !== at) return "none";
            isOver = false;
            return fault;
          };
          pair.links.a.faultOf = crash;
          await pair.apps.a.query(`UPDATE t SET v = 'r${String(round)}' WHERE id % 7 = ${String(round % 7)}`);
          await pair.apps.a.query(
            `UPDATE t SET id = ${String(1000 + round)} WHERE id = (SELECT max(id) FROM t WHERE id NOT IN (SELECT t FROM u))`,
          );
          await pair.apps.a.query(`INSERT INTO t VALUES (${String(5000 + round)}, 'new')`);
          await pair.parts.a.synchronise(signal).catch(() => undefined);
          pair.kill(dying);
          await pair.parts[dying].setRole(
            dying === "a" ? { role: "source", epoch: 1, continuous: false } : { role: "target", epoch: 1 },
          );
          pair.links.a.faultOf = () => "none";
          await pair.parts.a.synchronise(signal).catch(() => pair.parts.a.synchronise(signal));
          await pair.expectSame(same, "t", "u");
        }
      }
    }
    expect(round).toBeGreaterThanOrEqual(12);
  }, 240_000);

  test("continues a copy that was cut off at any message", async () => {
    await pair.close();
    pair = await DatabasePair.open(fixture, { batchRows: 10 });
    await pair.both(`${table}; CREATE TABLE u(id int PRIMARY KEY)`);
    await pair.apps.a.query(
      "INSERT INTO t SELECT g, 'x' FROM generate_series(1, 25) g; INSERT INTO u SELECT generate_series(1, 25)",
    );
    await pair.startRoles();
    for (let round = 0; ; round += 1) {
      let count = 0;
      const fault: LinkFault = round % 2 === 0 ? "lost" : "unanswered";
      pair.links.a.faultOf = (kind) => (kind === "database/copy-chunk" && ++count === 2 ? fault : "none");
      await pair.apps.a.query(
        `UPDATE t SET id = id + 100 WHERE id = ${String(round + 1)}; UPDATE u SET id = -id WHERE id = ${String(20 - round)}`,
      );
      const isDone = await pair.parts.a.synchronise(signal).then(
        () => true,
        () => false,
      );
      if (isDone) break;
      expect(pair.parts.b.status()[0]).toMatchObject({ isComplete: false, isReinitialising: true });
      pair.kill("a");
      await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
      expect(round).toBeLessThan(15);
    }
    await pair.expectSame(same, "t", "u");
    expect(pair.parts.b.status()[0]).toMatchObject({ isComplete: true });
  }, 120_000);

  test("closes the source durably: a new actor finds it closed, and only then is drained", async () => {
    await pair.both(table);
    await pair.startRoles();
    await expect(pair.parts.a.drain(signal)).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
    await pair.apps.a.query("INSERT INTO t VALUES (1, 'last')");
    await pair.parts.a.closeSource(signal);
    pair.kill("a");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    expect(await pair.parts.a.isSourceClosed(signal)).toBe(true);
    await pair.parts.a.drain(signal);
    await pair.expectSame(same, "t");
    await pair.parts.a.openSource(signal);
    expect(await pair.parts.a.isSourceClosed(signal)).toBe(false);
    await pair.apps.a.query("INSERT INTO t VALUES (2, 'open')");
  });

  test("refuses what an older epoch sends, and what comes without a target", async () => {
    await pair.both(table);
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.parts.b.raiseEpoch(2, signal);
    await pair.apps.a.query("INSERT INTO t VALUES (1, 'late')");
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ cause: { code: "EPOCH_TOO_OLD" } });
    expect(await contentOf(pair.apps.b, "t")).toEqual([]);
    await pair.parts.b.setRole({ role: "idle", epoch: 2 });
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ cause: { code: "OPERATION_REFUSED" } });
  });

  test("an incomplete copy is not promoted", async () => {
    await pair.both(table);
    await pair.apps.a.query("INSERT INTO t VALUES (1, 'a')");
    await pair.startRoles();
    pair.links.a.faultOf = (kind) => (kind === "database/copy-end" ? "lost" : "none");
    await expect(pair.parts.a.synchronise(signal)).rejects.toThrow();
    await expect(pair.parts.b.promote(2, signal)).rejects.toMatchObject({ code: "REINITIALISATION_REQUIRED" });
    expect(pair.parts.b.status()[0]?.isComplete).toBe(false);
    expect(await pair.parts.b.isPromoted(signal)).toBe(false);
  });

  test("names a table that is missing or cannot be synchronised, as fatal", async () => {
    await pair.both(table);
    await pair.apps.a.query("CREATE TABLE extra(id int PRIMARY KEY)");
    await pair.startRoles();
    await expect(pair.parts.a.synchronise(signal)).rejects.toThrow(/public\.extra is missing on the target/);
    await pair.apps.a.query("CREATE UNLOGGED TABLE light(id int PRIMARY KEY)");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
    expect(pair.parts.a.status()[0]).toMatchObject({ health: "fatal" });
    expect(pair.parts.a.status()[0]?.because).toMatch(/public\.light/);
    await pair.apps.a.query("DROP TABLE light; DROP TABLE extra");
    await until(() => /public\.extra is gone/.test(pair.parts.a.status()[0]?.because ?? ""));
    const [settings] = fixture.settings;
    const engine = openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => "mark" });
    await engine.probe(signal);
    await installScripts(engine, signal);
    await engine.close();
    await until(() => pair.parts.a.status()[0]?.health === "ok");
  });

  test("a database that does not answer is a warning, without its password", async () => {
    const [alive] = fixture.settings;
    const address = { host: "127.0.0.1", port: await freePort() };
    const part = createDatabaseSync({
      databases: [{ ...alive, address, passwordFile: "/secret" }],
      readSecret: () => Promise.resolve("hunter2"),
      stateDirectory: pair.folders.a,
      link: pair.links.a,
      clock: createSystemClock(),
      log: rememberLog(),
      random: createSystemRandom(),
    });
    for (const role of ["source", "target"] as const) {
      await part.setRole({ role, epoch: 1, continuous: true });
      expect(part.status()[0]).toMatchObject({ health: "warning", isComplete: false });
    }
    await expect(part.promote(2, signal)).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
    expect(JSON.stringify([part.status(), part.details()])).not.toContain("hunter2");
    await part.close();
  });

  test("backs the target up so that it can be restored, after which it is copied anew", async () => {
    await pair.both("CREATE TABLE t(id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text, w bytea)");
    await pair.apps.a.query(
      "INSERT INTO t(v, w) VALUES (E'a\\tb\\nc\\r\\\\N', '\\x00'), (E'\\u2028', NULL), (NULL, ''), ('\\N', NULL)",
    );
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    const before = await contentOf(pair.apps.b, "t");
    const folder = await pair.parts.b.backUp("before failback", signal);
    expect(folder).toContain("before-failback");
    expect(JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"))).toMatchObject({ database: "shop" });
    await pair.apps.a.query("DELETE FROM t");
    await pair.parts.a.synchronise(signal);
    const [, settings] = fixture.settings;
    const engine = openEngine({
      settings,
      readSecret: () => Promise.resolve(""),
      newId: () => createSystemRandom().id(),
    });
    await engine.install((await engine.readCatalogue(signal)).tables, signal);
    await restoreBackup(engine, folder, signal);
    await engine.close();
    expect(await contentOf(pair.apps.b, "t")).toEqual(before);
    pair.kill("a");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t");
  });

  test("a journal that fills up during a copy is given up at its limit, and then the copy begins again", async () => {
    await pair.both(table);
    pair.settings.a = { ...pair.settings.a, journalLimitBytes: 65_536 };
    pair.kill("a");
    await pair.apps.a.query("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 100) g");
    await pair.startRoles();
    let isHeld = true;
    pair.links.a.faultOf = async (kind): Promise<LinkFault> => {
      if (kind === "database/copy-chunk") await until(() => !isHeld, 40_000);
      return "none";
    };
    const sent = pair.parts.a.synchronise(signal).catch((error: unknown) => error);
    await until(() => pair.parts.a.status()[0]?.isReinitialising === true);
    await pair.apps.a.query("INSERT INTO t SELECT g, 'meanwhile' FROM generate_series(101, 3000) g");
    await until(() => pair.logs.a.events.includes("database-journal-given-up"), 40_000);
    expect(await sent).toMatchObject({ code: "REINITIALISATION_REQUIRED" });
    isHeld = false;
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t");
  }, 120_000);

  test("an empty journal is not full, whatever room it takes until it is vacuumed", async () => {
    await pair.both(table);
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query("ALTER TABLE sparesync.j_1 SET (autovacuum_enabled = off)");
    await pair.apps.a.query("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 3000) g");
    await pair.parts.a.synchronise(signal);
    const { rows } = await pair.apps.a.query<{ bytes: string }>("SELECT pg_relation_size('sparesync.j_1') AS bytes");
    expect(Number(rows[0]?.bytes)).toBeGreaterThan(65_536);
    pair.settings.a = { ...pair.settings.a, journalLimitBytes: 65_536 };
    pair.kill("a");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await pair.apps.a.query("INSERT INTO t VALUES (0, 'one')");
    pair.links.a.faultOf = () => "lost";
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    expect(pair.logs.a.events).not.toContain("database-journal-given-up");
    pair.links.a.faultOf = () => "none";
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t");
  });

  test("loses nothing of concurrent writers, from the first copy to the last point", async () => {
    if (!fixture.isConcurrent) {
      console.log("not applicable");
      return;
    }
    await pair.both("CREATE TABLE t(id int PRIMARY KEY, v int, u int UNIQUE)");
    await pair.apps.a.query("INSERT INTO t SELECT g, 0, g FROM generate_series(1, 3000) g");
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
    const [settings] = fixture.settings;
    let isOver = false;
    let refusals = 0;
    const write = async (seed: number): Promise<void> => {
      const client = await connectApplication(settings);
      for (let n = seed; !isOver; n += 4) {
        const id = String((n * 7919) % 3000);
        const work = [
          `UPDATE t SET v = v + 1 WHERE id = ${id}`,
          `UPDATE t SET id = -id WHERE id = ${id} AND NOT EXISTS (SELECT FROM t WHERE id = -${id})`,
          `DELETE FROM t WHERE id = ${id} + 1`,
          `INSERT INTO t VALUES (${String(10_000 + n)}, 0, ${String(10_000 + n)})`,
        ];
        const end = n % 5 === 0 ? "ROLLBACK" : "COMMIT";
        await client
          .query(`BEGIN; ${work[n % 4] ?? ""}; SELECT pg_sleep(0.00${String(n % 9)}); ${end}`)
          .catch(async () => {
            refusals += 1;
            await client.query("ROLLBACK").catch(() => undefined);
          });
      }
      await client.end();
    };
    const writers = [1, 2, 3, 4].map(write);
    try {
      await pair.parts.a.synchronise(signal);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await pair.parts.a.closeSource(signal);
      await pair.parts.a.drain(signal);
    } finally {
      isOver = true;
      await Promise.all(writers);
    }
    await pair.expectSame(same, "t");
    expect(refusals).toBeGreaterThan(0);
  }, 120_000);
}

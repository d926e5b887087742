import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type pg from "pg";
import type { DatabaseEngine, PointToken } from "../../actor/database/engine.js";
import { installScripts } from "../../actor/database/install-scripts.js";
import { openEngine } from "../../actor/database/open-engine.js";
import type { JournalBatch } from "../../actor/core/journal-wire.js";
import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import { createSystemRandom } from "../../shared/system-random.js";
import { connectApplication, contentOf, emptyDatabase, type DatabaseFixture } from "../support/database-fixture.js";
import { iterate, keepIn, keysIn } from "../support/batches.js";
import { oddTable } from "../support/odd-table.js";

/** What every DatabaseEngine must do, on whatever server. */
export function describeEngine(start: () => Promise<DatabaseFixture>): void {
  const signal = new AbortController().signal;
  const limits = { batchRows: 100, batchBytes: 65536 };
  let fixture: DatabaseFixture;
  let source: DatabaseEngine;
  let target: DatabaseEngine;
  let onSource: pg.Client;
  let onTarget: pg.Client;

  beforeAll(async () => {
    fixture = await start();
    const [a, b] = fixture.settings;
    const options = { readSecret: () => Promise.resolve(""), newId: () => createSystemRandom().id() };
    source = openEngine({ ...options, settings: a });
    target = openEngine({ ...options, settings: b });
    onSource = await connectApplication(a);
    onTarget = await connectApplication(b);
  }, 120_000);

  afterAll(async () => {
    await source.close();
    await target.close();
    await onSource.end();
    await onTarget.end();
    await fixture.close();
  });

  beforeEach(async () => {
    await emptyDatabase(onSource);
    await emptyDatabase(onTarget);
  });

  /** Runs DDL on both sides and installs both. */
  async function bothHave(ddl: string): Promise<void> {
    for (const [client, engine] of [[onSource, source] as const, [onTarget, target] as const]) {
      await client.query(ddl);
      await engine.install((await engine.readCatalogue(signal)).tables, signal);
    }
    await target.closeGate("standby", 1, signal);
    const { history } = await source.readState(signal);
    const marks = await beginCopy(history).then(() => source.readMarks(signal));
    let { chunksRead } = await source.readState(signal);
    for (const table of (await source.readCatalogue(signal)).tables) {
      for (let number = 1, lastKey: readonly (string | null)[] | undefined, isDone = false; !isDone; number += 1) {
        const chunk = await source.readCopyChunk(table, { after: lastKey, chunksRead }, limits, signal);
        const mark = marks.own[`public.${table.name}`] ?? "";
        const numbered = { mark, number, chunksRead: ++chunksRead, afterKey: lastKey, ...chunk };
        ({ lastKey, isDone } = await target.applyCopyChunk({ epoch: 1, history }, numbered, signal));
      }
    }
    await target.endCopy({ epoch: 1, history }, signal);
  }

  async function beginCopy(history: string) {
    const { own } = await source.readMarks(signal);
    return target.beginCopy({ history, epoch: 1, marks: own, tables: undefined }, signal);
  }

  async function readNext(): Promise<{ token: PointToken; batches: JournalBatch[] }> {
    const batches: JournalBatch[] = [];
    const state = await target.readState(signal);
    const header = { point: (state.applied?.point ?? 0) + 1, attempt: createSystemRandom().id() };
    const read = await source.readPoint({ ...header, checks: [], isSentEmpty: true }, limits, keepIn(batches), signal);
    return { token: read?.token ?? { ...header, snapshot: "" }, batches };
  }

  async function apply({ token, batches }: { token: PointToken; batches: JournalBatch[] }, epoch = 1) {
    const { history } = await source.readState(signal);
    const point = { epoch, history, point: token.point, attempt: token.attempt, completeUpToMs: 1, ranges: () => [] };
    return (await target.applyPoint({ ...point, batches: () => iterate(batches) }, signal)).outcome;
  }

  async function ship(): Promise<void> {
    const read = await readNext();
    expect(await apply(read)).toBe("applied");
    await source.trim(read.token, signal);
  }

  async function expectSame(...tables: string[]): Promise<void> {
    for (const table of tables) expect(await contentOf(onTarget, table)).toEqual(await contentOf(onSource, table));
  }

  describe("capture and apply", () => {
    test("carries inserts, updates, deletes and key changes over and empties the journal", async () => {
      await onSource.query("CREATE TABLE t(id int PRIMARY KEY, v text); INSERT INTO t VALUES (0,'old')");
      await onSource.query("DROP TABLE t");
      await bothHave("CREATE TABLE t(id int PRIMARY KEY, v text)");
      await onSource.query("INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 500) g");
      await ship();
      await expectSame("t");
      await onSource.query("UPDATE t SET v = 'new' WHERE id < 10; DELETE FROM t WHERE id > 490");
      await onSource.query("UPDATE t SET id = id + 1000 WHERE id BETWEEN 20 AND 30");
      await ship();
      await expectSame("t");
      expect(await source.countPending(10, signal)).toBe(0);
    });

    test("copies what was there before the triggers", async () => {
      await onSource.query('CREATE TABLE t(a int, b text COLLATE "C", v text, PRIMARY KEY (b, a))');
      await onSource.query("INSERT INTO t SELECT g, md5(g::text), NULL FROM generate_series(1, 350) g");
      await onTarget.query('CREATE TABLE t(v text, b text COLLATE "C", a int, PRIMARY KEY (b, a))');
      await bothHave("CREATE TABLE other(id int PRIMARY KEY)");
      await ship();
      const { rows } = await onTarget.query<{ n: string }>("SELECT count(*) AS n FROM t");
      expect(rows[0]?.n).toBe("350");
    });

    test.each([
      ["key swap", "UPDATE t SET id = CASE id WHEN 1 THEN 2 ELSE 1 END WHERE id IN (1, 2)"],
      ["unique swap", "UPDATE t SET u = CASE id WHEN 1 THEN 'b' ELSE 'a' END WHERE id IN (1, 2)"],
      ["chain of keys", "UPDATE t SET id = id + 1"],
      ["delete and insert of the same key", "DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (1, 'a')"],
      ["unique value moves to a new row", "DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (9, 'c')"],
    ])("applies a %s", async (_, change) => {
      await bothHave("CREATE TABLE t(id int PRIMARY KEY DEFERRABLE INITIALLY IMMEDIATE, u text UNIQUE DEFERRABLE)");
      await onSource.query("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
      await ship();
      await onSource.query(change);
      await ship();
      await expectSame("t");
    });

    test("applies children, parents, rows that point to themselves and circles in any order", async () => {
      await bothHave(`CREATE TABLE parent(id int PRIMARY KEY, favourite int);
        CREATE TABLE child(id int PRIMARY KEY, parent int NOT NULL REFERENCES parent ON DELETE CASCADE,
          next int REFERENCES child DEFERRABLE INITIALLY DEFERRED);
        ALTER TABLE parent ADD FOREIGN KEY (favourite) REFERENCES child DEFERRABLE INITIALLY DEFERRED`);
      await onSource.query(
        "BEGIN; INSERT INTO parent VALUES (1, 10); INSERT INTO child VALUES (10, 1, 11), (11, 1, 10); COMMIT",
      );
      await ship();
      await expectSame("parent", "child");
      await onSource.query(
        "BEGIN; UPDATE parent SET favourite = NULL; INSERT INTO parent VALUES (2); UPDATE child SET parent = 2; DELETE FROM parent WHERE id = 1; COMMIT",
      );
      await ship();
      await onSource.query("DELETE FROM parent");
      await ship();
      await expectSame("parent", "child");
    });

    test("carries a truncation and what was inserted after it", async () => {
      await bothHave("CREATE TABLE t(id int PRIMARY KEY); CREATE TABLE u(id int PRIMARY KEY, t int REFERENCES t)");
      await onSource.query("INSERT INTO t SELECT generate_series(1, 5); INSERT INTO u VALUES (1, 1)");
      await ship();
      await onSource.query("INSERT INTO t VALUES (6); TRUNCATE t CASCADE; INSERT INTO t VALUES (3), (7)");
      await ship();
      await expectSame("t", "u");
      expect(await contentOf(onTarget, "t")).toEqual(["(3)", "(7)"]);
    });

    test("keeps every type and odd name exactly", async () => {
      await bothHave(oddTable.ddl);
      await onSource.query(`INSERT INTO "Tä""b le"(${oddTable.columns}) VALUES ${oddTable.rows}`);
      await ship();
      await expectSame(`"Tä""b le"`);
      await onSource.query(`UPDATE "Tä""b le" SET "select" = 'changed'; DELETE FROM "Tä""b le" WHERE "Key ""x" = ''`);
      await onSource.query(`UPDATE "Tä""b le" SET "Key ""x" = 'K3' WHERE "Key ""x" = 'k1'`);
      await ship();
      await expectSame(`"Tä""b le"`);
      await onSource.query(`TRUNCATE "Tä""b le"`);
      await ship();
      await expectSame(`"Tä""b le"`);
    });

    test("sees equal keys of different text as the row they are", async () => {
      await bothHave("CREATE TABLE t(id numeric PRIMARY KEY, v int)");
      await onSource.query("INSERT INTO t VALUES (1.0, 1)");
      await ship();
      await onSource.query("UPDATE t SET id = 1.000");
      await ship();
      await expectSame("t");
    });

    test("cuts a point into batches by rows and by bytes", async () => {
      await bothHave("CREATE TABLE t(id int PRIMARY KEY, v text)");
      await onSource.query("INSERT INTO t SELECT g, repeat('x', 4000) FROM generate_series(1, 300) g");
      const read = await readNext();
      const rows = read.batches.filter((batch) => batch.kind === "rows");
      expect(Math.max(...rows.map((batch) => batch.rows))).toBeLessThanOrEqual(100);
      expect(rows.slice(2).every((batch) => batch.text.length < 90_000)).toBe(true);
      await apply(read);
      await expectSame("t");
    });

    test("leaves lastval() and the row counts of the application alone", async () => {
      await bothHave("CREATE TABLE t(id serial PRIMARY KEY, v int)");
      await onSource.query("INSERT INTO t(v) SELECT generate_series(1, 41)");
      const insert = await onSource.query("INSERT INTO t(v) VALUES (1), (2)");
      expect(insert.rowCount).toBe(2);
      expect((await onSource.query<{ v: string }>("SELECT lastval()::text AS v")).rows[0]?.v).toBe("43");
    });
  });

  describe("exactly once", () => {
    test("applies a point once, however often it is delivered, and refuses numbers that do not follow", async () => {
      await bothHave("CREATE TABLE t(id int PRIMARY KEY, v int)");
      await onSource.query("INSERT INTO t VALUES (1, 1)");
      const read = await readNext();
      expect(await apply(read)).toBe("applied");
      expect(await apply(read)).toBe("already-applied");
      const other = { ...read, token: { ...read.token, attempt: "another" } };
      await expect(apply(other)).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
      const far = { ...read, token: { ...read.token, point: 9, attempt: "far" } };
      await expect(apply(far)).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
    });

    test("trims exactly what the snapshot saw", async () => {
      await bothHave("CREATE TABLE t(id int PRIMARY KEY)");
      await onSource.query("INSERT INTO t VALUES (1)");
      const read = await readNext();
      await onSource.query("INSERT INTO t VALUES (2)");
      await apply(read);
      await source.trim(read.token, signal);
      expect(await source.countPending(10, signal)).toBe(1);
      await ship();
      await expectSame("t");
    });

    test("leaves position and rows as they were when a row cannot be written, and names the table", async () => {
      await bothHave("CREATE TABLE t(id int PRIMARY KEY, v int)");
      await onTarget.query("ALTER TABLE t ADD CHECK (v < 100)");
      await onSource.query("INSERT INTO t VALUES (1, 1), (2, 500)");
      const before = await target.readState(signal);
      const failed = await apply(await readNext()).catch((error: unknown) => error);
      expect(errorCode(failed)).toBe("DATABASE_VALUE_REFUSED");
      expect(errorMessage(failed)).toContain("public.t");
      expect(await target.readState(signal)).toEqual(before);
      expect(await contentOf(onTarget, "t")).toEqual([]);
    });

    test("refuses an older epoch inside the applying transaction", async () => {
      await bothHave("CREATE TABLE t(id int PRIMARY KEY)");
      await onSource.query("INSERT INTO t VALUES (1)");
      const read = await readNext();
      await target.raiseEpoch(7, signal);
      await expect(apply(read, 6)).rejects.toMatchObject({ code: "EPOCH_TOO_OLD" });
      expect(await contentOf(onTarget, "t")).toEqual([]);
      expect(await apply(read, 7)).toBe("applied");
    });

    test("writes a copied chunk once and answers where the table is", async () => {
      await bothHave("CREATE TABLE t(id int PRIMARY KEY)");
      await source.startNewHistory(signal);
      const { history } = await source.readState(signal);
      await onSource.query("INSERT INTO t SELECT generate_series(1, 150)");
      const { own } = await beginCopy(history).then(() => source.readMarks(signal));
      const [table] = (await source.readCatalogue(signal)).tables;
      const { chunksRead } = await source.readState(signal);
      const place = { after: undefined, chunksRead };
      const chunk = await source.readCopyChunk(table!, place, limits, signal);
      // Read as if nothing had been: a source that was restored, or another actor.
      const again = await source.readCopyChunk(table!, place, limits, signal).catch(errorCode);
      expect([again, (await source.readState(signal)).chunksRead]).toEqual(["DATABASE_BUSY", chunksRead + 1]);
      const write = (number: number, afterKey?: readonly string[], mark = own["public.t"] ?? "") =>
        target.applyCopyChunk({ epoch: 1, history }, { mark, number, chunksRead: 9, afterKey, ...chunk }, signal);
      // Of an earlier copy, come late; delivered twice; and of rows that begin behind another key than the last one written.
      expect(await write(1, undefined, "earlier")).toMatchObject({ chunk: 0, rows: 0 });
      const first = await write(1);
      expect([await write(1), await write(2, ["7"])]).toEqual([first, first]);
      expect(await beginCopy(history)).toEqual([first]);
      expect((await target.readState(signal)).newestChunk).toBe(9);
      await expect(target.endCopy({ epoch: 1, history }, signal)).rejects.toThrow(/public\.t is not copied/);
      await expect(target.promote(2, "h", [], signal)).rejects.toMatchObject({ code: "REINITIALISATION_REQUIRED" });
    });
  });

  describe("concurrency", () => {
    test("loses nothing of a transaction that began first and commits last", async () => {
      if (!fixture.isConcurrent) {
        console.log("not applicable");
        return;
      }
      await bothHave("CREATE TABLE t(id int PRIMARY KEY, v int)");
      await onSource.query("INSERT INTO t SELECT g, 0 FROM generate_series(1, 20) g");
      await ship();
      const late = await connectApplication(fixture.settings[0]);
      await late.query("BEGIN; UPDATE t SET v = 1 WHERE id = 1");
      await onSource.query("UPDATE t SET v = 2 WHERE id = 2");
      const read = await readNext();
      expect(keysIn(read.batches)).toEqual(["2"]);
      await late.query("COMMIT");
      await apply(read);
      await source.trim(read.token, signal);
      expect(await source.countPending(10, signal)).toBe(1);
      await ship();
      await expectSame("t");
      await late.end();
    });

    test("ends a writer that stands in the way of the closed gate; none is left and none gets in", async () => {
      if (!fixture.isConcurrent) {
        console.log("not applicable");
        return;
      }
      await bothHave("CREATE TABLE t(id int PRIMARY KEY)");
      const writer = await connectApplication(fixture.settings[0]);
      const old = await connectApplication(fixture.settings[0]);
      await writer.query("BEGIN; INSERT INTO t VALUES (1)");
      await old.query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t");
      await source.closeGate("closed", 0, signal);
      expect(await source.isGateClosed(signal)).toBe(true);
      await expect(writer.query("COMMIT")).rejects.toThrow();
      // A snapshot from before the closing must not let its transaction write.
      await expect(old.query("INSERT INTO t VALUES (2)")).rejects.toThrow(/SpareSync/);
      expect(await contentOf(onSource, "t")).toEqual([]);
      await old.end();
      await writer.end().catch(() => undefined);
    }, 120_000);

    test("names a prepared transaction that keeps the gate open", async () => {
      if (!fixture.isConcurrent) {
        console.log("not applicable");
        return;
      }
      await bothHave("CREATE TABLE t(id int PRIMARY KEY)");
      await onSource.query("BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'half-done'");
      const failed = await source.closeGate("closed", 0, signal).catch((error: unknown) => error);
      await onSource.query("ROLLBACK PREPARED 'half-done'");
      expect(errorMessage(failed)).toContain("half-done");
    }, 120_000);
  });

  describe("write gate", () => {
    test("refuses every kind of write on a target with a clear message, and lets points in", async () => {
      await bothHave("CREATE TABLE t(id int PRIMARY KEY, v int)");
      await onSource.query("INSERT INTO t VALUES (1, 1)");
      await ship();
      for (const write of ["INSERT INTO t VALUES (2)", "UPDATE t SET v = 2", "DELETE FROM t", "TRUNCATE t"]) {
        await expect(onTarget.query(write)).rejects.toThrow(/SpareSync: this is the standby/);
      }
      await expectSame("t");
      await expect(target.openGate(signal)).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
      await expect(target.closeGate("closed", 0, signal)).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
    });

    test("closes and opens a source, again and again, and another engine sees it", async () => {
      await bothHave("CREATE TABLE t(id int PRIMARY KEY)");
      for (let round = 0; round < 2; round += 1) {
        expect(await source.isGateClosed(signal)).toBe(false);
        await source.closeGate("closed", 0, signal);
        await source.closeGate("closed", 0, signal);
        await expect(onSource.query("INSERT INTO t VALUES (1)")).rejects.toThrow(/SpareSync/);
        expect((await source.readState(signal)).mode).toBe("closed");
        await source.openGate(signal);
        await source.openGate(signal);
        await onSource.query("INSERT INTO t VALUES (1); DELETE FROM t");
      }
    });
  });

  describe("promotion", () => {
    test("makes a target writable, journalled and free of collisions of its sequences", async () => {
      await bothHave(`CREATE TABLE a(id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int);
        CREATE TABLE b(id serial PRIMARY KEY, v int); CREATE SEQUENCE free;
        CREATE TABLE down(id int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1) PRIMARY KEY, v int)`);
      await onSource.query("INSERT INTO a(v) SELECT 1 FROM generate_series(1, 7); INSERT INTO b(v) VALUES (1), (2)");
      await onSource.query(
        "INSERT INTO b VALUES (100, 3); INSERT INTO down(v) VALUES (1), (1); SELECT nextval('free'), nextval('free')",
      );
      await ship();
      await target.promote(2, "new-history", [{ table: "public.a", keys: [["3"]] }], signal);
      await target.promote(2, "other-history", [], signal);
      const state = await target.readState(signal);
      expect(state).toMatchObject({ mode: "open", history: "new-history", promotedEpoch: 2, epoch: 2 });
      expect(state.parent.history).toBe((await source.readState(signal)).history);
      await onTarget.query("INSERT INTO a(v) VALUES (9); INSERT INTO b(v) VALUES (9); INSERT INTO down(v) VALUES (9)");
      expect(await contentOf(onTarget, "a")).toContain("(8,9)");
      expect(await contentOf(onTarget, "b")).toContain("(101,9)");
      expect(await contentOf(onTarget, "down")).toContain("(-3,9)");
      expect((await onTarget.query<{ v: string }>("SELECT nextval('free')::text AS v")).rows[0]?.v).toBe("3");
      // The discarded key and the three new rows.
      expect(await target.countPending(10, signal)).toBe(4);
      await expect(apply(await readNext())).rejects.toMatchObject({ code: "EPOCH_TOO_OLD" });
    });

    test("refuses a database that was never filled", async () => {
      await onTarget.query("CREATE TABLE t(id int PRIMARY KEY)");
      await target.install((await target.readCatalogue(signal)).tables, signal);
      await target.closeGate("standby", 1, signal);
      await expect(target.promote(2, "h", [], signal)).rejects.toMatchObject({ code: "REINITIALISATION_REQUIRED" });
    });
  });

  describe("installation", () => {
    test("names every table that cannot be synchronised and why", async () => {
      await onSource.query(`CREATE TABLE keyless(v int); CREATE TABLE nullable(v int UNIQUE);
        CREATE TABLE part(id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE first_part PARTITION OF part DEFAULT; CREATE UNLOGGED TABLE light(id int PRIMARY KEY);
        CREATE TABLE parent(id int PRIMARY KEY); CREATE TABLE heir(PRIMARY KEY (id)) INHERITS (parent);
        CREATE TABLE unique_only(v int NOT NULL UNIQUE, w int)`);
      const { tables, refusals } = await source.readCatalogue(signal);
      expect(tables.map((table) => [table.name, ...table.keyColumns])).toEqual([
        ["keyless"],
        ["nullable"],
        ["unique_only", "v"],
      ]);
      expect(Object.fromEntries(refusals.map(({ table, because }) => [table, because]))).toMatchObject({
        "public.part": expect.stringContaining("it is partitioned: make one ordinary table"),
        "public.first_part": expect.stringContaining("it is a partition: make one ordinary table"),
        "public.light": expect.stringContaining("not logged"),
        "public.parent": expect.stringContaining("inherits rows"),
        "public.heir": expect.stringContaining("inherits rows"),
      });
      const excluded = '["public.first_part","public.heir","public.light","public.parent","public.part"]';
      await expect(installScripts(source, signal)).rejects.toMatchObject({ hint: expect.stringContaining(excluded) });
    });
  });

  test("reads a whole database and puts it back", async () => {
    await bothHave("CREATE TABLE t(id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text)");
    await onSource.query("INSERT INTO t(v) VALUES ('a'), (NULL), (E'x\\ty')");
    await ship();
    const batches: JournalBatch[] = [];
    await target.readAll(limits, keepIn(batches), signal);
    await onSource.query("DELETE FROM t");
    await ship();
    await target.replaceAll(iterate(batches), signal);
    expect(await contentOf(onTarget, "t")).toEqual(["(1,a)", "(2,)", '(3,"x\ty")'].sort());
    expect((await target.readState(signal)).applied).toBeUndefined();
  });
}

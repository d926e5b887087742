import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { contentOf, type DatabaseFixture } from "../support/database-fixture.js";
import { DatabasePair, divergenceMode } from "../support/database-pair.js";
import { until } from "../support/until.js";
import { expectEarlyFindings } from "./early-findings.js";

const table = "CREATE TABLE t(id int PRIMARY KEY, v text)";
const same = (target: string[], source: string[]): void => {
  expect(target).toEqual(source);
};

/** How the roles of two databases change and come back: planned, after a loss, and in the middle of a point. */
export function describeDatabaseReturn(start: () => Promise<DatabaseFixture>): void {
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

  test("moves to the other server and back again without losing or copying anything twice", async () => {
    await pair.both("CREATE TABLE t(id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text)");
    await pair.apps.a.query("INSERT INTO t(v) VALUES ('one'), ('two')");
    await pair.startRoles();
    await pair.switchTo("b", 2);
    await expect(pair.apps.a.query("INSERT INTO t(v) VALUES ('no')")).rejects.toThrow(/SpareSync/);
    await pair.apps.b.query("INSERT INTO t(v) VALUES ('three'); UPDATE t SET v = 'ONE' WHERE id = 1");
    let copies = 0;
    pair.links.b.faultOf = (kind) => {
      if (kind === "database/copy-begin") copies += 1;
      return "none";
    };
    await pair.switchTo("a", 3);
    expect(copies).toBe(0);
    await pair.expectSame(same, "t");
    await pair.apps.a.query("INSERT INTO t(v) VALUES ('four')");
    expect(await contentOf(pair.apps.a, "t")).toEqual(["(1,ONE)", "(2,two)", "(3,three)", "(4,four)"]);
    await pair.switchTo("b", 4);
    await pair.expectSame(same, "t");
    expect(await pair.divergence("a")).toEqual([]);
    expect(await pair.divergence("b")).toEqual([]);
  });

  test("after an unplanned failover brings the old source even, and reports exactly what it had not sent", async () => {
    await pair.both(`${table}; CREATE TABLE u(id int PRIMARY KEY)`);
    await pair.apps.a.query("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 10) g; INSERT INTO u VALUES (1)");
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    // The answer to this point is lost: B has it, A does not know. It must not be reported.
    await pair.apps.a.query("UPDATE t SET v = 'arrived' WHERE id = 4");
    pair.links.a.faultOf = (kind) => (kind === "database/apply" ? "unanswered" : "none");
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    await pair.apps.a.query(
      "UPDATE t SET v = 'unshipped' WHERE id = 1; DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (77, 'only here')",
    );
    pair.kill("a");
    await pair.failOverTo("b", 2);
    await pair.apps.b.query(
      "UPDATE t SET v = 'on b' WHERE id IN (1, 3); INSERT INTO t VALUES (78, 'on b'); DELETE FROM u",
    );
    await pair.parts.a.setRole({ role: "target", epoch: 2 });
    await expect(pair.apps.a.query("DELETE FROM t")).rejects.toThrow(/SpareSync/);
    await expectEarlyFindings(pair, "1 present changed since, 2 deleted, 77 present");
    let copies = 0;
    pair.links.b.asked.length = 0;
    pair.links.b.faultOf = (kind, count) => {
      if (kind === "database/copy-begin") copies += 1;
      // Cut off twice on the way; the report and the keys must survive it.
      return count === 1 ? "unanswered" : count === 3 ? "lost" : "none";
    };
    await expect(pair.parts.b.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    await expect(pair.parts.b.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    await pair.parts.b.synchronise(signal);
    expect(copies).toBe(0);
    await pair.expectSame(same, "t", "u");
    const report = await pair.divergence("a");
    const lines = report.map(({ key, state }) => `${key?.["id"] ?? ""} ${state}`).sort();
    expect(lines).toEqual(["1 present", "2 deleted", "77 present"]);
    expect(JSON.stringify(report)).toContain("only here");
    expect(await divergenceMode(pair.folders.a)).toBe(0o600);
    await pair.switchTo("a", 3);
    await pair.apps.a.query("INSERT INTO t VALUES (100, 'back')");
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t", "u");
  });

  test("a failover before the new source has said a word: what that had is written down when it returns, and it is copied", async () => {
    await pair.both(table);
    await pair.apps.a.query("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 10) g");
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.switchTo("b", 2);
    await pair.switchTo("a", 3);
    // B never hears of it: A is lost before its first message of this epoch.
    await pair.apps.a.query("DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (77, 'only here')");
    pair.kill("a");
    await pair.failOverTo("b", 4);
    await pair.apps.b.query("INSERT INTO t VALUES (78, 'on b')");
    await pair.parts.a.setRole({ role: "target", epoch: 4 });
    await expectEarlyFindings(pair, "2 deleted, 77 present");
    await pair.parts.b.synchronise(signal);
    await pair.expectSame(same, "t");
    expect(await contentOf(pair.apps.b, "t")).toContain("(2,v)");
    const report = await pair.divergence("a");
    expect(report.map(({ key, state }) => `${key?.["id"] ?? ""} ${state}`).sort()).toEqual(["2 deleted", "77 present"]);
    expect((await pair.findings("b")).length).toBe(2);
  });

  test.each([
    {
      when: "its journal was given up",
      lose: async () => {
        pair.settings.a = { ...pair.settings.a, journalLimitBytes: 1 };
        pair.kill("a");
        await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
        await pair.apps.a.query("INSERT INTO t VALUES (76, 'journalled')");
        await until(() => pair.logs.a.events.includes("database-journal-given-up"), 40_000);
      },
      because: "its limit is 1",
    },
    {
      when: "a trigger was switched off there",
      lose: () => pair.apps.a.query("ALTER TABLE t DISABLE TRIGGER ALL"),
      because: "public.t: its capture triggers are missing, switched off or those of another table",
    },
  ])(
    "what a lost source alone has is not copied over before a person has looked where $when",
    async ({ lose, because }) => {
      await pair.both(`${table}; CREATE TABLE u(id int PRIMARY KEY)`);
      await pair.apps.a.query("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 10) g");
      await pair.startRoles();
      await pair.parts.a.synchronise(signal);
      await lose();
      await pair.apps.a.query("INSERT INTO t VALUES (77, 'only here'); INSERT INTO u VALUES (1)");
      pair.settings.a = { ...pair.settings.a, journalLimitBytes: pair.settings.b.journalLimitBytes };
      pair.kill("a");
      await pair.failOverTo("b", 2);
      await pair.apps.b.query("INSERT INTO t VALUES (78, 'on b')");
      // An actor that is killed in between finds the same.
      await pair.parts.a.setRole({ role: "target", epoch: 2 });
      pair.kill("a");
      await pair.parts.a.setRole({ role: "target", epoch: 2 });
      // Nobody has been told of anything yet, so this says nothing.
      await pair.parts.a.releaseReplaced?.();
      await pair.parts.b.compareReturned?.(signal);
      const lines = await pair.divergence("a");
      expect(lines.filter(({ state }) => state === "unknown").map((line) => line.because)).toEqual([
        expect.stringContaining(because),
      ]);
      for (let time = 0; time < 2; time += 1) {
        await expect(pair.parts.b.synchronise(signal)).rejects.toMatchObject({
          code: "PEER_REFUSED",
          message: expect.stringContaining("cannot be named"),
          cause: { code: "REINITIALISATION_REQUIRED" },
        });
        expect(await contentOf(pair.apps.a, "t")).toContain('(77,"only here")');
      }
      await pair.parts.a.releaseReplaced?.();
      await pair.parts.b.synchronise(signal);
      await pair.expectSame(same, "t", "u");
      expect(await contentOf(pair.apps.b, "t")).toContain('(78,"on b")');
      // It journals again, so that the way back is one.
      await pair.switchTo("a", 3);
      await pair.apps.a.query("INSERT INTO t VALUES (79, 'back'); DELETE FROM t WHERE id = 1");
      await pair.parts.a.synchronise(signal);
      await pair.expectSame(same, "t", "u");
    },
  );

  test("a point that has arrived is not sent again although its answer was lost", async () => {
    await pair.both(table);
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 10) g");
    pair.links.a.faultOf = (kind) => (kind === "database/apply" ? "unanswered" : "none");
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    pair.links.a.faultOf = () => "none";
    expect(await pair.parts.a.synchronise(signal)).toMatchObject({ changesSent: 0 });
    await pair.expectSame(same, "t");
  });

  test("what a restored dump holds of another cluster's transactions is sent once, so that a closed source comes to its end", async () => {
    await pair.both(table);
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query("INSERT INTO t VALUES (1, 'journalled there'), (2, 'here')");
    await pair.apps.a.query("UPDATE sparesync.j_1 SET x = '9000000000' WHERE k1 = 1");
    await pair.parts.a.synchronise(signal);
    await pair.parts.a.synchronise(signal);
    expect(pair.parts.a.status()[0]).toMatchObject({ pendingChanges: 0 });
    await pair.switchTo("b", 2);
    await pair.expectSame(same, "t");
  });

  test("an unshipped truncation on the old source brings every row back", async () => {
    await pair.both(table);
    await pair.apps.a.query("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 10) g");
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query("TRUNCATE t; INSERT INTO t VALUES (50, 'after')");
    pair.kill("a");
    await pair.failOverTo("b", 2);
    await pair.parts.a.setRole({ role: "target", epoch: 2 });
    await pair.parts.b.synchronise(signal);
    await pair.expectSame(same, "t");
    expect((await contentOf(pair.apps.a, "t")).length).toBe(10);
  });

  test("a promotion applies a point that had arrived whole, and journals the keys of one that had not", async () => {
    await pair.close();
    pair = await DatabasePair.open(fixture, { batchRows: 10 });
    await pair.both(table);
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 30) g");
    let staged = 0;
    pair.links.a.faultOf = (kind) => (kind === "database/stage" && ++staged === 2 ? "lost" : "none");
    await expect(pair.parts.a.synchronise(signal)).rejects.toThrow();
    await pair.failOverTo("b", 2);
    expect(await contentOf(pair.apps.b, "t")).toEqual([]);
    await until(() => pair.parts.b.status()[0]?.pendingChanges === 10);

    await pair.parts.a.setRole({ role: "target", epoch: 2 });
    await pair.switchTo("a", 3);
    await pair.apps.a.query("INSERT INTO t SELECT g, 'v' FROM generate_series(31, 60) g");
    await pair.apps.b.query("ALTER TABLE t ADD CONSTRAINT in_the_way CHECK (id < 31)");
    await expect(pair.parts.a.synchronise(signal)).rejects.toThrow("in_the_way");
    await pair.apps.b.query("ALTER TABLE t DROP CONSTRAINT in_the_way");
    await pair.failOverTo("b", 4);
    expect((await contentOf(pair.apps.b, "t")).length).toBe(30);
  });
}

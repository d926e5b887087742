import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { contentOf, type DatabaseFixture } from "../support/database-fixture.js";
import { DatabasePair } from "../support/database-pair.js";
import { until } from "../support/until.js";

/** What `fix-sync-state` must do: a person says that both databases are the same. */
export function describeDatabaseDeclaration(start: () => Promise<DatabaseFixture>): void {
  const signal = new AbortController().signal;
  const same = (target: string[], source: string[]): void => {
    expect(target).toEqual(source);
  };
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

  test("both sides are declared the same only when they are, or unseen, and then nothing is copied that was asked for", async () => {
    await pair.both("CREATE TABLE t(id int PRIMARY KEY, v text)");
    await pair.both("CREATE TABLE u(id int PRIMARY KEY)");
    await pair.apps.a.query("INSERT INTO t SELECT g, 'v' FROM generate_series(1, 10) g");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    await pair.parts.a.synchronise(signal);
    const database = pair.settings.a.name;
    const declare = (isVerified: boolean) => pair.parts.a.declareSame({ database, isVerified }, signal);
    const copies = (): number => pair.links.a.count("database/copy-begin");
    const before = copies();
    await pair.parts.a.reinitialise({ database, tables: undefined }, signal);
    await declare(true);
    // One question for each table: what takes long is not all of the database at once.
    expect(pair.links.a.count("database/compare")).toBe(2);
    await pair.apps.a.query("INSERT INTO t VALUES (11, 'after')");
    await pair.parts.a.synchronise(signal);
    await pair.expectSame(same, "t");
    expect(copies()).toBe(before);
    await pair.apps.a.query("UPDATE t SET v = 'only here' WHERE id = 3");
    await expect(declare(true)).rejects.toThrow(/public\.t/);
    await declare(false);
    await pair.parts.a.synchronise(signal);
    expect(copies()).toBe(before);
    expect(await contentOf(pair.apps.b, "t")).toContain("(3,v)");
    // Nothing is journalled after it was given up, so that no word makes the sides the same for longer than a moment.
    pair.settings.a = { ...pair.settings.a, journalLimitBytes: 1 };
    pair.kill("a");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await pair.apps.a.query("INSERT INTO t VALUES (12, 'too much')");
    await until(() => pair.logs.a.events.includes("database-journal-given-up"), 40_000);
    for (const isVerified of [true, false]) {
      await expect(declare(isVerified)).rejects.toMatchObject({ code: "REINITIALISATION_REQUIRED" });
    }
  }, 120_000);
}

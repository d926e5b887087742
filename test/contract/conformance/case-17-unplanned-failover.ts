import { expect } from "@jest/globals";
import { defineCase } from "./conformance-case.js";

export const unplannedFailover = defineCase({
  number: 17,
  title:
    "after an unplanned failover the target works as an ordinary database, and exactly the unsent rows are reported",
  needsConcurrency: false,
  limitSeconds: 90,
  run: async (bench) => {
    const { dialect, pair, apps } = bench;
    await bench.both(`CREATE TABLE t(id int NOT NULL PRIMARY KEY, v varchar(20));
      CREATE TABLE log(id int NOT NULL, n int ${dialect.identity(1, 1)} PRIMARY KEY);
      CREATE TABLE child(id int NOT NULL PRIMARY KEY, t int REFERENCES t(id) ON DELETE CASCADE);
      CREATE TABLE keyless(v varchar(20))`);
    for (const side of ["a", "b"] as const) await apps[side].run(dialect.logTrigger("t", "log"));
    const disabled = await dialect.disabledObjects(apps.b);
    await bench.start();
    await apps.a.run(
      "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three'); INSERT INTO child VALUES (1, 1), (2, 2); INSERT INTO keyless VALUES ('kept'), ('to go')",
    );
    await bench.sync();
    await apps.a.run(
      "UPDATE t SET v = 'unsent' WHERE id = 1; DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (9, 'only here')",
    );
    await apps.a.run("INSERT INTO keyless VALUES ('only there'); DELETE FROM keyless WHERE v = 'to go'");
    pair.kill("a");
    // A drill promotes in a transaction that is rolled back: nothing of it is left, and the failover itself still works.
    const silenced = await dialect.disabledObjects(apps.b);
    const rehearsed = await pair.parts.b.rehearsePromotion?.(2, new AbortController().signal);
    expect(rehearsed).toMatchObject([{ because: "" }]);
    expect(await dialect.disabledObjects(apps.b)).toEqual(silenced);
    await expect(apps.b.run("INSERT INTO t VALUES (21, 'refused')")).rejects.toThrow();
    await bench.failOverTo("b", 2);
    expect(await dialect.disabledObjects(apps.b)).toEqual(disabled);
    await apps.b.run("INSERT INTO t VALUES (20, 'new'); UPDATE t SET v = 'on b' WHERE id = 1");
    expect((await bench.contentOf("b", "log")).length).toBe(4);
    await expect(apps.b.run("INSERT INTO child VALUES (77, 12345)")).rejects.toThrow();
    await apps.b.run("DELETE FROM t WHERE id = 3");
    // Nothing on the lost side knows yet that another one serves: what is written there until it does is not lost unheard.
    await apps.a.run("INSERT INTO t VALUES (10, 'late')");
    // A target that cannot be made ready refuses the application all the same.
    await apps.a.run("CREATE TABLE extra(id int NOT NULL PRIMARY KEY)");
    await bench.failToBecomeTarget("a", 2);
    await expect(apps.a.run("DELETE FROM child")).rejects.toThrow();
    await apps.a.run("DROP TABLE extra");
    await bench.becomeTarget("a", 2);
    await expect(apps.a.run("DELETE FROM child")).rejects.toThrow();
    const before = pair.links.b.count("database/copy-begin");
    await bench.sync("b");
    expect(pair.links.b.count("database/copy-begin")).toBe(before);
    await bench.expectSame("t", "child", "log", "keyless");
    const lost = (await pair.divergence("a")).filter(({ table }) => table.endsWith(".t"));
    expect(lost.map((line) => [line.key?.["id"], line.state, line.row?.["v"] ?? null]).sort()).toEqual([
      ["1", "present", "unsent"],
      ["10", "present", "late"],
      ["2", "deleted", null],
      ["9", "present", "only here"],
    ]);
    const now = (await pair.findings("b")).filter(({ table }) => table.endsWith(".t"));
    expect(now.map((line) => [line.key?.["id"], line.present?.["v"] ?? null, line.isChangedSince]).sort()).toEqual([
      ["1", "on b", true],
      ["10", null, false],
      ["2", "two", false],
      ["9", null, false],
    ]);
    expect(now.map(({ wasApplied }) => wasApplied)).toEqual([false, false, false, false]);
    // What was lost of a table without a key stands there with its value, and nothing of it is said to have arrived.
    const unnamed = (await pair.findings("b")).filter(({ table }) => table.endsWith(".keyless"));
    expect(
      unnamed.map(({ state, row, present, wasApplied }) => [state, row?.["v"], present?.["count"], wasApplied]).sort(),
    ).toEqual([
      ["present", "only there", undefined, undefined],
      ["touched", undefined, undefined, undefined],
      ["touched", undefined, "1", undefined],
    ]);
    await bench.switchTo("a", 3);
    await apps.a.run("INSERT INTO t VALUES (30, 'back')");
    await bench.sync();
    await bench.expectSameRows("t", 4);
  },
});

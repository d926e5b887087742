import { expect } from "@jest/globals";
import { defineCase } from "./conformance-case.js";

export const applicationTriggers = defineCase({
  number: 11,
  title: "what the application's own triggers, views and merges write arrives once, and its row counts stay its own",
  needsConcurrency: false,
  limitSeconds: 60,
  run: async (bench) => {
    const { dialect, apps } = bench;
    await bench.both(`CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int);
      CREATE TABLE log(id int NOT NULL, n int ${dialect.identity(1, 1)} PRIMARY KEY);
      CREATE TABLE parent(id int NOT NULL PRIMARY KEY);
      CREATE TABLE child(id int NOT NULL PRIMARY KEY, parent int REFERENCES parent(id) ON DELETE CASCADE);
      CREATE TABLE incoming(id int NOT NULL PRIMARY KEY, v int)`);
    for (const side of ["a", "b"] as const) {
      await apps[side].run(dialect.logTrigger("t", "log"));
      await apps[side].run(dialect.insteadOfView("shown", "t"));
    }
    await bench.start();
    expect(await apps.a.run("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)")).toBe(3);
    expect(await apps.a.run("UPDATE t SET v = 9 WHERE id > 1000")).toBe(0);
    expect(await apps.a.run("UPDATE t SET v = v + 1 WHERE id < 3")).toBe(2);
    await apps.a.run("INSERT INTO shown(id, v) VALUES (4, 4), (5, 5)");
    await apps.a.run("INSERT INTO incoming VALUES (1, 100), (20, 200), (21, 210)");
    const merge = dialect.merge("t", "incoming");
    if (merge !== undefined) await apps.a.run(merge);
    await apps.a.run("INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (1, 1), (2, 1), (3, 2)");
    await bench.sync();
    await bench.expectSame("t", "log", "child");
    expect((await bench.contentOf("b", "log")).length).toBe(merge === undefined ? 5 : 7);
    await apps.a.run(dialect.limitedDelete("DELETE FROM parent WHERE id = 1"));
    await bench.sync();
    await bench.expectSameRows("child", 1);
    await bench.expectSameRows("parent", 1);
  },
});

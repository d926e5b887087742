import { expect } from "@jest/globals";
import { defineCase } from "./conformance-case.js";

export const identities = defineCase({
  number: 9,
  title: "numbered columns go on after a promotion without a collision, and the application sees its own last number",
  needsConcurrency: false,
  limitSeconds: 60,
  run: async (bench) => {
    const { dialect } = bench;
    await bench.both(`CREATE TABLE up(id int ${dialect.identity(1, 1)} PRIMARY KEY, v int);
      CREATE TABLE down(id int ${dialect.identity(-1, -5)} PRIMARY KEY, v int);
      CREATE TABLE pair(id bigint ${dialect.identity(10, 10)}, v int NOT NULL PRIMARY KEY)`);
    await bench.both(`CREATE TABLE scoped(id int ${dialect.identity(5, 5)} PRIMARY KEY, v int)`);
    await bench.start();
    const { a } = bench.apps;
    expect(await a.run("INSERT INTO up(v) VALUES (1), (2), (3)")).toBe(3);
    expect(await a.rows(dialect.lastNumber)).toEqual([["3"]]);
    const inScope = dialect.lastNumberInScope?.("INSERT INTO scoped(v) VALUES (1), (2)");
    if (inScope !== undefined) expect(await a.rows(inScope)).toEqual([["10"]]);
    await a.run(
      "INSERT INTO down(v) VALUES (1), (2); DELETE FROM down WHERE v = 2; INSERT INTO pair(v) VALUES (1), (2)",
    );
    await a.run(dialect.insertNumbered("up", "id, v", "(50, 4), (100, 5)"));
    // Given out and rolled back: the number is used up all the same.
    await a.run("BEGIN TRANSACTION; INSERT INTO pair(v) VALUES (3); ROLLBACK");
    await bench.sync();
    await bench.expectSame("up", "down", "pair");
    await bench.switchTo("b", 2);
    for (const table of ["up", "down", "pair"]) await bench.apps.b.run(`INSERT INTO ${table}(v) VALUES (77)`);
    const [[up] = [], [down] = [], [pair] = []] = await Promise.all(
      ["up", "down", "pair"].map(
        async (table) => (await bench.apps.b.rows(`SELECT id FROM ${table} WHERE v = 77`))[0] ?? [],
      ),
    );
    expect(Number(up)).toBeGreaterThan(100);
    expect(Number(down)).toBeLessThan(-6);
    expect(Number(pair)).toBeGreaterThan(20);
    await bench.switchTo("a", 3);
    await bench.expectSame("up", "down", "pair");
    await a.run("INSERT INTO up(v) VALUES (78); INSERT INTO down(v) VALUES (78); INSERT INTO pair(v) VALUES (78)");
    await bench.sync();
    await bench.expectSameRows("up", 7);
  },
});

import { defineCase } from "./conformance-case.js";

export const swappedKeys = defineCase({
  number: 7,
  title: "unique values and keys that are swapped, shifted or used again arrive",
  needsConcurrency: false,
  limitSeconds: 60,
  run: async (bench) => {
    await bench.both("CREATE TABLE t(id int NOT NULL PRIMARY KEY, u varchar(10) UNIQUE, v int)");
    await bench.apps.a.run("INSERT INTO t VALUES (1, 'a', 0), (2, 'b', 0), (3, 'c', 0), (4, 'd', 0)");
    await bench.start();
    await bench.sync();
    // In small steps, as a server that looks at each row must be asked; one point carries only the outcome.
    const changes = [
      "UPDATE t SET u = 'x' WHERE id = 1; UPDATE t SET u = 'a' WHERE id = 2; UPDATE t SET u = 'b' WHERE id = 1",
      "UPDATE t SET id = -1 WHERE id = 1; UPDATE t SET id = 1 WHERE id = 2; UPDATE t SET id = 2 WHERE id = -1",
      "DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (3, 'c', 9)",
      "DELETE FROM t WHERE id = 4; INSERT INTO t VALUES (9, 'd', 1)",
      "UPDATE t SET id = id + 100; UPDATE t SET id = id - 99",
      "UPDATE t SET u = NULL WHERE id = 10; UPDATE t SET u = 'last' WHERE id = 10",
    ];
    for (const change of changes) {
      await bench.apps.a.run(change);
      await bench.sync();
      await bench.expectSameRows("t", 4);
    }
  },
});

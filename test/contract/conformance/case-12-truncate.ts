import { expect } from "@jest/globals";
import { defineCase } from "./conformance-case.js";

export const truncate = defineCase({
  number: 12,
  title: "a truncated table is empty on the target, with what was inserted afterwards",
  needsConcurrency: false,
  limitSeconds: 60,
  run: async (bench) => {
    await bench.both(
      "CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int); CREATE TABLE u(id int NOT NULL PRIMARY KEY, t int REFERENCES t(id))",
    );
    await bench.apps.a.run("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3); INSERT INTO u VALUES (1, 1), (2, 2)");
    await bench.start();
    await bench.sync();
    await bench.apps.a.run("TRUNCATE TABLE u; INSERT INTO u VALUES (7, 3)");
    await bench.sync();
    if (!bench.dialect.isTruncateSeen) {
      const report = await bench.pair.parts.a.verify({ database: "shop", isRepairing: true }, bench.signal);
      expect(report.differences).toBeGreaterThan(0);
    }
    await bench.expectSameRows("u", 1);
    await bench.expectSameRows("t", 3);
  },
});

import { expect } from "@jest/globals";
import { until } from "../../support/until.js";
import { defineCase } from "./conformance-case.js";

const limitMs = 300_000;

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
      expect((await bench.contentOf("b", "u")).length).toBe(3);
      // Nobody asks for a verification: the numbers of rows give it away.
      await bench.start("a", 1, true);
      await until(async () => (await bench.contentOf("b", "u")).length === 1, limitMs);
    }
    await bench.expectSameRows("u", 1);
    await bench.expectSameRows("t", 3);
  },
});

import { expect } from "@jest/globals";
import { insertRows } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";
import { writeMoves } from "./moving-writers.js";

const rows = 4000;
const equalRows = 300;

export const copyUnderLoad = defineCase({
  number: 15,
  title: "an initial copy while keys move and rows go is equal at its first consistent point",
  needsConcurrency: true,
  limitSeconds: 120,
  run: async (bench) => {
    await bench.change({ batchRows: 50 });
    await bench.both("CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int NOT NULL); CREATE TABLE keyless(v int)");
    for (const insert of insertRows(
      "t",
      "id, v",
      Array.from({ length: rows }, (_, id) => `(${id}, 0)`),
    )) {
      await bench.apps.a.run(insert);
    }
    // More equal rows than one chunk reads: what parts them loses the rest.
    for (const insert of insertRows("keyless", "v", [
      ...Array.from({ length: equalRows }, () => "(1)"),
      "(2)",
      "(3)",
    ])) {
      await bench.apps.a.run(insert);
    }
    await bench.start();
    const sessions = await Promise.all([1, 2, 3].map(() => bench.connect("a")));
    const isOver = { value: false };
    const writers = sessions.map((session, seed) => writeMoves(session, rows, seed, isOver));
    try {
      await bench.sync();
    } finally {
      isOver.value = true;
    }
    const written = (await Promise.all(writers)).reduce((sum, one) => sum + one, 0);
    await bench.sync();
    await bench.expectSame("t", "keyless");
    expect(written).toBeGreaterThan(20);
  },
});

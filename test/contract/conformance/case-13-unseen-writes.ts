import { expect } from "@jest/globals";
import { until } from "../../support/until.js";
import { insertRows, type ConformanceBench } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";

export const unseenWrites = defineCase({
  number: 13,
  title: "rows loaded past the triggers are found by verification and repaired",
  needsConcurrency: false,
  limitSeconds: 60,
  run: async (bench) => {
    // Where the numbers of rows give it away as well, that look comes at a moment of its own, and must not be the first to repair.
    await bench.change({ repairDifferences: false });
    await bench.both("CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int); CREATE TABLE keyless(v int)");
    for (const insert of insertRows(
      "t",
      "id, v",
      Array.from({ length: 3000 }, (_, id) => `(${id}, ${id})`),
    )) {
      await bench.apps.a.run(insert);
    }
    await bench.start();
    await bench.sync();
    await bench.dialect.writeUnseen(bench.apps.a, "INSERT INTO t VALUES (5000, 1), (5001, 2)");
    await bench.dialect.writeUnseen(bench.apps.a, "INSERT INTO keyless VALUES (1), (1)");
    await bench.sync();
    expect((await bench.contentOf("b", "t")).length).toBe(3000);
    const found = await bench.pair.parts.a.verify({ database: "shop", isRepairing: true }, bench.signal);
    expect(found.differences).toBe(3);
    await bench.expectSameRows("t", 3002);
    await bench.expectSameRows("keyless", 2);
    const again = await bench.pair.parts.a.verify({ database: "shop", isRepairing: false }, bench.signal);
    expect(again).toMatchObject({ differences: 0, isComplete: true });
    await loadInBulk(bench);
  },
});

/** Nobody asks for a verification here: the numbers of rows give it away. */
async function loadInBulk(bench: ConformanceBench): Promise<void> {
  const { a } = bench.apps;
  if (!a.bulkLoad) return;
  await a.bulkLoad(
    "t",
    ["id", "v"],
    [
      [6000, 1],
      [6001, 2],
    ],
  );
  await bench.sync();
  expect((await bench.contentOf("b", "t")).length).toBe(3002);
  await bench.change({ repairDifferences: true });
  await bench.start("a", 1, true);
  await until(async () => (await bench.contentOf("b", "t")).length === 3004, 300_000);
  await bench.expectSame("t");
}

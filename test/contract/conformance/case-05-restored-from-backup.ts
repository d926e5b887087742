import { expect } from "@jest/globals";
import type { Side } from "../../support/sync-pair.js";
import type { ConformanceBench } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";

export const restoredFromBackup = defineCase({
  number: 5,
  title: "a side restored from an older backup is noticed and copied anew, never silently continued",
  needsConcurrency: false,
  limitSeconds: 120,
  run: async (bench) => {
    for (const restored of ["a", "b"] as const) await restoreOne(bench, restored);
  },
});

async function restoreOne(bench: ConformanceBench, restored: Side): Promise<void> {
  const { fixture, pair } = bench;
  await fixture.empty(0);
  await fixture.empty(1);
  await bench.both("CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int NOT NULL)");
  await bench.start();
  await bench.apps.a.run("INSERT INTO t VALUES (1, 1), (2, 2)");
  await bench.sync();
  const restore = await fixture.save(restored === "a" ? 0 : 1);
  for (const v of [3, 4, 5]) {
    await bench.apps.a.run(`UPDATE t SET v = ${v} WHERE id = 1; INSERT INTO t VALUES (${v}, ${v})`);
    await bench.sync();
  }
  await restore();
  pair.kill("a");
  pair.kill("b");
  // What was restored does not hold the newest rows; a source that went on at its old number would never send them.
  if (restored === "a") await bench.apps.a.run("INSERT INTO t VALUES (9, 9)");
  await bench.start();
  const before = copies(bench);
  await bench.sync();
  expect(copies(bench)).toBeGreaterThan(before);
  await bench.expectSameRows("t", restored === "a" ? 3 : 5);
}

function copies(bench: ConformanceBench): number {
  return bench.pair.links.a.count("database/copy-begin");
}

import { expect } from "@jest/globals";
import { until } from "../../support/until.js";
import type { Side } from "../../support/sync-pair.js";
import type { ConformanceBench } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";

export const restoredFromBackup = defineCase({
  number: 5,
  title: "a side restored from an older backup is noticed and copied anew, never silently continued",
  needsConcurrency: false,
  limitSeconds: 120,
  run: async (bench) => {
    for (const restored of ["a", "b"] as const) await restoreOne(bench, restored, true);
    await restoreOne(bench, "a", false);
    await restoreDuringCopy(bench);
    await restoreBeforeAdoption(bench);
  },
});

/** Enough for three chunks, of 16 rows and then of as many as the setting allows. */
const copiedRows = 60;

/**
 * The target holds a chunk with rows that the source has forgotten, and neither marks nor points can tell: no point was
 * sent yet. Those rows must not stay, however old the backup is: of before the copy, and of its middle.
 */
async function restoreDuringCopy(bench: ConformanceBench): Promise<void> {
  const { fixture, signal } = bench;
  for (const chunksBefore of [0, 1]) {
    await fixture.empty(0);
    await fixture.empty(1);
    await bench.change({ batchRows: 20 });
    await bench.both("CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int NOT NULL)");
    const rows = Array.from({ length: copiedRows }, (_, id) => `(${id * 10}, 1)`);
    await bench.apps.a.run(`INSERT INTO t VALUES ${rows.join(", ")}`);
    await bench.start();
    await copyUntil(bench, chunksBefore);
    const restore = await fixture.save(0);
    const next = chunksBefore === 0 ? 5 : 165;
    await bench.apps.a.run(`INSERT INTO t VALUES (${next}, 2)`);
    await copyUntil(bench, chunksBefore + 1);
    expect(await bench.apps.b.rows("SELECT count(*) FROM t WHERE v = 2")).toEqual([["1"]]);
    bench.pair.links.a.faultOf = () => "none";
    await restore();
    for (const side of ["a", "b"] as const) bench.pair.kill(side);
    await bench.start();
    await bench.pair.parts.a.synchronise(signal);
    await bench.expectSameRows("t", copiedRows);
  }
}

/**
 * The lost server is back and follows the one that took over, which has trimmed what it shipped; then it is put back to a time
 * before that. Its history is the one from which the other was promoted, as if it had only just come back; but then it is at
 * point 0, and what was trimmed is copied.
 */
async function restoreBeforeAdoption(bench: ConformanceBench): Promise<void> {
  const { fixture, pair } = bench;
  await fixture.empty(0);
  await fixture.empty(1);
  await bench.both("CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int NOT NULL)");
  await bench.start();
  await bench.apps.a.run("INSERT INTO t VALUES (1, 1), (2, 2)");
  await bench.sync();
  await bench.failOverTo("b", 2);
  await bench.becomeTarget("a", 2);
  const restore = await fixture.save(0);
  await bench.apps.b.run("UPDATE t SET v = 7 WHERE id = 1; INSERT INTO t VALUES (3, 3)");
  await bench.sync("b");
  await bench.expectSameRows("t", 3);
  expect(pair.links.b.count("database/copy-begin")).toBe(0);
  await restore();
  for (const side of ["a", "b"] as const) pair.kill(side);
  await bench.start("b", 2);
  await bench.sync("b");
  expect(pair.links.b.count("database/copy-begin")).toBe(1);
  await bench.expectSameRows("t", 3);
}

/** Lets so many chunks through, and no more. */
async function copyUntil({ pair, signal }: ConformanceBench, chunks: number): Promise<void> {
  let sent = 0;
  pair.links.a.faultOf = (kind) => {
    if (kind === "database/copy-chunk") sent += 1;
    return sent > chunks ? "lost" : "none";
  };
  await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
}

/** An actor that is not ended loses its connection, and goes on with what it remembers. */
async function restoreOne(bench: ConformanceBench, restored: Side, areActorsEnded: boolean): Promise<void> {
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
  if (areActorsEnded) for (const side of ["a", "b"] as const) pair.kill(side);
  // What was restored does not hold the newest rows; a source that went on at its old number would never send them.
  if (restored === "a") await bench.apps.a.run("INSERT INTO t VALUES (9, 9)");
  if (areActorsEnded) await bench.start();
  const before = copies(bench);
  if (areActorsEnded) await bench.sync();
  else await until(() => bench.sync().then(isDone, isNotDone), 60_000);
  expect(copies(bench)).toBeGreaterThan(before);
  await bench.expectSameRows("t", restored === "a" ? 3 : 5);
}

const isDone = (): boolean => true;
const isNotDone = (): boolean => false;

function copies(bench: ConformanceBench): number {
  return bench.pair.links.a.count("database/copy-begin");
}

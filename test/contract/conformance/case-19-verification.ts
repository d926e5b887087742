import { expect } from "@jest/globals";
import { insertRows, type ConformanceBench } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";
import { writeMoves } from "./moving-writers.js";

/** Rows of the table; SPARESYNC_VERIFIED_ROWS asks for the million. */
const rows = Number(process.env["SPARESYNC_VERIFIED_ROWS"] ?? 20_000);

/** How long the application then goes on writing while all is compared again and again; each difference would be a false alarm. */
const soakSeconds = Number(process.env["SPARESYNC_VERIFYING_SECONDS"] ?? 2);

export const verification = defineCase({
  number: 19,
  title:
    "one changed, one missing and one added row are found, named and repaired, and nothing else is, also under load",
  needsConcurrency: false,
  limitSeconds: 120 + rows / 2000 + 2 * soakSeconds,
  run: async (bench) => {
    const { pair, signal, dialect, apps } = bench;
    await bench.both(
      "CREATE TABLE t(id int NOT NULL PRIMARY KEY, v int NOT NULL); CREATE TABLE word(k varchar(20) NOT NULL PRIMARY KEY)",
    );
    for (const insert of insertRows(
      "t",
      "id, v",
      Array.from({ length: rows }, (_, id) => `(${id * 2}, ${id})`),
    )) {
      await apps.a.run(insert);
    }
    await apps.a.run("INSERT INTO t VALUES (-200, 1), (-2000, 1)");
    await apps.a.run("INSERT INTO word VALUES ('a'), ('B'), ('-c'), ('d e')");
    await bench.start();
    await bench.sync();
    await dialect.writeUnseen(apps.b, "UPDATE t SET v = v + 1 WHERE id = -200");
    await dialect.writeUnseen(apps.b, "DELETE FROM t WHERE id = -2000");
    await dialect.writeUnseen(apps.b, "INSERT INTO t VALUES (-7, 1)");
    // They never write a negative key, so that they send none of the wrong rows again; other rows of the same ranges, yes.
    const verify = (isRepairing: boolean) => pair.parts.a.verify({ database: "shop", isRepairing }, signal);
    const quiet = (await whileWriting(bench, 1, () => verify(false))).result;
    expect(quiet.found.map(({ table, key, what }) => [table.split(".").at(-1), key, what]).sort()).toEqual([
      ["t", ["-200"], "different"],
      ["t", ["-2000"], "missing on the target"],
      ["t", ["-7"], "only on the target"],
    ]);
    expect((await verify(true)).differences).toBe(3);
    await bench.expectSame("t", "word");
    const endMs = performance.now() + soakSeconds * 1000;
    const soak = await whileWriting(bench, 4, async () => {
      const found: unknown[] = [];
      let comparisons = 0;
      do {
        found.push(...(await verify(true)).found);
        comparisons += 1;
      } while (performance.now() < endMs);
      return { found, comparisons };
    });
    console.log(`${soak.result.comparisons} comparisons beside ${soak.transactions} transactions`);
    expect(soak.result.found).toEqual([]);
    await bench.sync();
    await bench.expectSame("t", "word");
  },
});

/** Does something while so many sessions write, where several can. */
async function whileWriting<T>(
  bench: ConformanceBench,
  writers: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly transactions: number }> {
  const isOver = { value: false };
  const writing: Promise<number>[] = [];
  for (let n = 0; n < (bench.fixture.isConcurrent ? writers : 0); n += 1) {
    writing.push(writeMoves(await bench.connect("a"), rows * 4, 19 + n, isOver));
  }
  const result = await work().finally(() => {
    isOver.value = true;
  });
  const counts = await Promise.all(writing);
  return { result, transactions: counts.reduce((sum, count) => sum + count, 0) };
}

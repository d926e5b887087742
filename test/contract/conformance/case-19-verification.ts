import { expect } from "@jest/globals";
import { insertRows } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";
import { writeMoves } from "./moving-writers.js";

/** Rows of the table; SPARESYNC_VERIFIED_ROWS asks for the million. */
const rows = Number(process.env["SPARESYNC_VERIFIED_ROWS"] ?? 20_000);

export const verification = defineCase({
  number: 19,
  title:
    "one changed, one missing and one added row are found, named and repaired, and nothing else is, also under load",
  needsConcurrency: false,
  limitSeconds: 120 + rows / 2000,
  run: async (bench) => {
    const { pair, signal, dialect, apps, fixture } = bench;
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
    const sessions = fixture.isConcurrent ? [await bench.connect("a")] : [];
    const isOver = { value: false };
    // They never write a negative key, so that they send none of the wrong rows again; other rows of the same ranges, yes.
    const writers = sessions.map((session) => writeMoves(session, rows * 4, 19, isOver));
    const quiet = await pair.parts.a.verify({ database: "shop", isRepairing: false }, signal).finally(() => {
      isOver.value = true;
    });
    await Promise.all(writers);
    expect(quiet.found.map(({ table, key, what }) => [table.split(".").at(-1), key, what]).sort()).toEqual([
      ["t", ["-200"], "different"],
      ["t", ["-2000"], "missing on the target"],
      ["t", ["-7"], "only on the target"],
    ]);
    const mended = await pair.parts.a.verify({ database: "shop", isRepairing: true }, signal);
    expect(mended.differences).toBe(3);
    await bench.expectSame("t", "word");
    expect(await pair.parts.a.verify({ database: "shop", isRepairing: true }, signal)).toMatchObject({
      differences: 0,
    });
  },
});

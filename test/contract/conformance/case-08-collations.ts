import { insertRows } from "./conformance-bench.js";
import { defineCase } from "./conformance-case.js";

/** Texts whose order differs between a database's collations and JavaScript's comparison. */
const words = [
  "a",
  "A",
  "b",
  "B",
  "Z",
  "z",
  "ä",
  "Ä",
  "é",
  "e",
  "-",
  "_",
  "1",
  "10",
  "2",
  "ß",
  "ss",
  "ﬀ",
  "ff",
  "a b",
  "ab",
];

export const collations = defineCase({
  number: 8,
  title:
    "keys that differ in case or end in blanks are told apart as the source tells them, also in the order of a copy",
  needsConcurrency: false,
  limitSeconds: 60,
  run: async (bench) => {
    const { dialect } = bench;
    await bench.change({ batchRows: 3 });
    await bench.both(`CREATE TABLE sensitive(k ${dialect.caseSensitive(20)} NOT NULL PRIMARY KEY, v int)`);
    const ignoring = dialect.caseInsensitive;
    if (ignoring) {
      await bench.both(
        `${ignoring.prepare}; CREATE TABLE ignoring(k ${ignoring.column(20)} NOT NULL PRIMARY KEY, v int)`,
      );
      await bench.apps.a.run("INSERT INTO ignoring VALUES ('a', 1), ('B', 2), ('c', 3), ('Word', 4)");
    }
    for (const insert of insertRows(
      "sensitive",
      "k, v",
      words.map((word, at) => `(N'${word}', ${at})`),
    )) {
      await bench.apps.a.run(insert.replaceAll("N'", dialect.nationalQuote));
    }
    await bench.start();
    await bench.sync();
    await bench.expectSame("sensitive");
    await bench.apps.a.run(
      "UPDATE sensitive SET k = 'AA' WHERE k = 'a'; UPDATE sensitive SET v = 99 WHERE k = 'A'; DELETE FROM sensitive WHERE k = 'Z'",
    );
    if (ignoring) {
      await bench.apps.a.run(
        "UPDATE ignoring SET k = 'A' WHERE k = 'a'; UPDATE ignoring SET k = 'b' WHERE v = 2; UPDATE ignoring SET k = 'word ' WHERE v = 4",
      );
      await bench.apps.a.run("DELETE FROM ignoring WHERE k = 'C'; INSERT INTO ignoring VALUES ('C', 5)");
    }
    await bench.sync();
    await bench.expectSame("sensitive", ...(ignoring ? ["ignoring"] : []));
  },
});

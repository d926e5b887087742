import { expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { conformanceDocument, type CaseResult, type ConformanceRun } from "./sqlserver-document.js";

const present = `# Conformance

Server: an older one

Words of people.

| case | what | result | code of commit |
|---|---|---|---|
| 1 | nothing is lost | pass. The server is not killed | aaa, 2026-01-01 |
| 2 | all arrive | pass | aaa, 2026-01-01 |
| 14 | a change stops | pass; the change of a key is not possible there | bbb, 2026-01-02 |

More words, with | a bar.

These statements have another text on Babelfish, so that:

- \`sql/sqlserver/query/gone.sql\`
- \`sql/sqlserver/query/kept.sql\`

And these are taken without effect:

- \`query/durability\`: not known
`;

function after(results: readonly CaseResult[], changes: Partial<ConformanceRun> = {}): string {
  const run = { commit: "ccc", date: "2026-02-03", version: ["a server", "", "12.0"], unproven: ["query/kept"] };
  return conformanceDocument(present, { ...run, results, ...changes });
}

const passed = (title: string): CaseResult => ({ title, status: "pass", because: "" });

test("a run of some cases writes theirs, and leaves all else as people have written it", () => {
  const lines = after([passed("case 14: a change stops"), passed("case 1: nothing is lost")]).split("\n");
  const before = present.split("\n");
  expect(lines.filter((line) => !before.includes(line))).toEqual([
    "Server: a server; 12.0",
    "| 1 | nothing is lost | pass. The server is not killed | ccc, 2026-02-03 |",
    "| 14 | a change stops | pass; the change of a key is not possible there | ccc, 2026-02-03 |",
  ]);
  expect(before.filter((line) => !lines.includes(line))).toHaveLength(4);
});

test.each([
  ["a case that fails", { title: "case 2: all arrive", status: "fail", because: "" }, "| 2 | all arrive | fail |"],
  [
    "a case that has failed keeps what is said of it",
    { title: "case 1: nothing is lost", status: "fail", because: "" },
    "| 1 | nothing is lost | fail. The server is not killed |",
  ],
  [
    "a case that is not possible, with its reason",
    { title: "case 14: a change stops", status: "not possible", because: "no keys" },
    "| 14 | a change stops | not possible: no keys |",
  ],
  ["a case that is new", passed("case 21: more"), "| 21 | more | pass |"],
  ["a test of the scripts", passed("over the version before"), "| scripts | over the version before | pass |"],
] as const)("writes %s", (_what, result, row) => {
  expect(after([result]).split("\n")).toContain(`${row} ccc, 2026-02-03 |`);
});

test("on SQL Server itself no statement is left that was not run", () => {
  expect(after([], { unproven: [] })).not.toContain("sql/sqlserver/");
});

test("a document without the table is refused", () => {
  const run = { commit: "", date: "", version: [], unproven: [], results: [] };
  expect(() => conformanceDocument("# Nothing", run)).toThrow(/holds no line/);
});

test("the document that is there can be written again by a run", () => {
  const document = readFileSync(new URL("../../../docs/sqlserver-conformance.md", import.meta.url), "utf8");
  const title = /^\| 12 \| ([^|]*) \|/m.exec(document)?.[1] ?? "";
  const run = { commit: "ccc", date: "2026-02-03", version: ["v"], unproven: ["query/kept"] };
  const written = conformanceDocument(document, { ...run, results: [passed(`case 12: ${title}`)] });
  expect(written).toMatch(/^\| 12 \| .* \| pass, by the numbers of rows .* \| ccc, 2026-02-03 \|$/m);
  expect(written.match(/^- `sql\/sqlserver/gm)).toHaveLength(1);
  expect(written.split("\n").filter((line) => /^\| (\d+|scripts) \|/.test(line)).length).toBeGreaterThan(19);
});

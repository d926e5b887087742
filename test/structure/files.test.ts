import { describe, expect, test } from "@jest/globals";
import { posix } from "node:path";
import { allFiles, read, sourceFiles, withoutComments } from "./code-base.js";

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/;
/** Names that say nothing: whatever has no better place collects there. */
const emptyWords = /(^|-)(utils?|helpers?|common|types|managers?|misc)(-|$)/;
/** `index.ts` only where it is a list. */
const lists = /^(actor\/operations\/steps|actor\/http\/routes|exporter\/collectors|cli\/commands)\/index\.ts$/;

const topLevelFolders = [
  ...["exporter", "actor", "grafana-dashboards", "alert-rules", "sql", "test"],
  ...["shared", "cli", "demo", "bench", "docs", ".ci"],
];

describe("files", () => {
  test("have at most 400 lines, those of a core 200, blank lines and comments not counted", () => {
    const tooLong = sourceFiles
      .map((file) => ({
        file,
        lines: countedLines(read(file)),
        limit: /^(?!test\/)(.*\/)?core\//.test(file) ? 200 : 400,
      }))
      .filter(({ lines, limit }) => lines > limit);
    expect(tooLong).toEqual([]);
  });

  test("are named in kebab-case after what they export", () => {
    const names = sourceFiles.filter((file) => {
      const base = posix.basename(file).replace(/(\.test|\.contract)?\.ts$/, "");
      return !kebabCase.test(base) || emptyWords.test(base);
    });
    expect(names).toEqual([]);
  });

  test("are in folders named in kebab-case", () => {
    const folders = new Set(sourceFiles.flatMap((file) => posix.dirname(file).split("/")));
    folders.delete(".");
    expect([...folders].filter((folder) => !kebabCase.test(folder) || emptyWords.test(folder))).toEqual([]);
  });

  test("are called index.ts only where they are a list", () => {
    expect(sourceFiles.filter((file) => posix.basename(file) === "index.ts" && !lists.test(file))).toEqual([]);
  });

  test("stand in the folders of the layout", () => {
    const folders = new Set(allFiles.filter((file) => file.includes("/")).map((file) => file.split("/")[0]));
    expect([...folders].filter((folder) => folder === undefined || !topLevelFolders.includes(folder))).toEqual([]);
  });

  test("hold no eslint-disable and no any", () => {
    const own = posix.join("test", "structure", "files.test.ts");
    const silencing = /eslint-disable|@ts-ignore|@ts-expect-error|@ts-nocheck/;
    const any = /\bas any\b|: any\b/;
    const others = sourceFiles.filter((file) => file !== own);
    expect(others.filter((file) => silencing.test(read(file)))).toEqual([]);
    expect(others.filter((file) => any.test(withoutComments(read(file))))).toEqual([]);
  });

  test("under test stand in the folder of what they are about, or in one of the folders of tests about the whole", () => {
    const aboutTheWhole = /^test\/(integration|contract|structure|simulation)\//;
    const tests = sourceFiles.filter((file) => file.endsWith(".test.ts") && !aboutTheWhole.test(file));
    const folders = new Set(sourceFiles.map((file) => posix.dirname(file)));
    const orphans = tests.filter((file) => {
      // test/a/b.test.ts is about something in a/; what is only for tests (test/run-tests) has its tests beside it.
      const folder = posix.dirname(file).replace(/^test\//, "");
      return !folders.has(folder) && !sourceFiles.includes(file.replace(/\.test\.ts$/, ".ts"));
    });
    expect(orphans).toEqual([]);
  });
});

function countedLines(text: string): number {
  return withoutComments(text)
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

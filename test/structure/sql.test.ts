import { describe, expect, test } from "@jest/globals";
import { allFiles, read } from "./code-base.js";

const sqlFiles = allFiles.filter((file) => file.startsWith("sql/") && file.endsWith(".sql"));
const dialects = ["postgresql", "sqlserver"];

describe("SQL files", () => {
  test("begin with three lines: purpose, params, returns", () => {
    const wrong = sqlFiles.filter((file) => {
      const [purpose = "", params = "", returns = ""] = read(file).split("\n");
      return !/^-- \S.{9,}/.test(purpose) || !params.startsWith("-- params: ") || !returns.startsWith("-- returns: ");
    });
    expect(wrong).toEqual([]);
  });

  test("stand under the name of a dialect; elsewhere there is none", () => {
    const dialect = new RegExp(`^sql/(${dialects.join("|")})/`);
    const everywhere = allFiles.filter((file) => file.endsWith(".sql") && !file.startsWith("test/"));
    expect(everywhere.filter((file) => !dialect.test(file))).toEqual([]);
  });

  test("of one name do the same in both dialects: both answer with rows, or neither does", () => {
    const [first, second] = dialects.map((dialect) => answersOf(`sql/${dialect}/`));
    const shared = [...(first ?? [])].filter(([name]) => second?.has(name));
    expect(shared.length).toBeGreaterThan(50);
    expect(shared.filter(([name, answers]) => second?.get(name) !== answers).map(([name]) => name)).toEqual([]);
  });

  test("for Babelfish replace one of SQL Server and answer the same", () => {
    const folder = "sql/sqlserver/babelfish/";
    const replacing = sqlFiles.filter((file) => file.startsWith(folder));
    expect(replacing.length).toBeGreaterThan(5);
    const other = replacing.filter((file) => {
      const replaced = file.replace("/babelfish/", "/");
      return !sqlFiles.includes(replaced) || answerOf(read(file)) !== answerOf(read(replaced));
    });
    expect(other).toEqual([]);
  });
});

function answersOf(folder: string): ReadonlyMap<string, boolean> {
  const files = sqlFiles.filter((file) => file.startsWith(folder));
  return new Map(files.map((file) => [file.slice(folder.length), answerOf(read(file)) !== "nothing"]));
}

/** "nothing of use" and "nothing (script)" are nothing to those who ask. */
function answerOf(text: string): string {
  const returns = (text.split("\n")[2] ?? "").replace("-- returns: ", "");
  return returns.startsWith("nothing") ? "nothing" : returns;
}

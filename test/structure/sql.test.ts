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

  test("have the same names, params and returns in both dialects", () => {
    const [first, second] = dialects.map((dialect) => headers(`sql/${dialect}/`));
    // One dialect alone has nothing to be compared with.
    if (first?.size === 0 || second?.size === 0) return;
    expect(first).toEqual(second);
  });
});

function headers(folder: string): ReadonlyMap<string, string> {
  const files = sqlFiles.filter((file) => file.startsWith(folder));
  return new Map(files.map((file) => [file.slice(folder.length), read(file).split("\n").slice(1, 3).join("\n")]));
}

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

  test("of one name take and return the same in both dialects", () => {
    const [first, second] = dialects.map((dialect) => headersOf(`sql/${dialect}/`));
    const shared = [...(first ?? [])].filter(([name]) => second?.has(name));
    expect(shared.length).toBeGreaterThan(50);
    const different = shared.filter(([name, header]) => second?.get(name) !== header);
    expect(different.map(([name, header]) => ({ name, header, other: second?.get(name) }))).toEqual([]);
  });

  test("that Babelfish has instead create the same tables with the same columns", () => {
    const schema = "install/schema.sql";
    const [server, babelfish] = ["sql/sqlserver/", "sql/sqlserver/babelfish/"].map((root) =>
      columnsOf(read(root + schema)),
    );
    expect(server?.length).toBeGreaterThan(30);
    expect(babelfish).toEqual(server);
  });

  test("that one dialect alone has are named in the README with their reason", () => {
    const [first, second] = dialects.map((dialect) => [...headersOf(`sql/${dialect}/`).keys()]);
    const alone = [
      ...(first ?? []).filter((name) => second?.includes(name) === false),
      ...(second ?? []).filter((name) => first?.includes(name) === false),
    ].map((name) => name.replace(/\.sql$/, ""));
    const [, section = ""] = read("sql/README.md").split("## What one dialect alone has\n");
    const named = [...section.matchAll(/`([a-z]+\/[a-z-]+)`/g)].map((match) => match[1] ?? "");
    expect(named.toSorted()).toEqual(alone.toSorted());
  });

  test("for Babelfish replace one of SQL Server and take and return the same", () => {
    const folder = "sql/sqlserver/babelfish/";
    const replacing = sqlFiles.filter((file) => file.startsWith(folder));
    expect(replacing.length).toBeGreaterThan(5);
    const other = replacing.filter((file) => {
      const replaced = file.replace("/babelfish/", "/");
      return !sqlFiles.includes(replaced) || headerOf(read(file)) !== headerOf(read(replaced));
    });
    expect(other).toEqual([]);
  });
});

/** By name within the dialect: the lines "params" and "returns". */
function headersOf(folder: string): ReadonlyMap<string, string> {
  const own = sqlFiles.filter((file) => file.startsWith(folder) && !file.includes("/babelfish/"));
  return new Map(own.map((file) => [file.slice(folder.length), headerOf(read(file))]));
}

/** A script for one server can be a single statement for another; what goes in and comes out is the same. */
function headerOf(text: string): string {
  return text.split("\n").slice(1, 3).join("\n");
}

/** "table.column" of each column that a script creates, in its order. */
function columnsOf(script: string): string[] {
  return [...script.matchAll(/CREATE TABLE (\S+) \(([\s\S]*?)\)(?:;|$)/g)].flatMap(([, table = "", columns = ""]) =>
    [
      ...columns.matchAll(
        /(?:^|,)\s*([a-z_]+) (?:n?varchar|n?char|bigint|int|bit|binary|varbinary|uniqueidentifier|datetime2?|sysname|smallint|tinyint|rowversion)\b/g,
      ),
    ].map(([, column = ""]) => `${table}.${column}`),
  );
}

import { describe, expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { furthestOf } from "../../../../actor/database/sqlserver/identities.js";
import { quoteIdentifier, quoteText } from "../../../../actor/database/sqlserver/quote-identifier.js";
import { beyondKey } from "../../../../actor/database/sqlserver/ranges.js";
import { SqlFiles } from "../../../../actor/database/sqlserver/sql-files.js";
import { tableSql } from "../../../../actor/database/sqlserver/table-sql.js";

const root = new URL("../../../../../sql/sqlserver/", import.meta.url);
const code = new URL("../../../../../actor/database/sqlserver/", import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".sql"))
  .map((name) => name.replace(/\.sql$/, ""));

test("each file is used, and each that is used is there", () => {
  const text = readdirSync(code)
    .map((name) => readFileSync(new URL(name, code), "utf8"))
    .join("\n");
  const used = new Set(
    [...text.matchAll(/"((?:install|query|apply|gate|promote|remove)\/[a-z-]+)"/g)].map(([, name]) => name),
  );
  expect([...used].sort()).toEqual(files.filter((name) => !name.startsWith("babelfish/")).sort());
});

test("a file is replaced for Babelfish where it lacks something, and only there", () => {
  const sql = new SqlFiles();
  expect(sql.text("sqlserver", "query/lowest-active")).toContain("MIN_ACTIVE_ROWVERSION()");
  expect(sql.text("babelfish", "query/lowest-active")).toContain("txid_snapshot_xmin");
  expect(sql.text("babelfish", "query/become-source")).toBe(sql.text("sqlserver", "query/become-source"));
  expect(() => sql.text("sqlserver", "gate/open")).toThrow(/needs \{\{table\}\}/);
});

test("OUTPUT is found in modules of databases that tell cases apart", () => {
  const text = new SqlFiles().text("sqlserver", "query/preflight", { schemas: "@p1" });
  const compared = [...text.matchAll(/(\S+ COLLATE \S+_CI_AS )?LIKE '%output/g)].map(([, left]) => left?.split(" ")[0]);
  expect(compared).toEqual(["m.definition", "m.definition"]);
});

describe("names and texts", () => {
  test.each([
    ["plain", "[plain]"],
    ["a]b", "[a]]b]"],
    ["]; DROP TABLE t; --", "[]]; DROP TABLE t; --]"],
    ["Ünï\"'", "[Ünï\"']"],
    ["x".repeat(128), `[${"x".repeat(128)}]`],
  ])("%s becomes %s", (name, quoted) => {
    expect(quoteIdentifier(name)).toBe(quoted);
  });

  test.each(["", "a\0b", "x".repeat(129)])("refuses what cannot be a name (%#)", (name) => {
    expect(() => quoteIdentifier(name)).toThrow(expect.objectContaining({ code: "DATABASE_UNSUPPORTED" }));
  });

  test("a text stays one literal", () => {
    expect(quoteText("it's")).toBe("N'it''s'");
    expect(() => quoteText("a\0")).toThrow(expect.objectContaining({ code: "DATABASE_UNSUPPORTED" }));
  });
});

test("rows beyond a key are compared column by column, by the column's own collation", () => {
  const rest = { isNotNull: true, identity: "", isGenerated: false } as const;
  const { keys } = tableSql({
    n: 1,
    definition: {
      schema: "dbo",
      name: "t",
      columns: [
        { name: "a", type: "int", baseType: "int", collation: "", ...rest },
        { name: "b", type: "varchar(9)", baseType: "varchar(9)", collation: "Greek_BIN", ...rest },
      ],
      keyColumns: ["a", "b"],
    },
  });
  expect(beyondKey(keys, 2)).toBe(
    "t.[a] >= CAST(@p3 AS int) AND (t.[a] > CAST(@p3 AS int) OR (t.[a] = CAST(@p3 AS int) AND t.[b] > CAST(@p4 AS varchar(9)) COLLATE Greek_BIN))",
  );
});

test.each([
  [[5n, 9n, 7n], 1n, 9n],
  [[-5n, -9n, -7n], -1n, -9n],
  [[12345678901234567890n, 1n], 10n, 12345678901234567890n],
  [[], 1n, undefined],
])("the furthest of %p with increment %p is %p", (values, increment, furthest) => {
  expect(furthestOf(values, increment)).toBe(furthest);
});

test("the order of the application's triggers stays: none is altered, and none of ours asks for a place", () => {
  const texts = files.map((name) => [name, readFileSync(new URL(`${name}.sql`, root), "utf8")] as const);
  const ordering = /sp_settriggerorder|(?:CREATE OR )?ALTER TRIGGER/i;
  expect(texts.filter(([, text]) => ordering.test(text)).map(([name]) => name)).toEqual([]);
  const dropping = texts.filter(([, text]) => /DROP TRIGGER/i.test(text)).map(([name]) => name);
  expect(dropping).toEqual(["install/drop-trigger"]);
});

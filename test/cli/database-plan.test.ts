import { expect, test } from "@jest/globals";
import { planInstall } from "../../actor/database/sqlserver/install.js";
import { describeScripts } from "../../cli/commands/database.js";
import { SqlServerModel } from "../support/sqlserver-model.js";

const finding = { severity: "warning", message: "two\nlines", hint: "see to\r\nthem" } as const;
const result = { database: "shop", created: [], findings: [finding] };

test("a plan for SQL Server is a script for sqlcmd: GO stands alone in its line, and what is said beside it is a comment", async () => {
  const server = new SqlServerModel({}, { "install/is-installed": () => [{ is_installed: "0" }] });
  const statements = await planInstall(server.context([]), [], new AbortController().signal);
  const lines = describeScripts({ ...result, statements }, "plan")
    .join("\n")
    .split("\n");
  expect(lines.slice(0, 5)).toEqual([
    "-- warning: shop: two lines; see to them",
    "-- shop",
    "-- create the schema sparesync",
    "BEGIN TRANSACTION;",
    "GO",
  ]);
  expect(lines.filter((line) => line.startsWith("GO")).length).toBeGreaterThan(3);
  expect(lines.filter((line) => line.startsWith("GO") && line !== "GO")).toEqual([]);
});

test("a plan with nothing to do, or for PostgreSQL, has nothing but comments and statements with an end", () => {
  expect(describeScripts({ ...result, statements: [] }, "plan")).toEqual([
    "-- warning: shop: two lines; see to them",
    "-- shop: nothing is missing",
  ]);
  const statements = ["-- create it", "BEGIN", "CREATE SCHEMA sparesync", "COMMIT"];
  expect(describeScripts({ ...result, statements }, "plan").slice(1)).toEqual([
    ...["-- shop", "-- create it", "BEGIN;", "CREATE SCHEMA sparesync;", "COMMIT;"],
  ]);
});

test("an installation tells its findings as they are", () => {
  expect(describeScripts({ ...result, statements: [] }, "install")[0]).toBe(
    "warning: shop: two\nlines; see to\r\nthem",
  );
});

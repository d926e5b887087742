import { expect, test } from "@jest/globals";
import { databaseSize } from "../../../../actor/database/sqlserver/capture.js";
import { probe } from "../../../../actor/database/sqlserver/catalogue.js";
import { readServerFacts } from "../../../../actor/database/sqlserver/server-facts.js";
import { SqlFiles } from "../../../../actor/database/sqlserver/sql-files.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

const { signal } = new AbortController();

/** A server that says this of itself, in the columns of query/server. */
async function serverOf(version: string, edition: string, compatibilityLevel = "100") {
  const row = [version, edition, compatibilityLevel, "1", "Microsoft SQL Server", "0"];
  const pool = { request: () => ({ query: () => Promise.resolve({ recordsets: [[row]] }) }) };
  const answers = { "query/membership": () => [{ is_owner: "1", may_silence: "1" }] };
  return new SqlServerModel({}, answers, await readServerFacts(pool as never, new SqlFiles()));
}

test.each([
  ["10.0.1600.22", "Express Edition", 4],
  ["10.50.1600.1", "Express Edition", 10],
  ["10.50.6000.34", "Express Edition with Advanced Services (64-bit)", 10],
  ["11.0.2100.60", "Express Edition", 10],
  ["16.0.1000.6", "Express Edition (64-bit)", 10],
  ["17.0.1000.7", "Express Edition (64-bit)", 50],
  ["10.0.1600.22", "Standard Edition", undefined],
])("SQL Server %s, %s, holds %p GiB", async (version, edition, gibibytes) => {
  const { limitBytes } = await databaseSize((await serverOf(version, edition)).context([]), signal);
  expect(limitBytes).toBe(gibibytes === undefined ? undefined : gibibytes * 1024 ** 3);
});

test.each([
  [
    "a compatibility level of SQL Server 2005",
    "16.0.1000.6",
    "90",
    /its compatibility level is 90, that of SQL Server 2005/,
  ],
  ["SQL Server 2005", "9.00.5000.00", "90", /SQL Server 9\.00\.5000\.00, .* is older than SQL Server 2008/],
])("%s is refused by its name", async (_, version, level, message) => {
  const server = await serverOf(version, "Standard Edition", level);
  await expect(probe(server.context([]), signal)).rejects.toMatchObject({
    code: "DATABASE_UNSUPPORTED",
    message: expect.stringMatching(message),
  });
});

test("SQL Server 2008 at its own compatibility level is taken", async () => {
  const server = await serverOf("10.0.1600.22", "Standard Edition");
  expect(await probe(server.context([]), signal)).toMatchObject({ flavour: "sqlserver", cannotApplyBecause: "" });
});

import { expect, test } from "@jest/globals";
import type { ServerFacts } from "../../../../actor/database/sqlserver/server-facts.js";
import { preflight } from "../../../../actor/database/sqlserver/preflight.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

const { signal } = new AbortController();

async function found(facts: Partial<ServerFacts>, durability = "DISABLED", isOwner = "1"): Promise<readonly string[]> {
  const answers = {
    "query/membership": () => [{ is_owner: isOwner }],
    "query/durability": () => [{ delayed_durability: durability }],
  };
  const server = new SqlServerModel({}, answers, facts);
  const findings = await preflight(server.context([]), signal);
  return findings.map(({ severity, message }) => `${severity}: ${message}`);
}

/** What cannot be seen in a catalogue is said each time. */
const always = [
  expect.stringMatching(/^warning: programs that write with Entity Framework/),
  expect.stringMatching(/^warning: nothing watches over changes of key columns/),
  expect.stringMatching(/^warning: no trigger sees TRUNCATE TABLE, bulk loads without FIRE_TRIGGERS/),
];

test("a current server with nothing special has nothing but what is always said", async () => {
  expect(await found({})).toEqual(always);
});

test.each([
  [
    "a server before 2016 compares beginnings of long values",
    { canHashLargeValues: false },
    "DISABLED",
    /over 8,000 bytes/,
  ],
  ["snapshots are not allowed", { isSnapshotAllowed: false }, "DISABLED", /snapshot isolation is not allowed/],
  ["commits need not wait for the disk", {}, "ALLOWED", /DELAYED_DURABILITY is ALLOWED/],
  ["no commit waits for the disk", {}, "FORCED", /DELAYED_DURABILITY is FORCED/],
] as const)("says when %s", async (_, facts, durability, message) => {
  expect(await found(facts, durability)).toEqual([expect.stringMatching(message), ...always]);
});

test.each([
  ["SQL Server 2012", { majorVersion: 11, canDelayDurability: false }],
  ["Babelfish", { flavour: "babelfish", canDelayDurability: false }],
] as const)("does not ask %s for what it does not know", async (_, facts) => {
  expect(await found(facts, "FORCED")).toEqual(always);
});

test("names the right that is missing as what forbids the installation", async () => {
  expect((await found({}, "DISABLED", "0"))[0]).toMatch(/^refusal: the user \S+ lacks membership in db_owner/);
});

test("names the sequences that could not be set at a promotion, and asks for none where there can be none", async () => {
  const of = async (hasSequences: boolean): Promise<readonly string[]> => {
    const answers = {
      "query/membership": () => [{ is_owner: "1" }],
      "promote/sequence-rights": () => [{ sequence: "[dbo].[receipt]" }],
    };
    const context = new SqlServerModel({}, answers, { hasSequences }).context([]);
    return (await preflight(context, signal)).map(({ severity, message }) => `${severity}: ${message}`);
  };
  expect((await of(true))[0]).toMatch(
    /^refusal: the user \S+ lacks ALTER and UPDATE on the sequences \[dbo\]\.\[receipt\]$/,
  );
  expect(await of(false)).toEqual(always);
});

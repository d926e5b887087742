import { expect, test } from "@jest/globals";
import type { JournalBatch } from "../../../../actor/core/journal-wire.js";
import type { ColumnDefinition } from "../../../../actor/core/journal-schema.js";
import { reseedIdentities, restartOf, withinType } from "../../../../actor/database/sqlserver/identities.js";
import { replaceAll } from "../../../../actor/database/sqlserver/table-copy.js";
import { rehearsePromotion } from "../../../../actor/database/sqlserver/promotion.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

const sequence = { increment: "1", minimum: "1", maximum: "100", is_cycling: "0" };

test.each([
  { when: "values are left", row: { shipped: "41" }, value: 42n, isUsedUp: false },
  { when: "the last but one was given out", row: { shipped: "99" }, value: 100n, isUsedUp: false },
  { when: "the last was given out", row: { shipped: "100" }, value: 100n, isUsedUp: true },
  {
    when: "the last was given out of one that cycles",
    row: { shipped: "100", is_cycling: "1" },
    value: 1n,
    isUsedUp: false,
  },
  { when: "the next step leads beyond the end", row: { shipped: "95", increment: "10" }, value: 100n, isUsedUp: true },
  { when: "it descends and has given out its last", row: { shipped: "1", increment: "-1" }, value: 1n, isUsedUp: true },
  {
    when: "it descends and cycles",
    row: { shipped: "1", increment: "-1", is_cycling: "1" },
    value: 100n,
    isUsedUp: false,
  },
  { when: "the source's lies before what this one may give out", row: { shipped: "-20" }, value: 1n, isUsedUp: false },
  {
    when: "it ends where the type ends",
    row: { shipped: "9223372036854775807", maximum: "9223372036854775807" },
    value: 9223372036854775807n,
    isUsedUp: true,
  },
])("a sequence goes on within its limits where $when", ({ row, value, isUsedUp }) => {
  expect(restartOf({ ...sequence, ...row })).toEqual({ value, isUsedUp });
});

test.each([
  { type: "tinyint", value: 256n, within: 255n },
  { type: "tinyint", value: -1n, within: 0n },
  { type: "smallint", value: 32_768n, within: 32_767n },
  { type: "int", value: 2_147_483_647n, within: 2_147_483_647n },
  { type: "int", value: -2_147_483_649n, within: -2_147_483_648n },
  { type: "bigint", value: 2n ** 63n, within: 2n ** 63n - 1n },
  { type: "decimal(5,0)", value: 100_000n, within: 99_999n },
  { type: "numeric(38,0)", value: -(10n ** 38n), within: -(10n ** 38n) + 1n },
])("an identity of type $type goes on within it: $value becomes $within", ({ type, value, within }) => {
  expect(withinType(value, type)).toBe(within);
});

test("an identity that was given out to its end is set to its end, which stops no promotion", async () => {
  const set: string[] = [];
  const row = { schema: "dbo", table: "t", column_name: "id", increment: "1", last_value: null, shipped: "32767" };
  const server = new SqlServerModel(
    {},
    {
      "promote/identities": () => [row],
      "promote/set-identity": (_, __, { value }) => {
        set.push(value ?? "");
        return undefined;
      },
    },
    { hasSequences: false },
  );
  const column = {
    type: "smallint",
    baseType: "smallint",
    collation: "",
    isNotNull: true,
    isGenerated: false,
  } as const;
  const columns: ColumnDefinition[] = [{ ...column, name: "id", identity: "always" }];
  const context = server.context([{ schema: "dbo", name: "t", columns, keyColumns: ["id"] }]);
  const options = { signal: new AbortController().signal, doing: "reseed" };
  await context.connection.transaction(options, (transaction) => reseedIdentities(context, transaction));
  expect(set).toEqual(["32767"]);
});

test("a rehearsal names the sequences that could not be set", async () => {
  const answers = {
    "query/state": () => [
      { history: "h", mode: "standby", applied_history: "h", applied_stage: "complete", epoch: "1" },
    ],
    "promote/sequence-rights": () => [{ sequence: "[dbo].[receipt]" }],
  };
  const context = new SqlServerModel({}, answers).context([]);
  await expect(rehearsePromotion(context, 1, new AbortController().signal)).rejects.toMatchObject({
    code: "DATABASE_REFUSED",
    message: expect.stringContaining("[dbo].[receipt]"),
    hint: expect.stringContaining("GRANT ALTER, UPDATE ON OBJECT::[dbo].[receipt] TO ["),
  });
});

const options = { signal: new AbortController().signal, doing: "reseed" };
const rowsOf = {
  behind: { own: "7", shipped: "10" },
  same: { own: "10", shipped: "10" },
  ahead: { own: "510", shipped: "10" },
  aheadDownwards: { own: "-510", shipped: "-10", increment: "-1", minimum: "-1000" },
  circling: { own: "90", shipped: "10", is_cycling: "1" },
};

/** What is sent of sequences that the source has told of, and whether that is forgotten. */
function sequenceServer(): { readonly server: SqlServerModel<object>; readonly set: string[] } {
  const set: string[] = [];
  const server = new SqlServerModel(
    {},
    {
      "query/state": () => [{ history: "h", mode: "closed" }],
      "promote/sequence-objects": () =>
        Object.entries(rowsOf).map(([name, row]) => ({ schema: "dbo", name, ...sequence, maximum: "1000", ...row })),
      "promote/restart-sequence": (_, __, { sequence: name, value }) => {
        set.push(`${name ?? ""} ${value ?? ""}`);
        return undefined;
      },
      "promote/forget-sequences": () => {
        set.push("forgotten");
        return undefined;
      },
    },
  );
  return { server, set };
}
const expectedSequences = ["[dbo].[behind] 11", "[dbo].[same] 11", "[dbo].[circling] 11", "forgotten"];

test("a sequence that is ahead of what the source said last is left where it is; what the source said counts once", async () => {
  const { server, set } = sequenceServer();
  const context = server.context([]);
  await context.connection.transaction(options, (transaction) => reseedIdentities(context, transaction));
  expect(set).toEqual(expectedSequences);
});

test("what a backup says of sequences holds in the transaction that restores it", async () => {
  const { server, set } = sequenceServer();
  const none = async function* (): AsyncIterable<JournalBatch> {
    // No row, which is a backup too.
  };
  await replaceAll(server.context([]), none(), options.signal);
  expect(set).toEqual(expectedSequences);
  expect(server.committed.length).toBe(1);
});

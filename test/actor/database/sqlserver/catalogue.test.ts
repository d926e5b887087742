import { expect, test } from "@jest/globals";
import { readCatalogue } from "../../../../actor/database/sqlserver/catalogue.js";
import type { Row } from "../../../../actor/database/sqlserver/connection.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

const { signal } = new AbortController();
const table = { schema: "dbo", name: "wide" };

/** A table of so many columns of numbers, and one more that the server computes. */
function columnsOf(count: number): Row[] {
  return Array.from({ length: count + 1 }, (_, at) => ({
    ...table,
    column_name: `c${at}`,
    type_name: "int",
    is_nullable: "0",
    is_computed: at === count ? "1" : "0",
  }));
}

// "Maximum capacity specifications for SQL Server": 1,024 columns per table, a temporary one as well.
test.each([
  { columns: 1021, hasKey: false, because: undefined },
  { columns: 1022, hasKey: false, because: /1022 columns .* take 1021 of a table without a key/ },
  { columns: 1023, hasKey: true, because: undefined },
  { columns: 1024, hasKey: true, because: /1024 columns .* take 1023 of a table/ },
])(
  "a table with $columns columns, with a key: $hasKey, is told before anything is installed if it cannot be copied",
  async ({ columns, hasKey, because }) => {
    const key = { ...table, index_id: "1", is_primary_key: "1", column_name: "c0", is_nullable: "0" };
    const model = new SqlServerModel(
      {},
      {
        "query/user-tables": () => [table],
        "query/columns": () => columnsOf(columns),
        "query/keys": () => (hasKey ? [key] : []),
      },
    );
    const { tables, refusals } = await readCatalogue(model.context([]), signal);
    expect(tables).toHaveLength(because === undefined ? 1 : 0);
    expect(refusals).toEqual(
      because === undefined ? [] : [{ table: "dbo.wide", because: expect.stringMatching(because) }],
    );
  },
);

test("sequences are told by name, and not asked for where there can be none", async () => {
  const answers = { "query/sequence-names": () => [{ schema: "dbo", name: "receipt" }] };
  const catalogueOf = (hasSequences: boolean): ReturnType<typeof readCatalogue> =>
    readCatalogue(new SqlServerModel({}, answers, { hasSequences }).context([]), signal);
  expect((await catalogueOf(true)).sequences).toEqual(["dbo.receipt"]);
  expect((await catalogueOf(false)).sequences).toEqual([]);
});

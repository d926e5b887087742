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

// The answer of Babelfish 4.2 to these statements, with SQL Server's brackets.
test("constraints are told as their catalogue writes them, columns of an index and of a foreign key together", async () => {
  const line = { schema: "dbo", name: "wide", part: null, points_schema: null, points_name: null };
  const key = { ...line, kind: "foreign-key", constraint_name: "of_p", points_schema: "dbo", points_name: "parent" };
  const answers = {
    "query/user-tables": () => [table],
    "query/columns": () => columnsOf(2),
    "query/keys": () => [],
    "query/constraints": () => [
      { ...line, kind: "unique", constraint_name: "two", says: " WHERE ([c1]>(0))", part: "c1" },
      { ...line, kind: "unique", constraint_name: "two", says: " WHERE ([c1]>(0))", part: "c0" },
      { ...line, kind: "check", constraint_name: "few", says: "CHECK ([c1]<(9))" },
      { ...key, says: " REFERENCES dbo.parent ON DELETE CASCADE ON UPDATE NO_ACTION", part: "c1 to id" },
      { ...line, name: "left_out", kind: "check", constraint_name: "other", says: "CHECK (1=1)" },
    ],
  };
  const { constraints } = await readCatalogue(new SqlServerModel({}, answers).context([]), signal);
  const reference = "FOREIGN KEY (c1 to id) REFERENCES dbo.parent ON DELETE CASCADE ON UPDATE NO_ACTION";
  expect(constraints).toEqual({
    release: "sqlserver 16",
    tables: {
      "dbo.wide": [
        { kind: "unique", name: "two", says: "UNIQUE (c0, c1) WHERE ([c1]>(0))" },
        { kind: "check", name: "few", says: "CHECK ([c1]<(9))" },
        { kind: "foreign-key", name: "of_p", says: reference, pointsTo: "dbo.parent" },
      ],
    },
  });
});

import { expect, test } from "@jest/globals";
import type { TableDefinition } from "../../../../actor/core/journal-schema.js";
import { wholeTable } from "../../../../actor/core/verification.js";
import { sumRange } from "../../../../actor/database/sqlserver/ranges.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

const { signal } = new AbortController();
const column = {
  name: "v",
  type: "int",
  baseType: "int",
  collation: "",
  isNotNull: true,
  identity: "",
  isGenerated: false,
} as const;
const table: TableDefinition = { schema: "dbo", name: "log", columns: [column], keyColumns: [] };

test.each([
  { rows: wholeTable, statements: ["query/range-sum"] },
  { rows: 1000, statements: ["query/range-end", "query/range-sum"] },
])("the end of a range of $rows rows is looked for only where it has one", async ({ rows, statements }) => {
  const model = new SqlServerModel({}, { "query/range-sum": () => [{ rows: "5", sum: "17" }] });
  const context = model.context([table]);
  const check = { table: "dbo.log", after: undefined, upTo: undefined, rows, isDetailed: false };
  const sum = await context.connection.transaction({ signal, doing: "compare" }, (transaction) =>
    sumRange(context, transaction, check, () => Promise.resolve()),
  );
  expect(sum).toMatchObject({ upTo: undefined, rows: 5, sum: "17" });
  expect(model.committed).toEqual([statements]);
});

import { expect, test } from "@jest/globals";
import { readPoint } from "../../../../actor/database/sqlserver/point-reader.js";
import { rowCounts } from "../../../../actor/database/sqlserver/row-counts.js";
import type { JournalBatch } from "../../../../actor/core/journal-wire.js";
import type { RangeCheck } from "../../../../actor/core/verification.js";
import type { TableDefinition } from "../../../../actor/core/journal-schema.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

const { signal } = new AbortController();
const table: TableDefinition = {
  schema: "dbo",
  name: "t",
  columns: [
    { name: "id", type: "int", baseType: "int", collation: "", isNotNull: true, identity: "", isGenerated: false },
  ],
  keyColumns: ["id"],
};
const check: RangeCheck = { table: "dbo.t", after: undefined, upTo: undefined, rows: 100, isDetailed: false };
const limits = { batchRows: 100, batchBytes: 1000 };
const nothing = (): Promise<void> => Promise.resolve();

const answers = {
  "query/lowest-active": () => [{ low: "77" }],
  "query/pending-of-table": () => [{ n: "1", pending: "0" }],
  "query/range-sum": () => [{ rows: "3", sum: "12" }],
};

function read(server: SqlServerModel<object>, checks: readonly RangeCheck[]): Promise<unknown> {
  const request = { point: 1, attempt: "a", checks, isSentEmpty: true };
  return readPoint(server.context([table]), request, limits, nothing, signal);
}

test("without snapshots a comparison is refused with what to do, and points go on", async () => {
  const server = new SqlServerModel({}, answers, { isSnapshotAllowed: false });
  await expect(read(server, [check])).rejects.toMatchObject({
    code: "DATABASE_UNSUPPORTED",
    hint: expect.stringContaining("ALTER DATABASE [shop] SET ALLOW_SNAPSHOT_ISOLATION ON"),
  });
  expect(await read(server, [])).toEqual({ token: { point: 1, attempt: "a", snapshot: "77" }, sums: [] });
});

test("with snapshots a comparison is a part of the point", async () => {
  const server = new SqlServerModel({}, answers);
  expect(await read(server, [check])).toMatchObject({ sums: [{ table: "dbo.t", rows: 3, sum: "12" }] });
});

test("a journal that holds nothing but NULL, as anybody may write it, empties no table of the target", async () => {
  const journalled = {
    ...answers,
    "query/pending-of-table": () => [{ n: "1", pending: "1" }],
    "query/readable-rows": () => [],
    "query/is-truncated": () => [{ is_truncated: "1" }],
  };
  const server = new SqlServerModel({}, journalled);
  const kinds: string[] = [];
  const write = ({ kind }: { readonly kind: string }): Promise<void> => {
    kinds.push(kind);
    return Promise.resolve();
  };
  await readPoint(
    server.context([table]),
    { point: 1, attempt: "a", checks: [], isSentEmpty: false },
    limits,
    write,
    signal,
  );
  expect(kinds).toEqual(["sequences"]);
});

test("numbers of rows are asked of the catalogue, the tables' before those of their journals", async () => {
  const counted: string[] = [];
  const counts = {
    "query/count-of-table": (
      _: object,
      __: unknown,
      { table: name = "", name: literal = "" }: Record<string, string>,
    ) => {
      counted.push(literal);
      return [{ n: "1", rows: name === "[dbo].[t]" ? "30" : "2" }];
    },
  };
  const server = new SqlServerModel({}, counts);
  expect(await rowCounts(server.context([table])).estimate(signal)).toEqual([{ table: "dbo.t", rows: 30, pending: 2 }]);
  expect(counted).toEqual(["N'[dbo].[t]'", "N'sparesync.j_1'"]);
});

test("where nothing could be proven nothing is suspected", async () => {
  const server = new SqlServerModel({}, {}, { isSnapshotAllowed: false });
  expect(await rowCounts(server.context([table])).estimate(signal)).toBeUndefined();
});

test("sequences travel as one batch, also when there is none, so that the target forgets those that are gone", async () => {
  const batches: JournalBatch[] = [];
  const write = (batch: JournalBatch): Promise<void> => {
    batches.push(batch);
    return Promise.resolve();
  };
  const request = { point: 1, attempt: "a", checks: [], isSentEmpty: true };
  await readPoint(new SqlServerModel({}, answers).context([table]), request, limits, write, signal);
  expect(batches).toMatchObject([{ kind: "sequences", rows: 0 }]);
});

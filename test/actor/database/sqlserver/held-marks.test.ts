import { expect, test } from "@jest/globals";
import { noteHeld, readMarks } from "../../../../actor/database/sqlserver/state.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

interface StoredTable {
  readonly label: string;
  readonly mark: string;
  readonly held: string | undefined;
}

const { signal } = new AbortController();

function modelOf(tables: readonly StoredTable[]): SqlServerModel<{ tables: readonly StoredTable[] }> {
  return new SqlServerModel(
    { tables },
    {
      "query/marks": (content) =>
        content.tables.map(({ label, mark, held }) => ({
          label,
          mark,
          shape: "[]",
          is_own: "1",
          is_held: held === mark ? "1" : "0",
        })),
      "install/note-table-held": (content, [label, mark]) => {
        content.tables = content.tables.map((one) =>
          one.label === label && one.mark === mark ? { ...one, held: one.mark } : one,
        );
        return [];
      },
    },
  );
}

test("a table is held under the mark that it still has, and under no other", async () => {
  const server = modelOf([
    { label: "dbo.t", mark: "one", held: undefined },
    { label: "dbo.u", mark: "one", held: "older" },
    { label: "dbo.v", mark: "one", held: "one" },
  ]);
  const context = server.context([]);
  const { own, held } = await readMarks(context, signal);
  expect(held).toEqual(["dbo.v"]);
  // Renewed after the target was asked.
  server.content.tables = server.content.tables.map((one) => (one.label === "dbo.u" ? { ...one, mark: "two" } : one));
  await noteHeld(context, own, signal);
  expect((await readMarks(context, signal)).held).toEqual(["dbo.t", "dbo.v"]);
  expect(server.committed.flat().filter((file) => file === "install/note-table-held")).toHaveLength(1);
});

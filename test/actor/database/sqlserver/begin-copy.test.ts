import { beforeEach, describe, expect, test } from "@jest/globals";
import type { TableDefinition } from "../../../../actor/core/journal-schema.js";
import { beginCopy } from "../../../../actor/database/sqlserver/table-copy.js";
import { AppError } from "../../../../shared/core/app-error.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

interface Content {
  mode: "standby" | "open";
  epoch: number;
  history: string;
  stage: string;
  /** Marks under which tables are copied. */
  copied: Record<string, string>;
  rows: Record<string, number>;
  /** What TRUNCATE is forbidden for. */
  referenced: string[];
}

const definition = (name: string): TableDefinition => ({ schema: "dbo", name, columns: [], keyColumns: [] });
const keyed = (name: string): TableDefinition => ({
  ...definition(name),
  columns: [
    { name: "id", type: "int", baseType: "int", collation: "", isNotNull: true, identity: "", isGenerated: false },
  ],
  keyColumns: ["id"],
});
const definitions = [keyed("large"), keyed("small")];
const request = { history: "h2", epoch: 4, marks: { "dbo.large": "m1", "dbo.small": "m2" }, tables: undefined };

function serverWith(changes: Partial<Content> = {}): SqlServerModel<Content> {
  const content: Content = {
    mode: "standby",
    epoch: 3,
    history: "h1",
    stage: "complete",
    copied: { "dbo.large": "old", "dbo.small": "old" },
    rows: { "[dbo].[large]": 120_000, "[dbo].[small]": 3 },
    referenced: [],
    ...changes,
  };
  const tableOf = (parts: Readonly<Record<string, string>>): string => parts["table"] ?? "";
  const state = (now: Content) => [
    {
      history: "own",
      epoch: String(now.epoch),
      mode: now.mode,
      applied_history: now.history,
      applied_point: "7",
      applied_attempt: "a",
      applied_stage: now.stage,
      applied_complete_up_to_ms: "0",
    },
  ];
  return new SqlServerModel(content, {
    "query/state": state,
    "apply/raise-epoch": (now, [epoch]) => {
      now.epoch = Math.max(now.epoch, Number(epoch));
      return undefined;
    },
    "apply/start-position": (now, [history, stage]) => {
      now.history = String(history);
      now.stage = String(stage);
      return undefined;
    },
    "apply/resume-copying": (now) => {
      now.stage = "copying";
      return undefined;
    },
    "apply/forget-copied": (now) => {
      now.copied = {};
      return undefined;
    },
    "apply/forget-table": (now, [label]) => {
      now.copied = Object.fromEntries(Object.entries(now.copied).filter(([table]) => table !== label));
      return undefined;
    },
    "apply/copied": (now) =>
      Object.entries(now.copied).map(([table, mark]) => {
        return { table_label: table, mark, chunk: "0", last_key: null, is_done: "0", copied_rows: "0" };
      }),
    "apply/begin-table": (now, [label, mark]) => {
      now.copied[String(label)] = String(mark);
      return undefined;
    },
    "apply/empty-table": (now, _, parts) => {
      now.rows[tableOf(parts)] = 0;
      return undefined;
    },
    "query/may-truncate": (now, [name]) => [{ may_truncate: now.referenced.includes(String(name)) ? "0" : "1" }],
    "apply/truncate-table": (now, _, parts) => {
      now.rows[tableOf(parts)] = 0;
      return undefined;
    },
    "apply/delete-some": (now, _, parts) => {
      const rows = now.rows[tableOf(parts)] ?? 0;
      const deleted = Math.min(rows, Number(parts["count"]));
      now.rows[tableOf(parts)] = rows - deleted;
      return [{ deleted: String(deleted) }];
    },
  });
}

describe("the beginning of a copy on SQL Server", () => {
  const { signal } = new AbortController();
  let server: SqlServerModel<Content>;

  beforeEach(() => {
    server = serverWith();
  });

  const transactionsWith = (file: string): number => server.committed.filter((files) => files.includes(file)).length;

  test("empties tables at once where nothing forbids it, and begins each under its mark", async () => {
    const progress = await beginCopy(server.context(definitions), request, signal);
    expect(progress.map(({ table, chunk, isDone }) => ({ table, chunk, isDone }))).toEqual([
      { table: "dbo.large", chunk: 0, isDone: false },
      { table: "dbo.small", chunk: 0, isDone: false },
    ]);
    expect(server.content).toMatchObject({
      epoch: 4,
      history: "h2",
      stage: "copying",
      copied: request.marks,
      rows: { "[dbo].[large]": 0, "[dbo].[small]": 0 },
    });
    expect(transactionsWith("apply/truncate-table")).toBe(2);
    expect(transactionsWith("apply/delete-some")).toBe(0);
  });

  test("deletes some rows at a time, each in a transaction of its own, where a foreign key points to the table", async () => {
    server = serverWith({ referenced: ["[dbo].[large]"] });
    await beginCopy(server.context(definitions), request, signal);
    expect(server.content.rows).toEqual({ "[dbo].[large]": 0, "[dbo].[small]": 0 });
    expect(transactionsWith("apply/delete-some")).toBe(3);
    expect(transactionsWith("apply/truncate-table")).toBe(1);
  });

  test("deletes rows where TRUNCATE fails all the same: somebody reads the table", async () => {
    server.beforeEach = (file) => {
      if (file === "apply/truncate-table") throw new AppError("DATABASE_BUSY", "lock request time out");
    };
    await beginCopy(server.context(definitions), request, signal);
    expect(server.content.rows).toEqual({ "[dbo].[large]": 0, "[dbo].[small]": 0 });
  });

  test("cut off anywhere, the target never looks like a copy, and the next try goes on", async () => {
    const largest = 100;
    let isWhole = false;
    for (let at = 1; at < largest && !isWhole; at += 1) {
      server = serverWith({ referenced: ["[dbo].[large]"] });
      let left = at;
      server.beforeEach = () => {
        left -= 1;
        if (left === 0) throw new AppError("DATABASE_UNREACHABLE", "cut");
      };
      isWhole = await beginCopy(server.context(definitions), request, signal).then(
        () => true,
        () => false,
      );
      const { rows, stage, copied, history } = server.content;
      const isTouched = rows["[dbo].[large]"] !== 120_000 || rows["[dbo].[small]"] !== 3;
      if (isTouched) expect({ at, history, stage }).toEqual({ at, history: "h2", stage: "copying" });
      for (const [label, table] of [
        ["dbo.large", "[dbo].[large]"],
        ["dbo.small", "[dbo].[small]"],
      ] as const) {
        if (copied[label] === request.marks[label])
          expect({ at, label, rows: rows[table] }).toEqual({ at, label, rows: 0 });
      }
      server.beforeEach = () => undefined;
      await beginCopy(server.context(definitions), request, signal);
      expect(server.content).toMatchObject({ stage: "copying", copied: request.marks });
      expect(server.content.rows).toEqual({ "[dbo].[large]": 0, "[dbo].[small]": 0 });
    }
    expect(isWhole).toBe(true);
  });

  test("deletes nothing more once the target has been promoted by a person", async () => {
    server = serverWith({ referenced: ["[dbo].[large]"] });
    server.beforeEach = (file) => {
      if (file === "apply/delete-some" && server.content.rows["[dbo].[large]"] === 70_000) server.content.mode = "open";
    };
    // The promotion comes between two transactions: the next one looks.
    await expect(beginCopy(server.context(definitions), request, signal)).rejects.toMatchObject({
      code: "OPERATION_REFUSED",
    });
    expect(server.content.rows["[dbo].[large]"]).toBe(20_000);
  });

  test("goes on with tables whose copy is under way, and leaves others alone when only one is asked for", async () => {
    server = serverWith({ history: "h2", copied: { "dbo.large": "m1", "dbo.small": "old" } });
    await beginCopy(server.context(definitions), { ...request, tables: ["dbo.small"] }, signal);
    expect(server.content).toMatchObject({
      stage: "copying",
      copied: request.marks,
      rows: { "[dbo].[large]": 120_000, "[dbo].[small]": 0 },
    });
  });

  test("touches nothing where a table has no mark, or the epoch is over", async () => {
    const marks = { "dbo.large": "m1" };
    await expect(beginCopy(server.context(definitions), { ...request, marks }, signal)).rejects.toMatchObject({
      code: "REQUEST_INVALID",
    });
    await expect(beginCopy(server.context(definitions), { ...request, epoch: 2 }, signal)).rejects.toMatchObject({
      code: "EPOCH_TOO_OLD",
    });
    expect(server.content).toEqual(serverWith().content);
  });
});

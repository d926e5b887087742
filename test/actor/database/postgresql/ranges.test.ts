import { expect, test } from "@jest/globals";
import { wholeTable } from "../../../../actor/core/verification.js";
import type { Transaction } from "../../../../actor/database/postgresql/connection.js";
import type { EngineContext } from "../../../../actor/database/postgresql/context.js";
import { sumRange } from "../../../../actor/database/postgresql/ranges.js";
import { SqlFiles } from "../../../../actor/database/postgresql/sql-files.js";

const definition = { schema: "public", name: "t", columns: [], keyColumns: [] };
const check = { table: "public.t", after: undefined, upTo: undefined, rows: wholeTable, isDetailed: false };

test.each([
  {
    when: "with a limit",
    limitMs: { limitMs: 5_000 },
    sent: ["statement_timeout = 6000", "SELECT count", "statement_timeout = 0"],
  },
  { when: "without one", limitMs: {}, sent: ["SELECT count"] },
])("a range is summed $when, which the server keeps itself", async ({ limitMs, sent }) => {
  const statements: string[] = [];
  const transaction = {
    script: (texts: readonly string[]) => Promise.resolve(void statements.push(...texts)),
    query: (text: string) => {
      statements.push(text);
      return Promise.resolve([{ rows: "3", sum: "7" }]);
    },
  } as unknown as Transaction;
  const context = {
    sql: new SqlFiles(),
    tables: new Map([["public.t", { n: 1, definition }]]),
  } as unknown as EngineContext;
  const sum = await sumRange(context, transaction, { ...check, ...limitMs }, () => Promise.resolve());
  expect(sum).toMatchObject({ rows: 3, sum: "7" });
  expect(statements.map((text, at) => text.includes(sent[at] ?? "nothing"))).toEqual(sent.map(() => true));
});

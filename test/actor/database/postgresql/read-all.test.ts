import { expect, test } from "@jest/globals";
import type { TransactionOptions } from "../../../../actor/database/postgresql/connection.js";
import type { EngineContext } from "../../../../actor/database/postgresql/context.js";
import { readAll } from "../../../../actor/database/postgresql/point-reader.js";

test("reading all tables may take as long as a large database needs, if something is heard of it within an hour", async () => {
  let asked: TransactionOptions | undefined;
  const connection = {
    transaction: (options: TransactionOptions) => {
      asked = options;
      return Promise.resolve();
    },
  };
  const context = { connection, lockedFirst: [] as readonly string[] } as unknown as EngineContext;
  await readAll(context, { batchRows: 1, batchBytes: 1 }, () => Promise.resolve(), new AbortController().signal);
  // Of copies this is the longest silence; see "what goes on saying something may be read for as long as it takes".
  expect(asked?.limitMs).toBe(3_600_000);
});

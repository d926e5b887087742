import { expect, test } from "@jest/globals";
import { EventEmitter } from "node:events";
import {
  runTransaction,
  type Session,
  type TransactionOptions,
} from "../../../../actor/database/sqlserver/connection.js";
import type { ServerFacts } from "../../../../actor/database/sqlserver/server-facts.js";
import { SqlFiles } from "../../../../actor/database/sqlserver/sql-files.js";
import { SqlServerModel } from "../../../support/sqlserver-model.js";

type Done = (error?: Error) => void;

/** A connection of the driver that notes what it is told; the pool has only this one. */
function sessionThatNotes(said: string[], facts: Partial<ServerFacts>, failing?: string): Session {
  const note = (what: string, done: Done): void => {
    said.push(what);
    done(what === failing ? new Error(`${what} failed`) : undefined);
  };
  const connection = Object.assign(new EventEmitter(), {
    beginTransaction: (done: Done) => {
      note("begin", done);
    },
    commitTransaction: (done: Done) => {
      note("commit", done);
    },
    rollbackTransaction: (done: Done) => {
      note("rollback", done);
    },
  });
  const pool = {
    connected: true,
    config: { options: {} },
    acquire: (_: unknown, done: (error: undefined, connection: object, config: object) => void) => {
      done(undefined, connection, {});
    },
    release: () => undefined,
    request: () => ({
      batch: (text: string) =>
        new Promise<void>((resolve, reject) => {
          note(text.includes("EXEC @outcome = sys.sp_flush_log") ? "flush" : text, (error) => {
            if (error) reject(error);
            else resolve();
          });
        }),
    }),
  };
  const { facts: usual } = new SqlServerModel({}, {});
  return { pool: pool as unknown as Session["pool"], facts: { ...usual, ...facts }, cut: () => undefined };
}

const base = { signal: new AbortController().signal, doing: "test" };

async function run(
  options: Partial<TransactionOptions>,
  facts: Partial<ServerFacts> = {},
  failing?: string,
): Promise<readonly string[]> {
  const said: string[] = [];
  const session = sessionThatNotes(said, facts, failing);
  const work = (): Promise<string> => {
    said.push("work");
    return Promise.resolve("done");
  };
  said.push(await runTransaction(session, new SqlFiles(), { ...base, ...options }, work).catch(String));
  return said;
}

test.each([
  ["reads and writes", {}, ["begin", "work", "commit", "flush", "done"]],
  ["reads as of one moment", { isSnapshot: true }, ["begin", "work", "commit", "flush", "done"]],
  ["has each statement by itself", { isAutocommit: true }, ["work", "flush", "done"]],
])("what a transaction saw and wrote is on the disk before it ends, when it %s", async (_when, options, said) => {
  expect(await run(options)).toEqual(said);
});

test("a server that knows no commits without the disk is not asked", async () => {
  expect(await run({}, { canDelayDurability: false })).toEqual(["begin", "work", "commit", "done"]);
});

test("nothing is taken for done where the log cannot be flushed", async () => {
  expect(await run({}, {}, "flush")).toEqual(["begin", "work", "commit", "flush", "Error: flush failed"]);
});

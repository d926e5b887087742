import { z } from "zod";
import { differenceKinds } from "./verification.js";

/** What a person may ask of one database of the source, besides the operations of the pair. */
export const databaseTaskRequest = z.discriminatedUnion("task", [
  /** Compare all rows of both sides. */
  z.strictObject({ task: z.literal("verify"), isRepairing: z.boolean().default(false) }),
  /** Copy everything, or these tables, once more. */
  z.strictObject({ task: z.literal("reinitialise"), tables: z.array(z.string()).max(10_000).optional() }),
  /** Declare both sides identical, while synchronisation is turned off. */
  z.strictObject({ task: z.literal("fix-sync-state"), isVerified: z.boolean().default(true) }),
]);
export type DatabaseTaskRequest = z.output<typeof databaseTaskRequest>;

const difference = z.object({
  table: z.string(),
  key: z.array(z.union([z.string(), z.null()])),
  what: z.enum(differenceKinds),
});

/** How a task stands; the last one of a database is kept until the actor ends. */
export const databaseTaskView = z.object({
  database: z.string(),
  task: z.enum(["verify", "reinitialise", "fix-sync-state"]),
  state: z.enum(["running", "done", "failed"]),
  requestedBy: z.string(),
  startedAtMs: z.number(),
  endedAtMs: z.number(),
  /** Why it failed, "" otherwise. */
  because: z.string(),
  /** Of a verification that is done. */
  verification: z
    .object({
      rows: z.number(),
      differences: z.number(),
      repaired: z.number(),
      found: z.array(difference),
      /** Tables that were too large for one reading: nothing is known of them. */
      unverified: z.array(z.string()).default([]),
    })
    .nullable(),
});
export type DatabaseTaskView = z.output<typeof databaseTaskView>;

/** Runs tasks, one at a time for each database. */
export interface DatabaseTasks {
  /** Begins a task and answers at once. Throws NOT_FOUND for an unknown database, OPERATION_RUNNING while one runs. */
  begin(database: string, request: DatabaseTaskRequest, requestedBy: string): DatabaseTaskView;
  /** The last task of the database; undefined: there was none. Throws NOT_FOUND for an unknown database. */
  last(database: string): DatabaseTaskView | undefined;
  /** Breaks off what runs. */
  close(): Promise<void>;
}

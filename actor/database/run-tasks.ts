import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { DatabaseTaskRequest, DatabaseTasks, DatabaseTaskView } from "../core/database-task.js";
import type { OperatorAct } from "../../shared/core/event-record.js";
import type { DatabaseSync } from "./create-database-sync.js";

/** What runs tasks is made of. */
export interface DatabaseTasksOptions {
  readonly databases: readonly { readonly name: string }[];
  readonly sync: Pick<DatabaseSync, "verify" | "reinitialise" | "declareSame">;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  /** Takes each task into the history: when it begins, and what came of it. */
  readonly recordAct: (act: OperatorAct) => void;
}

/** See DatabaseTasks. */
export function createDatabaseTasks({ databases, sync, clock, log, recordAct }: DatabaseTasksOptions): DatabaseTasks {
  const names = databases.map(({ name }) => name);
  const stopping = new AbortController();
  const views = new Map<string, DatabaseTaskView>();
  const running = new Set<Promise<void>>();

  const known = (database: string): void => {
    if (names.includes(database)) return;
    const hint = `There are: ${names.join(", ") || "none"}.`;
    throw new AppError("NOT_FOUND", `there is no database ${JSON.stringify(database)} in the settings`, { hint });
  };

  const end = (database: string, changes: Partial<DatabaseTaskView>): void => {
    const view = views.get(database);
    if (view) views.set(database, { ...view, ...changes, endedAtMs: clock.wallMs() });
  };

  const perform = async (database: string, request: DatabaseTaskRequest, requestedBy: string): Promise<void> => {
    const act = { who: requestedBy, why: describe(request), subject: database };
    recordAct({ ...act, result: "begun" });
    try {
      const verification = await runTask(sync, database, request, stopping.signal);
      end(database, { state: "done", verification });
      recordAct({ ...act, result: verification ? `done: ${verification.differences} differences` : "done" });
    } catch (error) {
      recordAct({ ...act, result: `failed: ${errorMessage(error)}` });
      end(database, { state: "failed", because: errorMessage(error) });
      log.warn("database-task-failed", { database, task: request.task, because: errorMessage(error) });
    }
  };

  return {
    begin: (database, request, requestedBy) => {
      known(database);
      if (views.get(database)?.state === "running") {
        throw new AppError("OPERATION_RUNNING", `database ${database}: a task runs already`);
      }
      const view: DatabaseTaskView = {
        database,
        task: request.task,
        state: "running",
        requestedBy,
        startedAtMs: clock.wallMs(),
        endedAtMs: 0,
        because: "",
        verification: null,
      };
      views.set(database, view);
      log.info("database-task-begun", { database, task: request.task, requestedBy });
      const work = perform(database, request, requestedBy).finally(() => running.delete(work));
      running.add(work);
      return view;
    },
    last: (database) => {
      known(database);
      return views.get(database);
    },
    close: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

/** What was asked for, with what it may change. */
function describe(request: DatabaseTaskRequest): string {
  switch (request.task) {
    case "verify":
      return request.isRepairing ? "verify and repair the database" : "verify the database";
    case "reinitialise":
      return `copy ${request.tables === undefined ? "the whole database" : `the tables ${request.tables.join(", ")}`} anew`;
    case "fix-sync-state":
      return `declare both sides of the database identical${request.isVerified ? ", after a comparison" : ", unseen"}`;
  }
}

async function runTask(
  sync: DatabaseTasksOptions["sync"],
  database: string,
  request: DatabaseTaskRequest,
  signal: AbortSignal,
): Promise<DatabaseTaskView["verification"]> {
  switch (request.task) {
    case "verify": {
      const { isRepairing } = request;
      const report = await sync.verify({ database, isRepairing }, signal);
      const { rows, differences, repaired, unverified, found } = report;
      return {
        rows,
        differences,
        repaired,
        unverified: [...unverified],
        found: found.map((each) => ({ ...each, key: [...each.key] })),
      };
    }
    case "reinitialise":
      await sync.reinitialise({ database, tables: request.tables }, signal);
      return null;
    case "fix-sync-state":
      await sync.declareSame({ database, isVerified: request.isVerified }, signal);
      return null;
  }
}

import { z } from "zod";
import { databaseTaskView, type DatabaseTaskView } from "../actor/core/database-task.js";
import type { Json } from "../shared/core/json.js";
import { toJson, understand } from "./admin-answers.js";
import type { AdminClient } from "./admin-client.js";
import { exitCodes, tell, type CliIo, type CommandResult } from "./cli-io.js";

const pollMs = 500;
const answerForm = z.object({ task: databaseTaskView });
/** More differing rows than these are in the actor's log. */
const shownRows = 20;

/** Asks a running actor for a task of one database and follows it to its end. */
export async function runDatabaseTask(
  io: CliIo,
  client: AdminClient,
  database: string,
  request: Json,
): Promise<CommandResult> {
  const path = `/v1/databases/${encodeURIComponent(database)}/task`;
  let { task } = understand(answerForm, await client.post(path, request), client);
  tell(io, `${database}: ${task.task} has begun`);
  while (task.state === "running") {
    await io.clock.sleep(pollMs);
    ({ task } = understand(answerForm, await client.get(path), client));
  }
  return describeTask(task);
}

function describeTask(task: DatabaseTaskView): CommandResult {
  const { verification } = task;
  const isEqual = (verification?.differences ?? 0) === (verification?.repaired ?? 0);
  const isFine = task.state === "done" && isEqual && (verification?.unverified ?? []).length === 0;
  return {
    text:
      task.state === "failed" ? `${task.database}: ${task.task} failed: ${task.because}` : doneText(task).join("\n"),
    json: { ok: isFine, task: toJson(task) },
    exitCode: isFine ? exitCodes.fine : exitCodes.problem,
  };
}

function doneText({ database, task, verification }: DatabaseTaskView): readonly string[] {
  switch (task) {
    case "reinitialise":
      return [`${database}: the copy begins with the next point; sparesync status shows how far it is`];
    case "fix-sync-state":
      return [`${database}: both sides count as identical from now on`];
    case "verify": {
      const { rows, differences, repaired, unverified, found } = verification ?? {
        rows: 0,
        differences: 0,
        repaired: 0,
        unverified: [],
        found: [],
      };
      const head = `${database}: ${rows} rows compared, ${differences} differ, ${repaired} repaired`;
      const lines = found.slice(0, shownRows).map(({ table, key, what }) => `${table} (${key.join(", ")}): ${what}`);
      const more = differences > lines.length ? [`and ${differences - lines.length} more, in the actor's log`] : [];
      const left = unverified.map(
        (table) => `warning: ${table}: not verified: too large for one reading; add a key or exclude it`,
      );
      return [head, ...lines, ...more, ...left];
    }
  }
}

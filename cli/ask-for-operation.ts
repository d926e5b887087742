import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import type { OperationKind, OperationView } from "../shared/core/status.js";
import { requestOperation, toJson, type PlannedAnswer } from "./admin-answers.js";
import { openAdminClient, type AdminClient, type AdminFlags } from "./admin-client.js";
import { formatPlan, formatPreChecks } from "../actor/core/plan-text.js";
import type { JsonObject } from "../shared/core/json.js";
import { exitCodes, tell, UsageError, type CliIo, type CommandResult } from "./cli-io.js";
import { followOperation } from "./follow-operation.js";
import { formatByHand, formatOperation } from "./operation-text.js";

/** How long `--wait` waits when nothing else is said: longer than a switch with a large last synchronisation. */
const defaultLimitSeconds = 900;

export interface OperationFlags extends AdminFlags {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly limitSeconds: number;
}

/** Options of every command that asks for an operation. */
export function addOperationOptions(command: Command): Command {
  return command
    .option("--reason <text>", "why; kept in the record of the operation. Needed unless --dry-run is said")
    .option("--dry-run", "only show what would be done and what stands against it");
}

/** Options for staying until the operation has ended. */
export function addWaitOptions(command: Command): Command {
  return command
    .option("--wait", "show the progress until the operation has ended")
    .option("--limit-seconds <seconds>", "how long --wait waits", readSeconds, defaultLimitSeconds);
}

/** Asks for an operation and, if wished, follows it. */
export async function askForOperation(
  kind: OperationKind,
  flags: OperationFlags,
  io: CliIo,
  more: JsonObject = {},
): Promise<CommandResult> {
  const { reason, dryRun } = flags;
  if (reason === undefined && dryRun !== true) {
    throw new UsageError("--reason TEXT is needed; it is kept in the record of the operation. Only to look: --dry-run");
  }
  const client = await openAdminClient(flags, io);
  const body = {
    kind,
    ...(reason === undefined ? {} : { reason }),
    ...(dryRun === true ? { dryRun: true } : {}),
    ...more,
  };
  const answer = await requestOperation(client, "/v1/operations", body);
  if (answer.outcome === "planned") return describePlan(answer);
  const isOther = answer.outcome === "running" && answer.operation.kind !== kind;
  if (isOther) return describeOther(answer.operation);
  if (answer.outcome === "running") tell(io, `${kind} runs already as ${answer.operation.id}`);
  return finishOrFollow(client, answer.operation, flags, io);
}

/** The answer about an operation that was accepted: at once, or with --wait when it has ended. */
export async function finishOrFollow(
  client: AdminClient,
  operation: OperationView,
  { wait, limitSeconds }: Pick<OperationFlags, "wait" | "limitSeconds">,
  io: CliIo,
): Promise<CommandResult> {
  if (wait !== true) {
    const text = `${operation.kind} accepted as ${operation.id}; sparesync operations show ${operation.id}`;
    return { text, json: { ok: true, operation: toJson(operation) }, exitCode: exitCodes.fine };
  }
  tell(io, `${operation.kind} ${operation.id}, from ${operation.from} to ${operation.to}`);
  const ended = await followOperation(client, operation.id, {
    clock: io.clock,
    limitSeconds,
    signal: io.interruption(),
    tell: (line) => {
      tell(io, line);
    },
  });
  const isDone = ended.state === "done";
  return {
    text: `${formatOperation(ended)}${formatByHand(ended)}`,
    json: { ok: isDone, operation: toJson(ended) },
    exitCode: isDone ? exitCodes.fine : exitCodes.problem,
  };
}

function describePlan({ operation, obstacles, plan, checks }: PlannedAnswer): CommandResult {
  const isPossible = obstacles.length === 0;
  const text = [
    formatPlan(operation, plan),
    formatPreChecks(checks),
    ...(isPossible ? ["Nothing stands against it."] : ["What stands against it:"]),
    ...obstacles.map((obstacle) => `  - ${obstacle}`),
  ].join("\n");
  return {
    text,
    json: {
      ok: isPossible,
      operation: toJson(operation),
      obstacles,
      plan: plan.map(toJson),
      checks: checks.map(toJson),
    },
    exitCode: isPossible ? exitCodes.fine : exitCodes.problem,
  };
}

function describeOther(operation: OperationView): CommandResult {
  return {
    text: `refused: another operation is running\n${formatOperation(operation)}`,
    json: {
      ok: false,
      error: { code: "OPERATION_RUNNING", message: `${operation.kind} ${operation.id} is running` },
      operation: toJson(operation),
    },
    exitCode: exitCodes.problem,
  };
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError("expected a number of seconds");
  return seconds;
}

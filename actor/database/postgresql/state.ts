import { z } from "zod";
import type { JournalState } from "../../core/journal-position.js";
import type { Row, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";

const mode = z.enum(["open", "closed", "standby"]);
const stage = z.enum(["copying", "catching-up", "adopted", "complete"]);

/** Reads the state inside a transaction. */
export async function stateIn(context: EngineContext, transaction: Transaction): Promise<JournalState> {
  const rows = await transaction.query(context.sql.text("query/state"));
  return stateOf(rows[0] ?? {});
}

/** As stateIn, and nobody else can change it until the transaction ends. */
export async function lockedState(context: EngineContext, transaction: Transaction): Promise<JournalState> {
  await transaction.query(context.sql.text("query/lock-state"));
  return stateIn(context, transaction);
}

export async function readState(context: EngineContext, signal: AbortSignal): Promise<JournalState> {
  return context.connection.transaction({ signal, doing: "read the state" }, (transaction) =>
    stateIn(context, transaction),
  );
}

function stateOf(row: Row): JournalState {
  const text = (name: string): string => row[name] ?? "";
  const number = (name: string): number => Number(row[name] ?? 0);
  return {
    history: text("history"),
    parent: { history: text("parent_history"), point: number("parent_point"), attempt: text("parent_attempt") },
    shippedPoint: number("shipped_point"),
    sending:
      text("sending_attempt") === ""
        ? undefined
        : { point: number("sending_point"), attempt: text("sending_attempt"), snapshot: text("sending_snapshot") },
    epoch: number("epoch"),
    mode: mode.parse(row["mode"]),
    promotedEpoch: number("promoted_epoch"),
    hasBeenSource: row["has_been_source"] === "t",
    applied:
      text("applied_history") === ""
        ? undefined
        : {
            history: text("applied_history"),
            point: number("applied_point"),
            attempt: text("applied_attempt"),
            stage: stage.parse(row["applied_stage"]),
            completeUpToMs: number("applied_complete_up_to_ms"),
          },
  };
}

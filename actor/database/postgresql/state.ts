import { z } from "zod";
import type { JournalState, TableMarks } from "../../core/journal-position.js";
import { tableMark } from "../../core/journal-schema.js";
import type { ReadMarks } from "../engine.js";
import type { Row, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";

const mode = z.enum(["open", "closed", "standby"]);
const stage = z.enum(["copying", "catching-up", "adopted", "complete"]);

/** Reads the state inside a transaction. */
export async function stateIn(context: EngineContext, transaction: Transaction): Promise<JournalState> {
  const rows = await transaction.query(context.sql.text("query/state"));
  return stateOf(rows[0] ?? {});
}

/**
 * Statements with which a transaction opens that needs the state and lets nobody else change it until its end. Each sees
 * what was committed before it, so the state is read once the lock is held.
 */
export function lockingState({ sql }: EngineContext): readonly string[] {
  return [sql.text("query/lock-state"), sql.text("query/state")];
}

/** The state in a transaction opened by lockingState. */
export function lockedState(transaction: Transaction): JournalState {
  return stateOf(transaction.opened[0] ?? {});
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
    captureOffBecause: text("capture_off_because"),
    isCopyRequested: row["is_copy_requested"] === "t",
    verifiedAtMs: number("verified_at_ms"),
    chunksRead: number("chunks_read"),
    newestChunk: number("newest_chunk"),
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

/** See DatabaseEngine.readMarks. */
export async function readMarks({ connection, sql }: EngineContext, signal: AbortSignal): Promise<ReadMarks> {
  const rows = await connection.transaction({ signal, doing: "read the marks" }, (transaction) =>
    transaction.query(sql.text("query/marks")),
  );
  const own = rows.filter((row) => row["is_own"] === "t");
  const copied = rows.filter((row) => row["is_own"] !== "t");
  return {
    own: Object.fromEntries(own.map((row) => [row["label"] ?? "", ownMark(row)])),
    copied: Object.fromEntries(copied.map((row) => [row["label"] ?? "", row["mark"] ?? ""])),
    held: own.filter((row) => row["is_held"] === "t").map((row) => row["label"] ?? ""),
  };
}

/** See DatabaseEngine.noteHeld. */
export async function noteHeld(
  { connection, sql }: EngineContext,
  marks: TableMarks,
  signal: AbortSignal,
): Promise<void> {
  await connection.transaction({ signal, doing: "note what the other server holds" }, async (transaction) => {
    const rows = await transaction.query(sql.text("query/marks"));
    const news = rows.filter((row) => isNews(row, marks));
    if (news.length === 0) return;
    const labels = news.map((row) => row["label"] ?? "");
    await transaction.query(sql.text("install/note-held"), [labels, news.map((row) => row["mark"] ?? "")]);
  });
}

function isNews(row: Row, marks: TableMarks): boolean {
  return row["is_own"] === "t" && row["is_held"] !== "t" && ownMark(row) === marks[row["label"] ?? ""];
}

function ownMark(row: Row): string {
  return tableMark(row["mark"] ?? "", z.array(z.string()).parse(JSON.parse(row["shape"] ?? "[]")));
}

import { z } from "zod";
import type { JournalState, TableMarks } from "../../core/journal-position.js";
import { tableMark } from "../../core/journal-schema.js";
import type { ReadMarks } from "../engine.js";
import type { Row, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";

const mode = z.enum(["open", "closed", "standby"]);
const stage = z.enum(["copying", "catching-up", "adopted", "complete"]);

/** Reads the state inside a transaction. */
export async function stateIn(transaction: Transaction): Promise<JournalState> {
  const rows = await transaction.query(transaction.text("query/state"));
  return stateOf(rows[0] ?? {});
}

/** As stateIn, and nobody else can change it until the transaction ends. */
export async function lockedState(transaction: Transaction): Promise<JournalState> {
  await transaction.query(transaction.text("query/lock-state"));
  return stateIn(transaction);
}

export async function readState(context: EngineContext, signal: AbortSignal): Promise<JournalState> {
  return context.connection.transaction({ signal, doing: "read the state" }, stateIn);
}

function stateOf(row: Row): JournalState {
  const text = (name: string): string => row[name] ?? "";
  const number = (name: string): number => Number(row[name] ?? 0);
  const attempt = text("sending_attempt");
  return {
    history: text("history"),
    parent: { history: text("parent_history"), point: number("parent_point"), attempt: text("parent_attempt") },
    shippedPoint: number("shipped_point"),
    sending:
      attempt === "" ? undefined : { point: number("sending_point"), attempt, snapshot: text("sending_snapshot") },
    epoch: number("epoch"),
    mode: mode.parse(row["mode"]),
    promotedEpoch: number("promoted_epoch"),
    hasBeenSource: row["has_been_source"] === "1",
    captureOffBecause: text("capture_off_because"),
    isCopyRequested: row["is_copy_requested"] === "1",
    verifiedAtMs: number("verified_at_ms"),
    chunksRead: number("chunks_read"),
    newestChunk: number("newest_chunk"),
    applied: appliedOf(row),
  };
}

function appliedOf(row: Row): JournalState["applied"] {
  const history = row["applied_history"] ?? "";
  if (history === "") return undefined;
  return {
    history,
    point: Number(row["applied_point"]),
    attempt: row["applied_attempt"] ?? "",
    stage: stage.parse(row["applied_stage"]),
    completeUpToMs: Number(row["applied_complete_up_to_ms"]),
  };
}

/** See DatabaseEngine.readMarks. */
export async function readMarks({ connection }: EngineContext, signal: AbortSignal): Promise<ReadMarks> {
  const rows = await connection.transaction({ signal, doing: "read the marks" }, (transaction) =>
    transaction.query(transaction.text("query/marks")),
  );
  const own = rows.filter((row) => row["is_own"] === "1");
  const copied = rows.filter((row) => row["is_own"] !== "1");
  return {
    own: Object.fromEntries(own.map((row) => [row["label"] ?? "", ownMark(row)])),
    copied: Object.fromEntries(copied.map((row) => [row["label"] ?? "", row["mark"] ?? ""])),
    held: own.filter((row) => row["is_held"] === "1").map((row) => row["label"] ?? ""),
  };
}

/** See DatabaseEngine.noteHeld. */
export async function noteHeld({ connection }: EngineContext, marks: TableMarks, signal: AbortSignal): Promise<void> {
  await connection.transaction({ signal, doing: "note what the other server holds" }, async (transaction) => {
    const rows = await transaction.query(transaction.text("query/marks"));
    for (const row of rows.filter((one) => isNews(one, marks))) {
      await transaction.query(transaction.text("install/note-table-held"), [row["label"] ?? "", row["mark"] ?? ""]);
    }
  });
}

function isNews(row: Row, marks: TableMarks): boolean {
  return row["is_own"] === "1" && row["is_held"] !== "1" && ownMark(row) === marks[row["label"] ?? ""];
}

function ownMark(row: Row): string {
  return tableMark(row["mark"] ?? "", z.array(z.string()).parse(JSON.parse(row["shape"] ?? "[]")));
}

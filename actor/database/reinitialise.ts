import { copiedShare, describeCopy, type CopyTransfer, type TableSize } from "../core/copy-progress.js";
import { copyAnswer, copyEndAnswer } from "../core/journal-messages.js";
import type { TableMarks } from "../core/journal-position.js";
import { errorMessage } from "../../shared/core/app-error.js";
import { tableLabel } from "../core/journal-schema.js";
import { copyTable } from "./copy-table.js";
import type { AskTarget } from "./journal-reader.js";
import type { Prepared, SideIo } from "./side.js";

/** How far a copy is, all tables together. */
export interface CopyReport {
  readonly done: number;
  readonly total: number;
  /** The table under way. */
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  /** From 0 to 1, by the sizes of the tables where they are known. */
  readonly ratio: number;
  readonly transfer: CopyTransfer;
}

/**
 * Copies tables to the target, in chunks in the order of the key, while the application goes on writing. The journal is
 * not trimmed meanwhile: the first point after the copy makes it consistent. The target's answers alone say where to go
 * on, so a copy cut off anywhere continues behind the last chunk that was written.
 */
export async function copyTables(
  io: SideIo,
  prepared: Prepared,
  request: { readonly tables: readonly string[] | undefined; readonly marks: TableMarks; readonly chunksRead: number },
  ask: AskTarget,
  report: (progress: CopyReport) => void,
  signal: AbortSignal,
): Promise<void> {
  const fields = { marks: request.marks, tables: request.tables ? [...request.tables] : null };
  const begun = copyAnswer.parse((await ask("copy-begin", fields, signal)).fields);
  const known = new Map(begun.tables.map((progress) => [progress.table, progress]));
  const tables = prepared.tables.filter((table) => known.has(tableLabel(table)));
  const sizes = await sizesOf(io, signal);
  const states = tables.map((table) => {
    const { isDone = false, rows = 0 } = known.get(tableLabel(table)) ?? {};
    return { table: tableLabel(table), isDone, rows, sentBytes: 0 };
  });
  const startedMs = io.clock.monotonicMs();
  const shareBefore = copiedShare(states, sizes);
  const tell = (): void => {
    const transfer = describeCopy(states, sizes, { elapsedMs: io.clock.monotonicMs() - startedMs, shareBefore });
    const { table, rows, doneFiles: done, totalFiles: total } = transfer;
    const bytes = states.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    report({ done, total, table, rows, bytes, ratio: copiedShare(states, sizes), transfer });
  };
  const count = { chunksRead: request.chunksRead };
  tell();
  for (const [at, table] of tables.entries()) {
    const state = states[at];
    if (!state || state.isDone) continue;
    const onSent = (sent: { readonly rows: number; readonly bytes: number }): void => {
      state.rows += sent.rows;
      state.sentBytes += sent.bytes;
      tell();
    };
    const mark = request.marks[state.table] ?? "";
    const place = known.get(state.table) ?? { chunk: 0, lastKey: null };
    await copyTable({ io, table, mark, ask, signal, count, onSent }, place);
    state.isDone = true;
    tell();
  }
  // Building indexes can take longer than any answer: each says whether it is done.
  let isEnded = false;
  while (!isEnded) ({ isEnded } = copyEndAnswer.parse((await ask("copy-end", {}, signal)).fields));
}

/** A copy does not wait for what only tells how far it is. */
async function sizesOf({ engine, log, settings }: SideIo, signal: AbortSignal): Promise<readonly TableSize[]> {
  try {
    return (await engine.tableSizes?.(signal)) ?? [];
  } catch (error) {
    log.debug("database-tables-not-measured", { database: settings.name, because: errorMessage(error) });
    return [];
  }
}

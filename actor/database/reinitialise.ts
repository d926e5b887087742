import { copyAnswer, copyProgress } from "../core/journal-messages.js";
import { tableLabel, type TableDefinition } from "../core/journal-schema.js";
import { encodeBatch, type Cell } from "../core/journal-wire.js";
import type { AskTarget } from "./journal-reader.js";
import { readLimits, type Prepared, type SideIo } from "./side.js";

/** Rows of the first chunk of a table, while their size is not known. */
const firstChunkRows = 64;

/**
 * Copies every table to the target, in chunks in the order of the key, while the application goes on writing. The
 * journal is not trimmed meanwhile: the first point after the copy makes it consistent. The target's answers alone
 * say where to go on, so a copy cut off anywhere continues behind the last chunk that was written.
 */
export async function copyDatabase(
  io: SideIo,
  prepared: Prepared,
  ask: AskTarget,
  report: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const begun = copyAnswer.parse((await ask("copy-begin", {}, signal)).fields);
  const known = new Map(begun.tables.map((progress) => [progress.table, progress]));
  let done = 0;
  report(done, prepared.tables.length);
  for (const table of prepared.tables) {
    const progress = known.get(tableLabel(table));
    if (progress?.isDone !== true) await copyTable(io, table, progress, ask, signal);
    report(++done, prepared.tables.length);
  }
  await ask("copy-end", {}, signal);
}

async function copyTable(
  io: SideIo,
  table: TableDefinition,
  known: { readonly chunk: number; readonly lastKey: readonly Cell[] | null } | undefined,
  ask: AskTarget,
  signal: AbortSignal,
): Promise<void> {
  let chunk = known?.chunk ?? 0;
  let lastKey = known?.lastKey ?? undefined;
  let limits = { ...readLimits(io.settings), batchRows: Math.min(firstChunkRows, io.settings.batchRows) };
  for (;;) {
    const read = await io.engine.readCopyChunk(table, lastKey, limits, signal);
    const body = encodeBatch(read.batch);
    const fields = { number: chunk + 1, lastKey: read.lastKey ?? null };
    const answer = copyProgress.parse((await ask("copy-chunk", fields, signal, body)).fields);
    if (answer.isDone) return;
    chunk = answer.chunk;
    lastKey = answer.lastKey ?? undefined;
    // As many rows as fill one message, judged by this one; at most four times as many, for rows may grow.
    const fitting = Math.floor((limits.batchRows * limits.batchBytes) / Math.max(1, body.length));
    const batchRows = Math.max(1, Math.min(io.settings.batchRows, fitting, limits.batchRows * 4));
    limits = { ...limits, batchRows };
  }
}

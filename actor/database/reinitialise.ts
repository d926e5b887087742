import { copyAnswer, copyEndAnswer, copyProgress } from "../core/journal-messages.js";
import type { TableMarks } from "../core/journal-position.js";
import { tableLabel, type TableDefinition } from "../core/journal-schema.js";
import { encodeBatch, type Cell } from "../core/journal-wire.js";
import { packFrame } from "./batch-frame.js";
import type { CopyChunk, ReadLimits } from "./engine.js";
import type { AskTarget } from "./journal-reader.js";
import type { Prepared, SideIo } from "./side.js";

/** Rows of the first chunk of a table, while their size is not known. */
const firstChunkRows = 256;
/** One chunk is one transaction on each side: large enough that its end does not count. */
const chunkBytes = 4 * 1024 * 1024;
const largestChunkRows = 100_000;

/** How far a copy is, all tables together. */
export interface CopyReport {
  readonly done: number;
  readonly total: number;
  /** The table under way. */
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Copies tables to the target, in chunks in the order of the key, while the application goes on writing. The journal is
 * not trimmed meanwhile: the first point after the copy makes it consistent. The target's answers alone say where to go
 * on, so a copy cut off anywhere continues behind the last chunk that was written. While the target writes a chunk, the
 * next one is read.
 */
export async function copyTables(
  io: SideIo,
  prepared: Prepared,
  request: { readonly tables: readonly string[] | undefined; readonly marks: TableMarks },
  ask: AskTarget,
  report: (progress: CopyReport) => void,
  signal: AbortSignal,
): Promise<void> {
  const fields = { marks: request.marks, tables: request.tables ? [...request.tables] : null };
  const begun = copyAnswer.parse((await ask("copy-begin", fields, signal)).fields);
  const known = new Map(begun.tables.map((progress) => [progress.table, progress]));
  const tables = prepared.tables.filter((table) => known.has(tableLabel(table)));
  let rows = begun.tables.reduce((sum, table) => sum + table.rows, 0);
  let bytes = 0;
  for (const [done, table] of tables.entries()) {
    const label = tableLabel(table);
    const progress = known.get(label);
    report({ done, total: tables.length, table: label, rows, bytes });
    if (progress?.isDone === true) continue;
    await copyTable(io, table, progress, ask, signal, (sent) => {
      rows += sent.rows;
      bytes += sent.bytes;
      report({ done, total: tables.length, table: label, rows, bytes });
    });
  }
  report({ done: tables.length, total: tables.length, table: "", rows, bytes });
  // Building indexes can take longer than any answer: each says whether it is done.
  let isEnded = false;
  while (!isEnded) ({ isEnded } = copyEndAnswer.parse((await ask("copy-end", {}, signal)).fields));
}

async function copyTable(
  io: SideIo,
  table: TableDefinition,
  known: { readonly chunk: number; readonly lastKey: readonly Cell[] | null } | undefined,
  ask: AskTarget,
  signal: AbortSignal,
  onSent: (sent: { readonly rows: number; readonly bytes: number }) => void,
): Promise<void> {
  const read = (after: readonly Cell[] | undefined, limits: ReadLimits): Promise<CopyChunk> =>
    io.engine.readCopyChunk(table, after, limits, signal);
  const label = tableLabel(table);
  let number = (known?.chunk ?? 0) + 1;
  let limits = { batchRows: Math.min(firstChunkRows, io.settings.batchRows), batchBytes: chunkBytes };
  let chunk = await read(known?.lastKey ?? undefined, limits);
  for (;;) {
    const frame = await packFrame(encodeBatch(chunk.batch), io.settings.compressBatches);
    const lastKey = chunk.lastKey ?? null;
    const fields = { table: label, number, lastKey: lastKey ? [...lastKey] : null, isCompressed: frame.isCompressed };
    limits = nextLimits(chunk, limits, io.settings.batchRows);
    const sending = ask("copy-chunk", fields, signal, frame.body);
    const next = lastKey ? read(lastKey, limits) : undefined;
    // Both are under way: neither may fail unheard while the other is waited for.
    const [sent, following] = await Promise.allSettled([sending, next]);
    if (sent.status === "rejected") throw sent.reason;
    if (following.status === "rejected") throw following.reason;
    const answer = copyProgress.parse(sent.value.fields);
    onSent({ rows: chunk.batch.rows, bytes: frame.body.length });
    if (answer.isDone) return;
    // The target may know of another chunk than this one (delivered before): its word counts.
    const isExpected = answer.chunk === number;
    chunk = isExpected && following.value ? following.value : await read(answer.lastKey ?? undefined, limits);
    number = answer.chunk + 1;
  }
}

/** As many rows as fill one chunk, judged by this one; at most eight times as many, for rows may grow. */
function nextLimits({ batch }: CopyChunk, limits: ReadLimits, batchRows: number): ReadLimits {
  const fitting = Math.floor((batch.rows * chunkBytes) / Math.max(1, batch.text.length));
  // The setting bounds the batches of points; a chunk is bounded by its bytes, unless the setting is made small.
  const largest = batchRows < 1000 ? batchRows : largestChunkRows;
  return { ...limits, batchRows: Math.max(1, Math.min(largest, fitting, limits.batchRows * 8)) };
}

import pg from "pg";
import { z } from "zod";
import { AppError } from "../../../shared/core/app-error.js";
import { tableLabel } from "../../core/journal-schema.js";
import { batchOfRows, rowsOf, type Cell } from "../../core/journal-wire.js";
import { requireSendable } from "../copy-limits.js";
import type { ChunkPlace, CopyChunk, ReadLimits } from "../engine.js";
import type { JournalledTable } from "../journalled-tables.js";
import { requestCopy } from "./capture.js";
import type { EngineContext } from "./context.js";
import { rowsHead } from "./point-reader.js";
import { readCountedRun } from "./read-counted-run.js";
import { tableSql, withValues } from "./table-sql.js";

const pageBytes = 8192;
/** A page holds more of the smallest rows and less of large ones; the limit of rows is kept in any case. */
const fewestRowsInPage = 20;
const placeColumn = "sparesync_place";

/** Where rows lie: the file of the table, and page and number within it as PostgreSQL writes a `ctid`. */
const lastKeyForm = z.tuple([z.string(), z.string().regex(/^\(\d+,\d+\)$/)]);

interface TableFile {
  readonly file: string;
  readonly pages: number;
}

/**
 * A run of a table without a key, in the order in which its rows lie in the file: by the images of rows, each run would read,
 * digest and sort the whole table again. A row lies elsewhere after an update only, which notes its image in the journal,
 * whatever the update has changed; the first point after the copy puts right what was read twice or not at all. What
 * writes the table into another file (VACUUM FULL, CLUSTER) has no trigger: then the copy of the table begins anew.
 */
export async function readChunkByPlace(
  context: EngineContext,
  table: JournalledTable,
  { after, chunksRead }: ChunkPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): Promise<CopyChunk> {
  const label = tableLabel(table.definition);
  const doing = `copy ${label}`;
  const now = await readFile(context, table, signal);
  const [file, behind] = after ? lastKeyForm.parse(after) : [now.file, "(0,0)"];
  if (file !== now.file) return beginAnew(context, label, signal);
  const pages = Math.ceil(Math.min(limits.batchBytes / pageBytes, limits.batchRows / fewestRowsInPage));
  const end = Math.min(now.pages, pageOf(behind) + pages);
  const text = textOf(context, table, [behind, `(${String(end)},0)`], limits);
  const run = await readCountedRun(context, { text, doing, chunksRead }, limits, signal);
  if ((await readFile(context, table, signal)).file !== file) return beginAnew(context, label, signal);
  const whole = { ...rowsHead(table), rows: run.rows, text: run.text() };
  requireSendable(context.settings.name, whole, []);
  const rows = rowsOf({ ...whole, columns: [...whole.columns, placeColumn] });
  const isCut = run.isFull || run.rows >= limits.batchRows;
  const next = isCut ? (rows.at(-1)?.at(-1) ?? null) : end < now.pages ? `(${String(end)},0)` : undefined;
  return { batch: batchOfRows(whole, rows), lastKey: next === undefined ? undefined : [file, next] };
}

function textOf(
  { sql }: EngineContext,
  table: JournalledTable,
  places: readonly Cell[],
  { batchRows }: ReadLimits,
): string {
  const parts = tableSql(table);
  const names = { table: parts.table, columns: parts.copied, count: String(batchRows) };
  return withValues(sql.text("query/copy-chunk-by-place", names), places);
}

async function readFile(
  { connection, sql }: EngineContext,
  table: JournalledTable,
  signal: AbortSignal,
): Promise<TableFile> {
  const text = sql.text("query/file-of-table", { table: pg.escapeLiteral(tableSql(table).table) });
  const options = { signal, doing: `look for the file of ${tableLabel(table.definition)}`, opening: [text] };
  const [row] = await connection.transaction(options, (transaction) => Promise.resolve(transaction.opened));
  return { file: row?.["file"] ?? "", pages: Number(row?.["pages"]) };
}

function pageOf(place: string): number {
  return Number(/^\((\d+),/.exec(place)?.[1]);
}

async function beginAnew(context: EngineContext, label: string, signal: AbortSignal): Promise<never> {
  await requestCopy(context, [label], signal);
  const because = `the table ${label} was written into another file while it was copied; its copy begins anew`;
  throw new AppError("DATABASE_BUSY", `database ${context.settings.name}: ${because}`);
}

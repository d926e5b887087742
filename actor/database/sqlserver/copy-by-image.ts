import { z } from "zod";
import { AppError } from "../../../shared/core/app-error.js";
import { tableLabel } from "../../core/journal-schema.js";
import type { Cell } from "../../core/journal-wire.js";
import { largestSurplusBytes } from "../copy-limits.js";
import type { ReadLimits } from "../engine.js";
import type { JournalledTable } from "../journalled-tables.js";
import { stagingColumn } from "./column-transport.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { firstImage, imageAfterWindow, largestRowBytes, windowsFor } from "./copy-windows.js";
import { quoteIdentifier } from "./quote-identifier.js";
import { bytesOf, RunOfRows } from "./run-of-rows.js";
import { dropStage, staged } from "./staging.js";
import { tableSql } from "./table-sql.js";

/** The only one of a session: another table, or another part of the same, takes its place. */
const stageName = "#sparesync_copy";

/** Behind so many rows with this image (in hexadecimal), in the order of images. */
interface ImagePlace {
  readonly image: string;
  readonly rows: string;
}

/** The rows of some images, as of one moment: a temporary table, numbered from 1 in the order of their images. */
interface CopyStage {
  readonly label: string;
  readonly begin: ImagePlace;
  /** Their images are before this one; undefined: to the end of the table. */
  readonly end: string | undefined;
  readonly rows: number;
  /** Where the run after the last one begins: behind this row. */
  next: { readonly place: ImagePlace; readonly n: number };
}

const unfilled: CopyStage = {
  label: "",
  begin: { image: firstImage, rows: "0" },
  end: undefined,
  rows: 0,
  next: { place: { image: "", rows: "" }, n: 0 },
};

/** What each session holds: gone with the session, so no stage outlives its temporary table. */
const stages = new WeakMap<object, CopyStage>();

/** The second cell is missing in places of older versions, which never parted rows with the same image. */
const placeForm = z.union([
  z.tuple([z.string().regex(/^[0-9a-f]{40}$/)]),
  z.tuple([z.string().regex(/^[0-9a-f]{40}$/), z.string().regex(/^\d{1,18}$/)]),
]);
const allRows = "9".repeat(18);

/** A run of rows, and the place behind it; undefined where the table has ended. */
export interface CopiedRun {
  readonly rows: readonly (readonly Cell[])[];
  readonly lastKey: readonly Cell[] | undefined;
}

/**
 * A run of a table without a key, in the order of the images of its rows. SQL Server documents no place at which a row lies, so the
 * order is made once: the rows are put into a temporary table of the session, numbered, and read by number from then on.
 * A large table goes there in parts, so that it takes an eighth of its room (see windowsFor). What is in it may be older than
 * what was read before or after: whatever changed meanwhile is in the journal by the images before and after, and the
 * first point after the copy replaces all rows of both. Where the session ends, the rest is put there once more.
 */
export async function readRunByImage(
  context: EngineContext,
  table: JournalledTable,
  after: readonly Cell[] | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): Promise<CopiedRun> {
  const place = placeOf(after);
  // A copy that begins anew must not see what was put there for the one before.
  const known = after ? await readStaged(context, table, place, limits, signal) : undefined;
  if (known) return known;
  await fillStage(context, table, place, signal);
  const run = await readStaged(context, table, place, limits, signal);
  if (run) return run;
  throw lostSession(context, table);
}

function placeOf(after: readonly Cell[] | undefined): ImagePlace {
  if (!after) return { image: firstImage, rows: "0" };
  const [image, rows = allRows] = placeForm.parse(after);
  return { image, rows };
}

function lostSession({ settings }: EngineContext, table: JournalledTable): Error {
  const because = `the connection was lost while ${tableLabel(table.definition)} was being copied`;
  return new AppError("DATABASE_UNREACHABLE", `database ${settings.name}: ${because}`);
}

/** In transactions of their own: a snapshot takes no statement that makes an index, and a temporary table has one. */
async function fillStage(
  context: EngineContext,
  table: JournalledTable,
  begin: ImagePlace,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = context;
  const label = tableLabel(table.definition);
  const parts = tableSql(table);
  const doing = `order the rows of ${label} for their copy`;
  const columns = parts.columns.map((column, index) => {
    const read = column.transport.read(`t.${quoteIdentifier(column.name)}`);
    return { name: staged(index), declared: `${staged(index)} ${stagingColumn(column)} NULL`, read };
  });
  const made = await connection.transaction({ signal, doing, isAutocommit: true }, async (transaction) => {
    await forgetStage(transaction);
    const own = ["n bigint NOT NULL PRIMARY KEY", "image varbinary(20) NOT NULL", "place bigint NOT NULL"];
    const stage = { stage: stageName, columns: [...own, ...columns.map(({ declared }) => declared)].join(", ") };
    await transaction.batch(transaction.text("apply/create-stage", stage));
    stages.set(transaction.session, unfilled);
    const [size] = await transaction.query(transaction.text("query/size-of-table"), [parts.table]);
    return { session: transaction.session, bytes: Number(size?.["bytes"] ?? 0) };
  });
  const end = imageAfterWindow(begin.image, windowsFor(made.bytes));
  await connection.transaction({ signal, doing, isSnapshot: true, isLarge: true }, async (transaction) => {
    if (transaction.session !== made.session) throw lostSession(context, table);
    const text = transaction.text("query/fill-copy-stage", {
      stage: stageName,
      table: parts.table,
      image: parts.keys[0]?.of("t") ?? "",
      names: columns.map(({ name }) => name).join(", "),
      values: columns.map(({ name, read }) => `${read} AS ${name}`).join(", "),
      end: end === undefined ? "" : "AND s.image < CAST(@p2 AS varbinary(20))",
    });
    const bounds = end === undefined ? [begin.image] : [begin.image, end];
    const [row] = await transaction.query(
      text,
      bounds.map((image) => Buffer.from(image, "hex")),
    );
    const next = { place: { image: begin.image, rows: "0" }, n: 0 };
    stages.set(transaction.session, { label, begin, end, rows: Number(row?.["rows"] ?? 0), next });
  });
}

/** Drops what the session still has of a copy. */
async function forgetStage(transaction: Transaction): Promise<void> {
  if (!stages.has(transaction.session)) return;
  await dropStage(transaction, { name: stageName });
  stages.delete(transaction.session);
}

/** Reads what is in the session's stage behind the place; undefined where the session has no such stage. */
async function readStaged(
  context: EngineContext,
  table: JournalledTable,
  place: ImagePlace,
  limits: ReadLimits,
  signal: AbortSignal,
): Promise<CopiedRun | undefined> {
  const { connection } = context;
  const label = tableLabel(table.definition);
  const doing = `copy ${label}`;
  const run = await connection.transaction({ signal, doing, isLarge: true }, async (transaction) => {
    const stage = stages.get(transaction.session);
    if (!stage || stage.label !== label || !isWithin(stage, place)) return undefined;
    return readRun(transaction, table, stage, place, limits);
  });
  if (run && run.lastKey === undefined) {
    await connection.transaction({ signal, doing, isAutocommit: true }, forgetStage);
  }
  return run;
}

function isWithin({ begin, end }: CopyStage, { image, rows }: ImagePlace): boolean {
  const isBehindBegin = image > begin.image || (image === begin.image && BigInt(rows) >= BigInt(begin.rows));
  return isBehindBegin && (end === undefined || image < end);
}

async function readRun(
  transaction: Transaction,
  table: JournalledTable,
  stage: CopyStage,
  place: ImagePlace,
  limits: ReadLimits,
): Promise<CopiedRun> {
  const from = await rowsBefore(transaction, stage, place);
  const count = await rowsThatFit(transaction, table, from, limits);
  const { columns } = tableSql(table);
  const names = columns.map((_, index) => `s.${staged(index)}`).join(", ");
  const text = transaction.text("query/rows-of-copy-stage", { stage: stageName, columns: names });
  const run = new RunOfRows(limits.batchBytes);
  await transaction.stream(text, (row) => void run.add(row, bytesOf(row)), [from, from + count]);
  const n = from + run.rows.length;
  if (n >= stage.rows) {
    return { rows: run.rows, lastKey: stage.end === undefined ? undefined : [stage.end, "0"] };
  }
  const [last] = await transaction.query(transaction.text("query/place-in-copy-stage", { stage: stageName }), [n]);
  const next = { image: last?.["image"] ?? "", rows: last?.["place"] ?? "" };
  stage.next = { place: next, n };
  return { rows: run.rows, lastKey: [next.image, next.rows] };
}

/** How many rows of the stage are before a place: known from the run before, or else looked for. */
async function rowsBefore(transaction: Transaction, { next }: CopyStage, place: ImagePlace): Promise<number> {
  if (next.place.image === place.image && next.place.rows === place.rows) return next.n;
  const text = transaction.text("query/rows-before-in-copy-stage", { stage: stageName });
  const [row] = await transaction.query(text, [Buffer.from(place.image, "hex"), place.rows]);
  return Number(row?.["rows"] ?? 0);
}

/**
 * At most `batchRows`. Where so many rows could be more than may be read in vain, their sizes are asked for first: to cancel a reading
 * ends the session, and the stage with it.
 */
async function rowsThatFit(
  transaction: Transaction,
  table: JournalledTable,
  from: number,
  { batchRows, batchBytes }: ReadLimits,
): Promise<number> {
  const { columns } = tableSql(table);
  if (largestRowBytes(columns.map(({ transport }) => transport.stagedAs)) * batchRows <= largestSurplusBytes) {
    return batchRows;
  }
  const bytes = columns.map((_, index) => `ISNULL(CAST(DATALENGTH(s.${staged(index)}) AS bigint), 0)`).join(" + ");
  const text = transaction.text("query/sizes-in-copy-stage", { stage: stageName, bytes });
  const sizes = await transaction.queryRows(text, [from, from + batchRows]);
  let total = 0;
  const end = sizes.findIndex(([size]) => (total += Number(size)) > batchBytes);
  return end === -1 ? batchRows : Math.max(1, end);
}

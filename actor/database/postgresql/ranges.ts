import { keyNames } from "../../core/journal-schema.js";
import { batchOfRows, type Cell, type JournalBatch } from "../../core/journal-wire.js";
import { wholeTable, type CheckAnswer, type RangeCheck, type RangeSum } from "../../core/verification.js";
import { journalledTable, type JournalledTable } from "../journalled-tables.js";
import { compareRanges, joinHashes, type OwnRanges } from "../compare-ranges.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { beside, keyTexts, matchJournal, tableSql, unnestSql } from "./table-sql.js";

/** The reader's own limit comes first: it says what has happened. */
const graceMs = 1_000;

/** What bounds a range: `after` is not in it, `upTo` is. Sorts as the server sorts the key. */
type Bounds = Pick<RangeSum, "after" | "upTo">;

/** Reads the sum of a range on the source; of a detailed one the hashes of its rows go to `write`. */
export async function sumRange(
  context: EngineContext,
  transaction: Transaction,
  check: RangeCheck,
  write: (batch: JournalBatch) => Promise<void>,
): Promise<RangeSum> {
  const table = journalledTable(context, check.table);
  // To look for the end of the whole table would put all its rows in order.
  const isWhole = check.rows >= wholeTable;
  // Who has given up is not heard by a server that is busy: it would read on to the end.
  if (check.limitMs !== undefined) await limitStatements(transaction, check.limitMs + graceMs);
  const upTo = check.upTo ?? (isWhole ? undefined : await endOfRange(context, transaction, table, check));
  const { rows, sum } = await sumOf(context, transaction, table, { ...check, upTo });
  if (check.limitMs !== undefined) await limitStatements(transaction, 0);
  if (check.isDetailed) {
    const columns = [...keyNames(table.definition), "hash"];
    const head = { kind: "hashes", table: check.table, columns } as const;
    await write(batchOfRows(head, await hashesOf(context, transaction, table, { ...check, upTo })));
  }
  return { table: check.table, after: check.after, upTo, rows, sum, isDetailed: check.isDetailed };
}

/** 0: none. */
async function limitStatements(transaction: Transaction, limitMs: number): Promise<void> {
  await transaction.script([`SET LOCAL statement_timeout = ${String(Math.ceil(limitMs))}`]);
}

async function endOfRange(
  { sql }: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  check: Pick<RangeCheck, "after" | "rows">,
): Promise<readonly Cell[] | undefined> {
  const parts = tableSql(table);
  const { text, values } = rangeSql(table, { after: check.after, upTo: undefined });
  const place = String(Math.max(1, check.rows));
  const statement = { table: parts.table, keys: keyTexts(table), range: text, order: parts.order, place };
  return (await transaction.queryRows(sql.text("query/range-end", statement), values))[0];
}

async function sumOf(
  { sql }: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  bounds: Bounds,
): Promise<{ readonly rows: number; readonly sum: string }> {
  const { table: name, hash } = tableSql(table);
  const { text, values } = rangeSql(table, bounds);
  const [row] = await transaction.query(sql.text("query/range-sum", { table: name, hash, range: text }), values);
  return { rows: Number(row?.["rows"]), sum: row?.["sum"] ?? "" };
}

async function hashesOf(
  { sql }: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  bounds: Bounds,
): Promise<readonly (readonly Cell[])[]> {
  const { table: name, hash } = tableSql(table);
  const { text, values } = rangeSql(table, bounds);
  const statement = sql.text("query/range-hashes", { table: name, keys: keyTexts(table), hash, range: text });
  return transaction.queryRows(statement, values);
}

function rangeSql(table: JournalledTable, bounds: Bounds): { readonly text: string; readonly values: readonly Cell[] } {
  const { keys } = tableSql(table);
  const values: Cell[] = [];
  const part = (key: readonly Cell[] | undefined, side: "behind" | "up to"): readonly string[] => {
    if (!key) return [];
    const condition = beside(keys, side, values.length + 1);
    values.push(...key);
    return [condition];
  };
  const conditions = [...part(bounds.after, "behind"), ...part(bounds.upTo, "up to")];
  return { text: conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`, values };
}

/** See compareRanges. */
export function compareRangesIn(
  context: EngineContext,
  transaction: Transaction,
  ranges: readonly RangeSum[],
  hashesFor: (range: RangeSum) => Promise<readonly (readonly Cell[])[]>,
): Promise<readonly CheckAnswer[]> {
  const own: OwnRanges<JournalledTable> = {
    tableOf: (label) => journalledTable(context, label),
    sumOf: (table, range) => sumOf(context, transaction, table, range),
    endOf: (table, range) => endOfRange(context, transaction, table, range),
    hashesOf: (table, range) => hashesOf(context, transaction, table, range),
    hashesByKey: (table, keys) => hashesByKey(context, transaction, table, keys),
  };
  return compareRanges(own, ranges, hashesFor);
}

async function hashesByKey(
  { sql }: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  keys: readonly (readonly Cell[])[],
): Promise<readonly string[]> {
  const parts = tableSql(table);
  const text = sql.text("query/hashes-of-keys", {
    table: parts.table,
    ...unnestSql(parts.keys),
    match: matchJournal(parts.keys),
    hash: parts.hash,
  });
  const rows = await transaction.query(
    text,
    parts.keys.map((_, at) => keys.map((key) => key[at] ?? null)),
  );
  const found = keys.map(() => "");
  for (const row of rows) {
    const at = Number(row["place"]) - 1;
    found[at] = joinHashes(found[at], row["hash"] ?? null);
  }
  return found;
}

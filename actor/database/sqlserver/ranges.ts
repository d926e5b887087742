import { keyNames } from "../../core/journal-schema.js";
import { batchOfRows, type Cell, type JournalBatch } from "../../core/journal-wire.js";
import { wholeTable, type CheckAnswer, type RangeCheck, type RangeSum } from "../../core/verification.js";
import { journalledTable, type JournalledTable } from "../journalled-tables.js";
import { compareRanges, joinHashes, type OwnRanges } from "../compare-ranges.js";
import type { Parameter, Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { dropStage, matchStage, stageKeys } from "./staging.js";
import { readKeys, tableSql, type KeyPart } from "./table-sql.js";

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
  const upTo = check.upTo ?? (isWhole ? undefined : await endOfRange(transaction, table, check));
  const { rows, sum } = await sumOf(transaction, table, { ...check, upTo });
  if (check.isDetailed) {
    const columns = [...keyNames(table.definition), "hash"];
    const head = { kind: "hashes", table: check.table, columns } as const;
    await write(batchOfRows(head, await hashesOf(transaction, table, { ...check, upTo })));
  }
  return { table: check.table, after: check.after, upTo, rows, sum, isDetailed: check.isDetailed };
}

function hashFor(transaction: Transaction, table: JournalledTable): string {
  const { hash, hashOfBeginnings } = tableSql(table);
  return transaction.server.canHashLargeValues ? hash : hashOfBeginnings;
}

async function endOfRange(
  transaction: Transaction,
  table: JournalledTable,
  check: Pick<RangeCheck, "after" | "rows">,
): Promise<readonly Cell[] | undefined> {
  const parts = tableSql(table);
  const { text, values } = rangeSql(table, { after: check.after, upTo: undefined });
  const place = String(Math.max(1, check.rows));
  const statement = { table: parts.table, keys: namedKeys(parts.keys), range: text, order: parts.order, place };
  const found = await transaction.queryRows(transaction.text("query/range-end", statement), values);
  return found[0]?.slice(0, parts.keys.length);
}

function namedKeys(keys: readonly KeyPart[]): string {
  return keys.map((part, index) => `${part.transport.read(part.of("t"))} AS r${String(index + 1)}`).join(", ");
}

async function sumOf(
  transaction: Transaction,
  table: JournalledTable,
  bounds: Bounds,
): Promise<{ readonly rows: number; readonly sum: string }> {
  const { table: name } = tableSql(table);
  const hash = hashFor(transaction, table);
  const { text, values } = rangeSql(table, bounds);
  const statement = transaction.text("query/range-sum", { table: name, hash, range: text });
  const [row] = await transaction.query(statement, values);
  return { rows: Number(row?.["rows"]), sum: row?.["sum"] ?? "" };
}

async function hashesOf(
  transaction: Transaction,
  table: JournalledTable,
  bounds: Bounds,
): Promise<readonly (readonly Cell[])[]> {
  const { table: name, keys } = tableSql(table);
  const hash = hashFor(transaction, table);
  const { text, values } = rangeSql(table, bounds);
  const parts = { table: name, keys: readKeys(keys), hash, range: text };
  return transaction.queryRows(transaction.text("query/range-hashes", parts), values);
}

function rangeSql(
  table: JournalledTable,
  bounds: Bounds,
): { readonly text: string; readonly values: readonly Parameter[] } {
  const { keys } = tableSql(table);
  const conditions: string[] = [];
  const values: Parameter[] = [];
  if (bounds.after) {
    conditions.push(`(${beyondKey(keys, 0)})`);
    values.push(...keyParameters(keys, bounds.after));
  }
  if (bounds.upTo) {
    conditions.push(`NOT (${beyondKey(keys, values.length)})`);
    values.push(...keyParameters(keys, bounds.upTo));
  }
  return { text: conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`, values };
}

/**
 * Rows behind a key in the order of the key, compared by the server's own collations; the key's parameters follow
 * `offset` others. T-SQL cannot compare rows: `a >= x AND (a > x OR (a = x AND b > y))`, so that an index over a and b
 * is still searched from x on.
 */
export function beyondKey(keys: readonly KeyPart[], offset: number): string {
  const terms = keys.map((part, index) => {
    const collation = part.collation === "" ? "" : ` COLLATE ${part.collation}`;
    const parameter = `@p${String(offset + index + 1)}`;
    return { own: part.of("t"), value: `${part.transport.restore(parameter)}${collation}` };
  });
  return terms.reduceRight((rest, { own, value }, index) => {
    if (index === terms.length - 1) return `${own} > ${value}`;
    return `${own} >= ${value} AND (${own} > ${value} OR (${own} = ${value} AND ${rest}))`;
  }, "");
}

export function keyParameters(keys: readonly KeyPart[], cells: readonly Cell[]): readonly Parameter[] {
  return keys.map((part, index) => {
    const cell = cells[index] ?? null;
    return cell === null ? null : part.transport.toBulk(cell);
  });
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
    sumOf: (table, range) => sumOf(transaction, table, range),
    endOf: (table, range) => endOfRange(transaction, table, range),
    hashesOf: (table, range) => hashesOf(transaction, table, range),
    hashesByKey: (table, keys) => hashesByKey(transaction, table, keys),
  };
  return compareRanges(own, ranges, hashesFor);
}

async function hashesByKey(
  transaction: Transaction,
  table: JournalledTable,
  keys: readonly (readonly Cell[])[],
): Promise<readonly string[]> {
  const { table: name, keys: parts } = tableSql(table);
  const hash = hashFor(transaction, table);
  const columns = parts.map((_, at) => keys.map((key) => key[at] ?? null));
  const stage = await stageKeys(transaction, table, parts, columns);
  const statement = { table: name, stage: stage.name, match: matchStage(stage, parts), hash };
  const rows = await transaction.query(transaction.text("query/hashes-of-staged-keys", statement));
  await dropStage(transaction, stage);
  const found = keys.map(() => "");
  for (const row of rows) {
    const at = Number(row["place"]);
    found[at] = joinHashes(found[at], row["hash"] ?? null);
  }
  return found;
}

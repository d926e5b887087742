import { keyNames, tableLabel } from "../../core/journal-schema.js";
import { batchOfRows, type Cell, type JournalBatch } from "../../core/journal-wire.js";
import type { CheckAnswer, RangeCheck, RangeSum, RowDifference } from "../../core/verification.js";
import type { Transaction } from "./connection.js";
import { journalledTable, type EngineContext } from "./context.js";
import type { JournalledTable } from "./table-sql.js";
import { keyTexts, matchJournal, tableSql, unnestSql } from "./table-sql.js";

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
  const upTo = check.upTo ?? (await endOfRange(context, transaction, table, check));
  const { rows, sum } = await sumOf(context, transaction, table, { ...check, upTo });
  if (check.isDetailed) {
    const columns = [...keyNames(table.definition), "hash"];
    const head = { kind: "hashes", table: check.table, columns } as const;
    await write(batchOfRows(head, await hashesOf(context, transaction, table, { ...check, upTo })));
  }
  return { table: check.table, after: check.after, upTo, rows, sum, isDetailed: check.isDetailed };
}

async function endOfRange(
  { sql }: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  check: RangeCheck,
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
  const { keys, order } = tableSql(table);
  const values: Cell[] = [];
  const part = (key: readonly Cell[] | undefined, operator: string): readonly string[] => {
    if (!key) return [];
    const places = keys.map(({ type }, index) => `$${String(values.length + index + 1)}::text::${type}`);
    values.push(...key);
    return [`(${order}) ${operator} (${places.join(", ")})`];
  };
  const conditions = [...part(bounds.after, ">"), ...part(bounds.upTo, "<=")];
  return { text: conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`, values };
}

/**
 * Compares ranges on the target. Differing rows of a detailed range are looked up by their key once more before they
 * are named: the two servers may sort texts differently, and a row that is merely in another range is no difference.
 */
export async function compareRangesIn(
  context: EngineContext,
  transaction: Transaction,
  ranges: readonly RangeSum[],
  hashesFor: (range: RangeSum) => Promise<readonly (readonly Cell[])[]>,
): Promise<readonly CheckAnswer[]> {
  const answers: CheckAnswer[] = [];
  for (const range of ranges) {
    const table = journalledTable(context, range.table);
    const own = await sumOf(context, transaction, table, range);
    const isSame = own.rows === range.rows && own.sum === range.sum;
    const differences =
      isSame || !range.isDetailed
        ? []
        : await differencesOf(context, transaction, table, range, await hashesFor(range));
    answers.push({ isSame: isSame || (range.isDetailed && differences.length === 0), differences });
  }
  return answers;
}

async function differencesOf(
  context: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  range: RangeSum,
  theirs: readonly (readonly Cell[])[],
): Promise<readonly RowDifference[]> {
  const label = tableLabel(table.definition);
  const source = countHashes(theirs);
  const target = countHashes(await hashesOf(context, transaction, table, range));
  const suspects = [...source].filter(([key, hashes]) => target.get(key)?.hashes !== hashes.hashes);
  const found = await hashesByKey(
    context,
    transaction,
    table,
    suspects.map(([, { key }]) => key),
  );
  const differences: RowDifference[] = [];
  for (const [at, [, { key, hashes }]] of suspects.entries()) {
    const here = found[at] ?? "";
    if (here === hashes) continue;
    differences.push({ table: label, key, what: here === "" ? "missing on the target" : "different" });
  }
  for (const [text, { key }] of target) {
    if (!source.has(text)) differences.push({ table: label, key, what: "only on the target" });
  }
  return differences;
}

interface KeyHashes {
  readonly key: readonly Cell[];
  /** All rows of the key: more than one only where rows are named by their image. */
  readonly hashes: string;
}

function countHashes(rows: readonly (readonly Cell[])[]): ReadonlyMap<string, KeyHashes> {
  const byKey = new Map<string, KeyHashes>();
  for (const row of rows) {
    const key = row.slice(0, -1);
    const text = JSON.stringify(key);
    const before = byKey.get(text)?.hashes ?? "";
    byKey.set(text, { key, hashes: `${before}${row.at(-1) ?? ""};` });
  }
  return byKey;
}

async function hashesByKey(
  { sql }: EngineContext,
  transaction: Transaction,
  table: JournalledTable,
  keys: readonly (readonly Cell[])[],
): Promise<readonly string[]> {
  if (keys.length === 0) return [];
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
    found[at] = `${found[at] ?? ""}${row["hash"] ?? ""};`;
  }
  return found;
}

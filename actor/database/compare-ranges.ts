import { tableLabel } from "../core/journal-schema.js";
import { rowsOf, type Cell } from "../core/journal-wire.js";
import {
  fittingDifferences,
  namedRows,
  type CheckAnswer,
  type RangeCheck,
  type RangeSum,
  type RowDifference,
} from "../core/verification.js";
import type { StagedPoint } from "./engine.js";

/** Rows of a range, each with what names it and, last, its hash. */
type HashedRows = readonly (readonly Cell[])[];

/** What a dialect reads of its own rows, in the transaction that compares. */
export interface OwnRanges<Table> {
  tableOf(label: string): Table & { readonly definition: { readonly schema: string; readonly name: string } };
  sumOf(table: Table, range: RangeSum): Promise<{ readonly rows: number; readonly sum: string }>;
  /** What names the last of so many rows; undefined where there are fewer. */
  endOf(table: Table, range: Pick<RangeCheck, "after" | "rows">): Promise<readonly Cell[] | undefined>;
  hashesOf(table: Table, range: RangeSum): Promise<HashedRows>;
  /** For each key the hashes of its rows, as joinHashes makes them of them; "" where there is none. */
  hashesByKey(table: Table, keys: HashedRows): Promise<readonly string[]>;
}

/** The hashes that came with a point, of one table: at most one range of it is detailed. */
export async function hashesIn(point: StagedPoint, table: string): Promise<HashedRows> {
  const rows: (readonly Cell[])[] = [];
  for await (const batch of point.batches()) {
    if (batch.kind === "hashes" && batch.table === table) rows.push(...rowsOf(batch));
  }
  return rows;
}

/**
 * Compares ranges on the target. Differing rows of a detailed range are looked up by their key once more before they
 * are named: the two servers may sort texts differently, and a row that is merely in another range is no difference.
 */
export async function compareRanges<Table>(
  own: OwnRanges<Table>,
  ranges: readonly RangeSum[],
  hashesFor: (range: RangeSum) => Promise<HashedRows>,
): Promise<readonly CheckAnswer[]> {
  const answers: CheckAnswer[] = [];
  for (const range of ranges) {
    const { rows, sum } = await own.sumOf(own.tableOf(range.table), range);
    const same = { isSame: true, rows, middle: null, differences: [], unnamed: 0 };
    if (rows === range.rows && sum === range.sum) {
      answers.push(same);
    } else if (range.isDetailed) {
      const all = await differencesOf(own, range, await hashesFor(range));
      const differences = fittingDifferences(all);
      answers.push({ ...same, isSame: all.length === 0, differences, unnamed: all.length - differences.length });
    } else {
      answers.push({ ...same, isSame: false, middle: await middleOf(own, range, rows) });
    }
  }
  return answers;
}

/** The source halves its own rows; what only the target has, the target must halve. */
async function middleOf<Table>(own: OwnRanges<Table>, range: RangeSum, rows: number): Promise<readonly Cell[] | null> {
  if (rows <= namedRows || rows <= range.rows) return null;
  const half = { after: range.after, rows: Math.ceil(rows / 2) };
  return (await own.endOf(own.tableOf(range.table), half)) ?? null;
}

async function differencesOf<Table>(
  own: OwnRanges<Table>,
  range: RangeSum,
  theirs: HashedRows,
): Promise<readonly RowDifference[]> {
  const table = own.tableOf(range.table);
  const label = tableLabel(table.definition);
  const source = hashesOfKeys(theirs);
  const target = hashesOfKeys(await own.hashesOf(table, range));
  const suspects = [...source].filter(([key, { hashes }]) => target.get(key)?.hashes !== hashes);
  const keys = suspects.map(([, { key }]) => key);
  const found = keys.length === 0 ? [] : await own.hashesByKey(table, keys);
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

/** The hashes of all rows of a key as one text: more than one only where rows are named by their image. */
export function joinHashes(before: string | undefined, hash: Cell): string {
  return `${before ?? ""}${hash ?? ""};`;
}

function hashesOfKeys(
  rows: HashedRows,
): ReadonlyMap<string, { readonly key: readonly Cell[]; readonly hashes: string }> {
  const byKey = new Map<string, { readonly key: readonly Cell[]; readonly hashes: string }>();
  for (const row of rows) {
    const key = row.slice(0, -1);
    const text = JSON.stringify(key);
    byKey.set(text, { key, hashes: joinHashes(byKey.get(text)?.hashes, row.at(-1) ?? null) });
  }
  return byKey;
}

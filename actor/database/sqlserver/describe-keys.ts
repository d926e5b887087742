import { isKeyless, tableLabel, type TableDefinition } from "../../core/journal-schema.js";
import type { Cell } from "../../core/journal-wire.js";
import { journalledTable } from "../journalled-tables.js";
import type { EngineContext } from "./context.js";
import { dropStage, matchStage, restored, stageKeys } from "./staging.js";
import { journalKey, readColumns, tableSql } from "./table-sql.js";

interface DescribedKey {
  readonly row: Readonly<Record<string, Cell>> | undefined;
  readonly isJournalled: boolean;
}

/** See DatabaseEngine.describeKeys. */
export async function describeKeys(
  context: EngineContext,
  definition: TableDefinition,
  keys: readonly (readonly Cell[])[],
  signal: AbortSignal,
): Promise<readonly DescribedKey[]> {
  const table = journalledTable(context, tableLabel(definition));
  const parts = tableSql(table);
  const rows = await context.connection.transaction({ signal, doing: "look up keys" }, async (transaction) => {
    const stage = await stageKeys(transaction, table, parts.keys, keys);
    const values = restored(stage);
    const text = transaction.text("query/rows-of-staged-keys", {
      table: parts.table,
      stage: stage.name,
      match: matchStage(stage, parts.keys),
      journal: parts.journal,
      isJournalled: values.map((value, at) => `w.${journalKey(at)} = ${value}`).join(" AND "),
      columns: readColumns("t", parts.columns),
    });
    const found = await transaction.queryRows(text);
    await dropStage(transaction, stage);
    return found;
  });
  return isKeyless(definition) ? imagesOf(rows) : rows.map((row) => describeRow(row, parts.columns));
}

function describeRow(row: readonly Cell[], columns: readonly { readonly name: string }[]): DescribedKey {
  const [, isJournalled, isThere, ...cells] = row;
  const present = Object.fromEntries(columns.map(({ name }, at) => [name, cells[at] ?? null]));
  return { row: isThere === "1" ? present : undefined, isJournalled: isJournalled === "1" };
}

/** One answer for each place, with the number of rows that have the image. */
function imagesOf(rows: readonly (readonly Cell[])[]): readonly DescribedKey[] {
  const byPlace = new Map<string, { count: number; isJournalled: boolean }>();
  for (const [place, isJournalled, isThere] of rows) {
    const before = byPlace.get(place ?? "") ?? { count: 0, isJournalled: isJournalled === "1" };
    byPlace.set(place ?? "", { ...before, count: before.count + (isThere === "1" ? 1 : 0) });
  }
  return [...byPlace.values()].map(({ count, isJournalled }) => ({
    row: count === 0 ? undefined : { count: String(count) },
    isJournalled,
  }));
}

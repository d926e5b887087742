import { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import type { Cell } from "../core/journal-wire.js";
import type { CopyProgress, CopyRequest, NumberedChunk } from "./engine.js";

/** A row of what a target keeps of its copies, as either dialect answers it. */
type CopiedRow = Readonly<Record<string, Cell>>;

const lastKeyForm = z.array(z.union([z.string(), z.null()]));

/** The mark under which the source wants the table to be copied. */
export function markFor(request: CopyRequest, label: string): string {
  const mark = request.marks[label];
  if (mark === undefined) throw new AppError("REQUEST_INVALID", `the table ${label} is to be copied without a mark`);
  return mark;
}

/**
 * Whether a table waits for this chunk. One that was delivered before, or overtook another, has another number; one that
 * was read with other limits before the copy was cut off may have its number and begin elsewhere; one of an earlier copy of
 * the same table, which comes late, has another mark.
 */
export function isAwaited(
  row: CopiedRow | undefined,
  chunk: Pick<NumberedChunk, "mark" | "number" | "afterKey">,
): boolean {
  const progress = progressOf("", row);
  const isBehind = JSON.stringify(chunk.afterKey ?? null) === JSON.stringify(progress.lastKey ?? null);
  return row?.["mark"] === chunk.mark && !progress.isDone && chunk.number === progress.chunk + 1 && isBehind;
}

/** How far the copy of a table is; without a row it has not begun. */
export function progressOf(table: string, row: CopiedRow | undefined): CopyProgress {
  const lastKey = row?.["last_key"];
  return {
    table,
    chunk: Number(row?.["chunk"] ?? 0),
    lastKey: typeof lastKey === "string" ? lastKeyForm.parse(JSON.parse(lastKey)) : undefined,
    isDone: row !== undefined && isWhole(row),
    rows: Number(row?.["copied_rows"] ?? 0),
  };
}

/** Throws naming the first table that is not copied as a whole. */
export function requireAllCopied(database: string, labels: Iterable<string>, rows: readonly CopiedRow[]): void {
  const done = new Set(rows.filter(isWhole).map((row) => row["table_label"]));
  const missing = [...labels].find((label) => !done.has(label));
  if (missing === undefined) return;
  throw new AppError("OPERATION_REFUSED", `database ${database}: the table ${missing} is not copied yet`);
}

/** PostgreSQL writes a truth as t, SQL Server as 1. */
function isWhole(row: CopiedRow): boolean {
  return row["is_done"] === "t" || row["is_done"] === "1";
}

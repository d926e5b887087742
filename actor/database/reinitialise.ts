import { copyAnswer, copyEndAnswer } from "../core/journal-messages.js";
import type { TableMarks } from "../core/journal-position.js";
import { tableLabel } from "../core/journal-schema.js";
import { copyTable } from "./copy-table.js";
import type { AskTarget } from "./journal-reader.js";
import type { Prepared, SideIo } from "./side.js";

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
 * on, so a copy cut off anywhere continues behind the last chunk that was written.
 */
export async function copyTables(
  io: SideIo,
  prepared: Prepared,
  request: { readonly tables: readonly string[] | undefined; readonly marks: TableMarks; readonly chunksRead: number },
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
  const count = { chunksRead: request.chunksRead };
  for (const [done, table] of tables.entries()) {
    const label = tableLabel(table);
    const progress = known.get(label);
    report({ done, total: tables.length, table: label, rows, bytes });
    if (progress?.isDone === true) continue;
    const onSent = (sent: { readonly rows: number; readonly bytes: number }): void => {
      rows += sent.rows;
      bytes += sent.bytes;
      report({ done, total: tables.length, table: label, rows, bytes });
    };
    await copyTable(
      { io, table, mark: request.marks[label] ?? "", ask, signal, count, onSent },
      progress ?? { chunk: 0, lastKey: null },
    );
  }
  report({ done: tables.length, total: tables.length, table: "", rows, bytes });
  // Building indexes can take longer than any answer: each says whether it is done.
  let isEnded = false;
  while (!isEnded) ({ isEnded } = copyEndAnswer.parse((await ask("copy-end", {}, signal)).fields));
}

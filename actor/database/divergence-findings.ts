import { access } from "node:fs/promises";
import { isKeyless, keyNames, type TableDefinition } from "../core/journal-schema.js";
import { keysOf, rowsOf, type Cell, type JournalBatch } from "../core/journal-wire.js";
import { divergenceFile } from "../core/divergence.js";
import { LineFile } from "../../shared/line-file.js";
import type { SideIo } from "./side.js";

/**
 * What the new source knows of rows that the old one had committed and never sent: the lost value (or "deleted"), the
 * value here, whether it changed here since the promotion, and whether the lost value is here after all. Of a table
 * without a key: each image that was touched with the number of such rows here, and the values of those that were there.
 */
export class DivergenceFindings {
  readonly #io: SideIo;
  readonly #file: string;
  readonly #lines: LineFile;

  constructor(io: SideIo, parentHistory: string) {
    this.#io = io;
    const { stateDirectory, settings } = io;
    const report = { kind: "database", name: settings.name, id: parentHistory, form: "found" } as const;
    this.#file = divergenceFile(stateDirectory, report);
    this.#lines = new LineFile(this.#file);
  }

  /** True when an earlier try had finished it: the keys may be journalled by now, so it could not be found out again. */
  async isWritten(): Promise<boolean> {
    return access(this.#file).then(
      () => true,
      () => false,
    );
  }

  async add(batch: JournalBatch, table: TableDefinition, signal: AbortSignal): Promise<void> {
    if (batch.kind === "truncated") this.#lines.add({ table: batch.table, state: "truncated" });
    if (batch.kind === "rows" && isKeyless(table)) this.#addUnnamedRows(batch);
    else if ((batch.kind === "gone" || batch.kind === "rows") && batch.rows > 0) {
      await this.#addRows(batch, table, signal);
    }
    await this.#lines.flush();
  }

  async finish(): Promise<void> {
    const { settings, log } = this.#io;
    const file = await this.#lines.finish();
    if (file !== "") log.error("database-divergence-found", { database: settings.name, rows: this.#lines.count, file });
  }

  /** Nothing names a row of a table without a key, so only its value is told; the touched images came before. */
  #addUnnamedRows(batch: JournalBatch): void {
    for (const row of rowsOf(batch)) {
      this.#lines.add({ table: batch.table, state: "present", row: named(batch.columns, row) });
    }
  }

  async #addRows(batch: JournalBatch, table: TableDefinition, signal: AbortSignal): Promise<void> {
    const names = keyNames(table);
    const here = await this.#io.engine.describeKeys(table, keysOf(batch, names), signal);
    for (const [at, row] of rowsOf(batch).entries()) {
      const lost = batch.kind === "rows" ? named(batch.columns, row) : undefined;
      const key = Object.fromEntries(names.map((name) => [name, row[batch.columns.indexOf(name)] ?? null]));
      const present = here[at]?.row;
      this.#lines.add({
        table: batch.table,
        key,
        state: lost ? "present" : isKeyless(table) ? "touched" : "deleted",
        ...(lost ? { row: lost } : {}),
        present: present ?? null,
        isChangedSince: here[at]?.isJournalled ?? false,
        ...(isKeyless(table) ? {} : { wasApplied: lost && present ? isSameRow(lost, present) : !lost && !present }),
      });
    }
  }
}

function named(columns: readonly string[], row: readonly Cell[]): Readonly<Record<string, Cell>> {
  return Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null]));
}

function isSameRow(left: Readonly<Record<string, Cell>>, right: Readonly<Record<string, Cell>>): boolean {
  return Object.keys(left).every((name) => left[name] === right[name]);
}

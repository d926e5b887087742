import { rowImage } from "../core/journal-schema.js";
import { rowsOf, type JournalBatch } from "../core/journal-wire.js";
import { LineFile } from "../../shared/line-file.js";

/**
 * JSON lines about rows that were committed on the old source and never reached the new one, with their values as they
 * are before they are overwritten.
 */
export class DivergenceReport {
  readonly #lines: LineFile;

  constructor(file: string) {
    this.#lines = new LineFile(file);
  }

  get count(): number {
    return this.#lines.count;
  }

  /**
   * Of a table without a key it is only known that rows of an image were touched; those that are there follow. `why`: what
   * every line says besides.
   */
  async add(
    batch: JournalBatch,
    keyColumns: readonly string[],
    why: { readonly because?: string } = {},
  ): Promise<void> {
    const state = keyColumns.includes(rowImage) ? "touched" : "deleted";
    if (batch.kind === "truncated") this.#lines.add({ table: batch.table, state: "truncated", ...why });
    for (const cells of rowsOf(batch)) {
      const row = Object.fromEntries(batch.columns.map((name, at) => [name, cells[at] ?? null]));
      const key = Object.fromEntries(keyColumns.flatMap((name) => (name in row ? [[name, row[name] ?? null]] : [])));
      if (batch.kind === "gone") this.#lines.add({ table: batch.table, key, state, ...why });
      else this.#lines.add({ table: batch.table, key, state: "present", row, ...why });
    }
    await this.#lines.flush();
  }

  /** Something was written here that stands in no journal. */
  addUnknown(because: string): void {
    this.#lines.add({ table: "", state: "unknown", because });
  }

  /** Makes it durable under its name; without a line there is no file. Returns the path, or "". */
  async finish(): Promise<string> {
    return this.#lines.finish();
  }

  async discard(): Promise<void> {
    await this.#lines.discard();
  }
}

import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { rowAt, rowCount, type JournalBatch } from "../core/journal-wire.js";

/**
 * JSON lines about rows that were committed on the old source and never reached the new one, with their values as they
 * are before they are overwritten. Rows are the customer's data, so the file is for the owner only (0600).
 */
export class DivergenceReport {
  readonly #file: string;
  #lines: string[] = [];
  #handle: Awaited<ReturnType<typeof open>> | undefined;
  #count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get count(): number {
    return this.#count;
  }

  async add(batch: JournalBatch, keyColumns: readonly string[]): Promise<void> {
    if (batch.kind === "truncated") this.#line({ table: batch.table, state: "truncated" });
    for (let index = 0; index < rowCount(batch); index += 1) {
      const row = Object.fromEntries(batch.columns.map((name, at) => [name, rowAt(batch, index)[at] ?? null]));
      const key = Object.fromEntries(keyColumns.map((name) => [name, row[name] ?? null]));
      if (batch.kind === "gone") this.#line({ table: batch.table, key, state: "deleted" });
      else this.#line({ table: batch.table, key, state: "present", row });
    }
    await this.#flush();
  }

  /** Makes it durable under its name; without a line there is no file. Returns the path, or "". */
  async finish(): Promise<string> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (!handle) return "";
    await handle.sync();
    await handle.close();
    await rename(`${this.#file}.part`, this.#file);
    const folder = await open(dirname(this.#file), "r");
    await folder.sync();
    await folder.close();
    return this.#file;
  }

  async discard(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  #line(entry: object): void {
    this.#lines.push(`${JSON.stringify(entry)}\n`);
    this.#count += 1;
  }

  async #flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    if (!this.#handle) {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      this.#handle = await open(`${this.#file}.part`, "w", 0o600);
    }
    await this.#handle.appendFile(this.#lines.join(""));
    this.#lines = [];
  }
}

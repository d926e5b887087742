import { mkdir, open, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * A file of JSON lines that has its name only when all of it is durable. Its lines are rows of the customer, so it is
 * for the owner only (0600).
 */
export class LineFile {
  readonly #file: string;
  #lines: string[] = [];
  #handle: FileHandle | undefined;
  #count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get count(): number {
    return this.#count;
  }

  add(entry: object): void {
    this.#lines.push(`${JSON.stringify(entry)}\n`);
    this.#count += 1;
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    if (!this.#handle) {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      this.#handle = await open(`${this.#file}.part`, "w", 0o600);
    }
    await this.#handle.appendFile(this.#lines.join(""));
    this.#lines = [];
  }

  /** Makes it durable under its name; without a line there is no file. Returns the path, or "". */
  async finish(): Promise<string> {
    await this.flush();
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
}

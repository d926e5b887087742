import * as fs from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { tornBecause } from "./self-checking-file.js";

/** Looks at every file of a target again and again, as an application on it would, and remembers what was torn. */
export class TornFileWatch {
  readonly torn: string[] = [];
  readonly #root: string;
  #isOver = false;
  #rounds: Promise<void>;
  looks = 0;

  constructor(root: string) {
    this.#root = root;
    this.#rounds = this.#run();
  }

  /** Ends after a last look at everything. */
  async stop(): Promise<readonly string[]> {
    this.#isOver = true;
    await this.#rounds;
    this.#rounds = this.#walk("", this.#root);
    await this.#rounds;
    return this.torn;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.#walk("", this.#root);
      await nextTurn();
    }
  }

  /** Through what is held open: a link to elsewhere may take the place of a folder at any moment. */
  async #walk(folder: string, place: string): Promise<void> {
    let descriptor;
    try {
      descriptor = fs.openSync(place, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
    } catch {
      // It went, or became something else, since its parent was read.
      return;
    }
    try {
      const held = `/proc/self/fd/${descriptor}`;
      for (const entry of fs.readdirSync(held, { withFileTypes: true })) {
        if (folder === "" && (entry.name === ".deleted" || entry.name === ".sparesync")) continue;
        const name = path.join(folder, entry.name);
        if (entry.isDirectory()) await this.#walk(name, path.join(held, entry.name));
        else if (entry.isFile()) this.#look(name, path.join(held, entry.name));
        if (this.looks % 20 === 0) await nextTurn();
      }
    } finally {
      fs.closeSync(descriptor);
    }
  }

  #look(name: string, place: string): void {
    this.looks += 1;
    let content;
    try {
      content = readThrough(place);
    } catch {
      // As above.
      return;
    }
    const because = tornBecause(content);
    if (because !== undefined) this.torn.push(`${name}: ${because}`);
  }
}

/** All of one open file: what takes its place meanwhile does not mix with it, and a link is not followed. */
function readThrough(file: string): Buffer {
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    return fs.readFileSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

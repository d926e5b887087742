import * as fs from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { errorCode } from "../../shared/core/app-error.js";
import type { DeletedRecord, KeptFile } from "../core/deleted-record.js";
import { joinPath } from "../core/file-entry.js";
import type { ConfinedFolder } from "./confined-folder.js";

/** One lstat costs microseconds; after so many whatever else waits has its turn. */
const sliceEntries = 256;

/** Visits `.deleted`. Links count as such and are never followed. */
export class TrashWalk {
  readonly #signal: AbortSignal;
  #steps = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Everything that stands there; `unrecorded` says what counts for a path without a record. */
  async list(
    folder: ConfinedFolder,
    records: ReadonlyMap<string, DeletedRecord>,
    unrecorded: (path: string) => DeletedRecord,
    path = "",
  ): Promise<KeptFile[]> {
    const found: KeptFile[] = [];
    for (const name of folder.names()) {
      await this.#step();
      const leaf = name.toString("utf8");
      const stat = folder.look(leaf);
      if (stat === undefined) continue;
      const childPath = joinPath(path, leaf);
      if (stat.isDirectory()) {
        const child = folder.openChild(leaf);
        try {
          // One by one: as arguments of one call a hundred thousand are more than the stack holds.
          for (const one of await this.list(child, records, unrecorded, childPath)) found.push(one);
        } finally {
          child.close();
        }
        continue;
      }
      const record = records.get(childPath) ?? unrecorded(childPath);
      found.push({ ...record, bytes: keptBytes(stat) });
    }
    return found;
  }

  /** Removes these files, and every folder in which nothing is left. */
  async remove(folder: ConfinedFolder, paths: ReadonlySet<string>, path = ""): Promise<void> {
    for (const name of folder.names()) {
      await this.#step();
      const leaf = name.toString("utf8");
      const childPath = joinPath(path, leaf);
      if (paths.has(childPath)) {
        fs.rmSync(folder.place(leaf), { force: true });
        continue;
      }
      if (folder.look(leaf)?.isDirectory() !== true) continue;
      const child = folder.openChild(leaf);
      try {
        await this.remove(child, paths, childPath);
      } finally {
        child.close();
      }
      removeIfEmpty(folder.place(leaf));
    }
  }

  async #step(): Promise<void> {
    this.#signal.throwIfAborted();
    this.#steps += 1;
    if (this.#steps % sliceEntries === 0) await nextTurn();
  }
}

/** What a kept file holds; its holes hold nothing. */
export function keptBytes({ size, blocks }: Pick<fs.BigIntStats, "size" | "blocks">): number {
  return Math.min(Number(size), Number(blocks) * 512);
}

function removeIfEmpty(place: string): void {
  try {
    fs.rmdirSync(place);
  } catch (error) {
    if (errorCode(error) !== "ENOTEMPTY" && errorCode(error) !== "EEXIST") throw error;
  }
}

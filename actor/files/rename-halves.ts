import * as fs from "node:fs";
import path from "node:path";
import type { FolderStore } from "./folder-store.js";

/**
 * How long what is gone waits for the name that it may have got. The kernel notes the two names of a rename one after the
 * other, mostly microseconds apart, but not as one (inotify(7)); in between whoever renames may be made to wait by others.
 */
export const renameHalvesMs = 50;
/** Of so many names that are gone the newest wait: each process that renames is between two names once at most. */
const halvesLimit = 64;
const forgottenAfterMs = 1000;

export interface RenameHalvesPorts {
  readonly root: string;
  readonly store: Pick<FolderStore, "find">;
}

/**
 * Finds names that are gone while the thing that had them may turn up under another one in a moment: to be looked at
 * together with it, or the target would remove the one and be sent the other. Only what is gone waits.
 */
export class RenameHalves {
  readonly #ports: RenameHalvesPorts;
  /** Since when they wait, in monotonic milliseconds. */
  #waiting: ReadonlyMap<string, number> = new Map();

  constructor(ports: RenameHalvesPorts) {
    this.#ports = ports;
  }

  /** Which of the paths noticed are to wait, and until when. `nowMs` and the answer are monotonic milliseconds. */
  holdBack(paths: ReadonlyMap<string, unknown>, nowMs: number): ReadonlyMap<string, number> {
    const { gone, arrived, newFolders } = this.#divide(paths.keys());
    const goneInodes = new Set(gone.values());
    // A folder that is new itself may hold anything.
    const isAnywhere = newFolders.some((ino) => !goneInodes.has(ino));
    const lone = isAnywhere ? [] : [...gone].filter(([, ino]) => !arrived.has(ino)).slice(-halvesLimit);
    const since = lone.map(([name]) => [name, this.#waiting.get(name) ?? nowMs] as const);
    const held = since.filter(([, sinceMs]) => nowMs - sinceMs < renameHalvesMs);
    // One that did not come again this time, because there was too much else, must not begin to wait anew.
    const others = [...this.#waiting].filter(([name, ms]) => !paths.has(name) && nowMs - ms < forgottenAfterMs);
    this.#waiting = new Map([...others, ...held]);
    return new Map(held.map(([name, sinceMs]) => [name, sinceMs + renameHalvesMs]));
  }

  /** By inode: what was known and is gone, what is there, and which folders were not known to stand there. */
  #divide(paths: Iterable<string>): {
    readonly gone: ReadonlyMap<string, bigint>;
    readonly arrived: ReadonlySet<bigint>;
    readonly newFolders: readonly bigint[];
  } {
    const gone = new Map<string, bigint>();
    const arrived = new Set<bigint>();
    const newFolders: bigint[] = [];
    for (const name of paths) {
      const known = this.#ports.store.find(name)?.state;
      const stat = this.#look(name);
      if (stat === undefined) {
        if (known !== undefined) gone.set(name, known.ino);
        continue;
      }
      arrived.add(stat.ino);
      if (stat.isDirectory() && known?.ino !== stat.ino) newFolders.push(stat.ino);
    }
    return { gone, arrived, newFolders };
  }

  /** Nothing is opened or concluded but how long to wait, so a link above the name does no harm. */
  #look(name: string): fs.BigIntStats | undefined {
    try {
      return fs.lstatSync(path.join(this.#ports.root, name), { bigint: true, throwIfNoEntry: false });
    } catch {
      return undefined;
    }
  }
}

import { joinPath } from "../core/file-entry.js";
import { listPaths } from "../core/file-wire.js";
import { isSameState, KnownSlots, StateReader, type EntryState, type FolderRecord } from "../core/folder-record.js";
import { openInside, type ConfinedFolder } from "./confined-folder.js";
import { lookAtFolder, Pace } from "./folder-look.js";
import type { PassPorts } from "./pass.js";
import { lookIfUnchanged } from "./unchanged-folder.js";

export interface TouchedBelow {
  /** What is to be compared with the target. */
  readonly paths: readonly string[];
  /** Folders of which only the attributes can be others. */
  readonly folders: readonly string[];
}

/**
 * What is below a folder and is not, or may not be, as the index has it since it was acknowledged; what cannot be copied is
 * among it. A stat for each entry and no word to the target. The folder itself where there is more than can be listed.
 */
export async function touchedBelow(top: string, ports: PassPorts): Promise<TouchedBelow> {
  const walk = new TouchedWalk(ports);
  try {
    const folder = openInside(ports.root, top);
    try {
      await walk.folder(folder, top);
    } finally {
      folder.close();
    }
  } catch {
    // Gone again, or not readable: whoever lists it says which.
    ports.signal.throwIfAborted();
    return { paths: [top], folders: [] };
  }
  return walk.isTooMuch ? { paths: [top], folders: [] } : { paths: walk.touched, folders: walk.folders };
}

class TouchedWalk {
  readonly touched: string[] = [];
  readonly folders: string[] = [];
  readonly #ports: PassPorts;
  readonly #pace = new Pace();

  constructor(ports: PassPorts) {
    this.#ports = ports;
  }

  get isTooMuch(): boolean {
    return this.touched.length + this.folders.length > listPaths;
  }

  async folder(folder: ConfinedFolder, path: string): Promise<void> {
    const { store, rules, signal } = this.#ports;
    signal.throwIfAborted();
    if (this.isTooMuch) return;
    const record = store.getFolder(path);
    // Notes were merged when the folder's record was moved; newer ones tell of more than this look can judge.
    if (record === undefined || store.notesOf(path) !== undefined) {
      this.touched.push(path);
      return;
    }
    const report = (problem: { readonly path: string }): void => {
      this.touched.push(problem.path);
    };
    const look =
      (await lookIfUnchanged(folder, path, record, { pace: this.#pace })) ??
      (await lookAtFolder(folder, path, { pace: this.#pace, rules, report }));
    this.#compare(path, look.states.bytes, record);
    for (const { name } of look.folders) await this.#inner(folder, name, joinPath(path, name));
  }

  async #inner(folder: ConfinedFolder, name: string, path: string): Promise<void> {
    let child: ConfinedFolder;
    try {
      child = folder.openChild(name);
    } catch {
      this.touched.push(path);
      return;
    }
    try {
      await this.folder(child, path);
    } finally {
      child.close();
    }
  }

  #compare(path: string, now: Buffer, record: FolderRecord): void {
    const slots = new KnownSlots(record.known);
    const before = new StateReader(record.states);
    const after = new StateReader(now);
    let [old, state] = [before.next(), after.next()];
    while (old !== undefined || state !== undefined) {
      const order = old === undefined ? 1 : state === undefined ? -1 : compareNames(old.name, state.name);
      const name = (order <= 0 ? old : state)?.name ?? "";
      if (order !== 0 || !isSame(old, state) || isDoubted(slots, before.index, old)) {
        this.touched.push(joinPath(path, name));
      } else if (state?.kind === "folder" && old?.ctimeNs !== state.ctimeNs) {
        this.folders.push(joinPath(path, name));
      }
      if (order <= 0) old = before.next();
      if (order >= 0) state = after.next();
    }
  }
}

/** The times of a folder say what happened in it, and that is looked at by itself. */
function isSame(old: EntryState | undefined, now: EntryState | undefined): boolean {
  if (old === undefined || now === undefined) return false;
  if (now.kind !== "folder") return isSameState(old, now);
  return old.kind === "folder" && old.ino === now.ino;
}

function isDoubted(slots: KnownSlots, index: number, state: EntryState | undefined): boolean {
  if (state?.kind !== "file") return false;
  const { isFresh, isDoubtful } = slots.get(index);
  return isFresh || isDoubtful;
}

function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

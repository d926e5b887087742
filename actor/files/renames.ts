import { isSameTime, joinPath, parentPath } from "../core/file-entry.js";
import { entryOf, KnownSlots, StateReader, type EntryState, type Knowledge } from "../core/folder-record.js";
import type { PlannedOperation } from "../core/file-diff.js";
import type { FolderStore } from "./folder-store.js";
import type { ScannedEntry } from "./scanner.js";
import type { PlannedMove } from "./sender.js";

/** More of either kind at once is no renaming that somebody would wait for; and it is all held in memory. */
const changeLimit = 20_000;

interface Found {
  readonly path: string;
  readonly state: EntryState;
}

/**
 * What a look at a whole tree found to be gone from one place and new at another: the same inode, and of a file the same
 * size and time. What is known of a folder that is gone is kept until `forget`, so that it can go along with a move.
 */
export class Renames {
  readonly #store: FolderStore;
  readonly #gone = new Map<bigint, Found & { readonly known: Knowledge }>();
  readonly #new = new Map<bigint, Found>();
  readonly #goneFolders: Found[] = [];
  readonly #newFolders = new Map<string, EntryState>();
  readonly #isPossible: boolean;

  constructor(store: FolderStore) {
    this.#store = store;
    // At the first look everything is new and nothing can be gone.
    this.#isPossible = store.getFolder("") !== undefined;
  }

  noteGone(path: string, state: EntryState, known: Knowledge): void {
    if (state.kind === "folder") this.#goneFolders.push({ path, state });
    if (this.#gone.size <= changeLimit) this.#gone.set(state.ino, { path, state, known });
  }

  noteNew(path: string, state: EntryState): void {
    if (!this.#isPossible || this.#new.size > changeLimit) return;
    this.#new.set(state.ino, { path, state });
    if (state.kind === "folder") this.#newFolders.set(path, state);
  }

  /** Where a folder stood that is new at a path, or is in one that is; undefined where nobody has found it to be gone yet. */
  formerPath(path: string): string | undefined {
    for (let top = path; top !== ""; top = parentPath(top)) {
      const state = this.#newFolders.get(top);
      if (state === undefined) continue;
      const gone = this.#gone.get(state.ino);
      return gone?.state.kind === "folder" ? gone.path + path.slice(top.length) : undefined;
    }
    return undefined;
  }

  /** What the target can do by renaming, with the folders that it needs for it, in the order in which it can be done. */
  plan(): (PlannedMove | PlannedOperation)[] {
    if (this.#new.size === 0) return [];
    for (const folder of this.#goneFolders) this.#noteInner(folder);
    if (this.#gone.size > changeLimit || this.#new.size > changeLimit) return [];
    const moves: PlannedMove[] = [];
    for (const [ino, { path, state }] of this.#new) {
      const gone = this.#gone.get(ino);
      if (gone === undefined || !isSameThing(state, gone.state)) continue;
      // What is known of the content was in the folder's record, which describes what is there now.
      if (state.kind === "file") this.#store.note(gone.path, { state: gone.state, known: gone.known });
      moves.push({ do: "move", from: gone.path, entry: scannedEntry(path, state) });
    }
    const from = new Set(moves.map((one) => one.from));
    const tops = moves.filter((one) => !hasAbove(one.from, from));
    return [...this.#foldersFor(tops), ...tops];
  }

  /** Forgets what was in folders that are gone, and did not go along with a move. */
  forget(): void {
    for (const { path } of this.#goneFolders) this.#store.forgetTree(path);
  }

  /** What stood in a folder that is gone may stand elsewhere now, unless it went along with the folder. */
  #noteInner({ path: folder, state }: Found): void {
    const record = this.#store.getFolder(folder);
    if (record === undefined || this.#new.get(state.ino)?.state.kind === "folder") return;
    const slots = new KnownSlots(record.known);
    const notes = this.#store.notesOf(folder);
    const reader = new StateReader(record.states);
    for (let inner = reader.next(); inner !== undefined; inner = reader.next()) {
      if (this.#gone.size > changeLimit) return;
      const path = joinPath(folder, inner.name);
      const noted = notes?.get(inner.name) ?? { state: inner, known: slots.get(reader.index) };
      this.#gone.set(inner.ino, { path, ...noted });
      if (inner.kind === "folder") this.#noteInner({ path, state: inner });
    }
  }

  #foldersFor(moves: readonly PlannedMove[]): PlannedOperation[] {
    const moved = new Set(moves.map(({ entry }) => entry.path));
    const wanted = new Map<string, EntryState>();
    for (const { entry } of moves) {
      for (let path = parentPath(entry.path); path !== "" && !moved.has(path); path = parentPath(path)) {
        const state = this.#newFolders.get(path);
        if (state !== undefined) wanted.set(path, state);
      }
    }
    return [...wanted]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, state]) => ({ do: "make-folder", entry: entryOf(parentPath(path), state) }));
  }
}

/** Whether one of the paths is that of a folder above. */
function hasAbove(path: string, paths: ReadonlySet<string>): boolean {
  for (let above = parentPath(path); above !== ""; above = parentPath(above)) if (paths.has(above)) return true;
  return false;
}

function isSameThing(now: EntryState, before: EntryState): boolean {
  if (now.kind === "folder") return before.kind === "folder";
  if (now.kind !== "file" || before.kind !== "file") return false;
  return now.size === before.size && isSameTime(now.mtimeNs, before.mtimeNs);
}

function scannedEntry(path: string, state: EntryState): ScannedEntry {
  const { kind, size, mtimeNs, ctimeNs, ino, mode, uid, gid } = state;
  return { path, kind, size, mtimeNs, ctimeNs, ino, mode, uid, gid };
}

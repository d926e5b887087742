import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "../../shared/core/app-error.js";
import { basisOf, compareFiles, hasSameAttributes } from "../core/file-compare.js";
import type { PlannedOperation } from "../core/file-diff.js";
import { joinPath, type FileEntry } from "../core/file-entry.js";
import { entryOf, KnownSlots, StateReader, type EntryState, type Knowledge } from "../core/folder-record.js";
import { compareFolders, type ComparedFolder } from "../core/tree-wire.js";
import type { FolderStore } from "./folder-store.js";
import type { TargetPeer } from "./target-peer.js";

export interface TreeCompareOptions {
  readonly store: FolderStore;
  readonly peer: TargetPeer;
  readonly hasOwner: boolean;
  readonly signal: AbortSignal;
  /** Takes what is to be done, in an order in which it can be done; resolves when there is room for more, as there mostly is. */
  readonly emit: (operation: PlannedOperation) => Promise<void> | undefined;
  /** Called before something of the target goes to make way for another kind of thing, with the files and links in it. */
  readonly onFilesGone: (files: number) => void;
  /** Called when so many files, and bytes, more are found to be sent at least. */
  readonly onFound: (files: number, bytes: number) => void;
  /** Called with a file that the target has and that is too large on the source. */
  readonly onTooLarge?: (path: string, versions: { readonly mine: EntryState; readonly theirs: EntryState }) => void;
}

/** Something of the target that the source does not have (any more). */
export interface Gone {
  readonly entry: FileEntry;
  readonly files: number;
}

interface Reader {
  readonly states: StateReader;
  readonly slots: KnownSlots;
  current: EntryState | undefined;
}

/** A folder that both sides have, and how far its entries are compared. */
interface Pair {
  readonly path: string;
  readonly digest: string;
  readonly own: Reader;
  skip: number;
  pieces: number;
  /** The last name that the target has told. */
  lastName: string | undefined;
}

const nothing = Buffer.alloc(0);
/** Of what is gone so much is kept in memory; the rest goes after the next analysis. */
const goneLimit = 1_000_000;
/** Each holds 10,000 entries: no folder has more. */
const piecesLimit = 10_000;

/**
 * Compares two trees by what both sides remember of their folders since they looked at them: begins at the root and goes only
 * where digests differ. What a folder needs is given out at once, so the memory does not grow with the tree; only the
 * names of what is gone, and the folders that need their attributes at the end, are kept.
 */
export class TreeCompare {
  readonly #options: TreeCompareOptions;
  readonly #pairs: Pair[] = [];
  readonly gone: Gone[] = [];
  #filesGone = 0;
  /** Folders whose attributes are to be set when all else is done. */
  readonly touched = new Map<string, FileEntry>();
  readonly #folders = new Map<string, FileEntry>();

  constructor(options: TreeCompareOptions) {
    this.#options = options;
  }

  /** Files and links in all that is gone. */
  get filesGone(): number {
    return this.#filesGone;
  }

  /** The root is known to differ below; `entry` describes it. */
  async run(root: FileEntry, digest: Buffer): Promise<void> {
    this.#folders.set("", root);
    this.#addPair("", digest);
    while (this.#pairs.length > 0) await this.#step();
  }

  /** The removals for something that is gone, inner things first. */
  async *removals({ entry }: Gone, reason: "gone" | "in-the-way"): AsyncGenerator<PlannedOperation> {
    if (entry.kind === "folder") {
      const told: Pick<Pair, "lastName"> = { lastName: undefined };
      for (let skip = 0, pieces = 1, isLast = false; !isLast; pieces += 1) {
        requireFewPieces(pieces);
        const [folder] = await this.#options.peer.compare([{ path: entry.path, digest: "", skip }]);
        if (folder?.kind !== "record") break;
        const reader = new StateReader(folder.record.states);
        for (let state = reader.next(); state !== undefined; state = reader.next()) {
          requireRising(state, told);
          yield* this.removals({ entry: entryOf(entry.path, state), files: 0 }, reason);
        }
        skip += folder.record.count;
        isLast = folder.isLast || folder.record.count === 0;
      }
    }
    yield { do: "remove", entry, reason };
  }

  async #step(): Promise<void> {
    const { peer, signal } = this.#options;
    signal.throwIfAborted();
    // The newest first: depth before breadth keeps the list short.
    const asked = this.#pairs.splice(-compareFolders).reverse();
    const answers = await peer.compare(asked.map(({ path, digest, skip }) => ({ path, digest, skip })));
    const rest = asked.slice(answers.length).reverse();
    this.#pairs.push(...rest);
    for (const [index, answer] of answers.entries()) {
      const pair = asked[index];
      if (pair !== undefined) await this.#take(pair, answer);
    }
  }

  async #take(pair: Pair, answer: ComparedFolder): Promise<void> {
    switch (answer.kind) {
      case "same":
        return;
      case "missing":
        // It went, or cannot be read, since the folder above was looked at: the next analysis sees what is there now.
        return;
      case "record": {
        const target = readerOf(answer.record.states, answer.record.known);
        pair.pieces += 1;
        requireFewPieces(pair.pieces);
        requireRising(target.current, pair);
        await this.#merge(pair, target, answer.isLast);
        pair.skip += answer.record.count;
        if (!answer.isLast && answer.record.count > 0) this.#pairs.push(pair);
        else if (pair.path !== "") this.#folders.delete(pair.path);
      }
    }
  }

  async #merge(pair: Pair, target: Reader, isLast: boolean): Promise<void> {
    const { own } = pair;
    let steps = 0;
    while (target.current !== undefined || (isLast && own.current !== undefined)) {
      steps += 1;
      if (steps % 1000 === 0) await nextTurn();
      const mine = own.current;
      const theirs = target.current;
      const order = mine === undefined ? 1 : theirs === undefined ? -1 : compareNames(mine.name, theirs.name);
      if (order <= 0 && mine !== undefined) {
        await this.#entry(pair.path, mine, own, order === 0 ? target : undefined);
        own.current = own.states.next();
      } else if (theirs !== undefined) {
        const gone = goneOf(pair.path, theirs, target);
        this.#filesGone += gone.files;
        if (this.gone.length < goneLimit) this.gone.push(gone);
        this.#touch(pair.path);
        this.#touch("");
      }
      if (order >= 0) nextOf(target, pair);
    }
  }

  async #entry(folder: string, mine: EntryState, own: Reader, target: Reader | undefined): Promise<void> {
    const theirs = target?.current;
    // A device on the source is reported by the scan; what the target has in its place is left alone.
    if (mine.kind === "other") {
      // Only a file has a size.
      if (mine.size > 0 && theirs?.kind === "file") {
        this.#options.onTooLarge?.(joinPath(folder, mine.name), { mine, theirs });
      }
      return;
    }
    if (theirs !== undefined && target !== undefined && theirs.kind !== mine.kind) {
      await this.#makeWay(folder, mine, theirs, target);
      await this.#new(folder, mine, own);
    } else if (theirs === undefined || target === undefined) await this.#new(folder, mine, own);
    else if (mine.kind === "folder") this.#folder(folder, mine, own, theirs, target);
    else if (mine.kind === "link") await this.#link(folder, mine, theirs);
    else await this.#file(folder, mine, own.slots.get(own.states.index), theirs, target.slots.get(target.states.index));
  }

  async #makeWay(folder: string, mine: EntryState, theirs: EntryState, target: Reader): Promise<void> {
    // A file replaces a link (and the other way round) by rename alone, without a moment in which nothing is there.
    if (theirs.kind !== "folder" && mine.kind !== "folder") return;
    const gone = goneOf(folder, theirs, target);
    this.#options.onFilesGone(gone.files);
    for await (const removal of this.removals(gone, "in-the-way")) await this.#options.emit(removal);
  }

  #folder(folder: string, mine: EntryState, own: Reader, theirs: EntryState, target: Reader): void {
    const entry = entryOf(folder, mine);
    if (!hasSameAttributes(entry, entryOf(folder, theirs), this.#options.hasOwner)) this.touched.set(entry.path, entry);
    const { digest } = own.slots.getFolder(own.states.index);
    const other = target.slots.getFolder(target.states.index).digest;
    // Without a digest it could not be read here: nothing is known of what should be in it.
    if (digest.equals(other) || isNone(digest)) return;
    this.#folders.set(entry.path, entry);
    this.#addPair(entry.path, digest);
  }

  async #file(
    folder: string,
    mine: EntryState,
    known: Knowledge,
    theirs: EntryState,
    theirKnown: Knowledge,
  ): Promise<void> {
    const entry = entryOf(folder, mine);
    const contentHash = theirKnown.contentHash?.toString("hex");
    const other = { ...entryOf(folder, theirs), ...(contentHash === undefined ? {} : { contentHash }) };
    const isOther = known.contentHash !== undefined && theirKnown.contentHash?.equals(known.contentHash) === false;
    const doubts = {
      isSourceDoubtful: known.isDoubtful || isOther,
      isTargetDoubtful: theirKnown.isDoubtful,
      hasOwner: this.#options.hasOwner,
    };
    switch (compareFiles(entry, other, doubts)) {
      case "same":
        return;
      case "attributes":
        await this.#options.emit({ do: "set-attributes", entry });
        return;
      case "content":
        this.#options.onFound(1, entry.size);
        await this.#options.emit({ do: "put-file", entry, basis: basisOf(entry, other, doubts) });
        this.#touch(folder);
        // What is replaced may be the first to go to .deleted, which is then made in the root.
        this.#touch("");
    }
  }

  async #link(folder: string, mine: EntryState, theirs: EntryState): Promise<void> {
    const entry = entryOf(folder, mine);
    const other = entryOf(folder, theirs);
    if (mine.linkTarget !== theirs.linkTarget) {
      this.#options.onFound(1, 0);
      await this.#options.emit({ do: "put-link", entry });
      this.#touch(folder);
    } else if (!hasSameAttributes(entry, other, this.#options.hasOwner)) {
      await this.#options.emit({ do: "set-attributes", entry });
    }
  }

  /** Something the target does not have, with all below it. */
  async #new(folder: string, mine: EntryState, own: Reader): Promise<void> {
    const entry = entryOf(folder, mine);
    this.#touch(folder);
    if (mine.kind !== "folder") {
      this.#options.onFound(1, mine.size);
      await this.#emitNew(entry, mine);
      return;
    }
    const { files, bytes } = own.slots.getFolder(own.states.index).totals;
    this.#options.onFound(files, bytes);
    await this.#newFolder(entry);
  }

  async #newFolder(entry: FileEntry): Promise<void> {
    this.#options.signal.throwIfAborted();
    await this.#options.emit({ do: "make-folder", entry });
    this.touched.set(entry.path, entry);
    const record = this.#options.store.getFolder(entry.path);
    if (record === undefined) return;
    const reader = new StateReader(record.states);
    for (let state = reader.next(); state !== undefined; state = reader.next()) {
      const inner = entryOf(entry.path, state);
      const turn = inner.kind === "folder" ? this.#newFolder(inner) : this.#emitNew(inner, state);
      if (turn !== undefined) await turn;
    }
  }

  #emitNew(entry: FileEntry, seen: EntryState): Promise<void> | undefined {
    if (entry.kind === "file") return this.#options.emit({ do: "put-file", entry, seen });
    return entry.kind === "link" ? this.#options.emit({ do: "put-link", entry }) : undefined;
  }

  #touch(folder: string): void {
    const entry = this.#folders.get(folder);
    if (entry !== undefined) this.touched.set(folder, entry);
  }

  #addPair(path: string, digest: Buffer): void {
    const record = this.#options.store.getFolder(path);
    const own = readerOf(record?.states ?? nothing, record?.known ?? nothing);
    // Nothing is known of what should be in it; with an empty list everything in it would look gone.
    if (record !== undefined)
      this.#pairs.push({ path, digest: digest.toString("hex"), own, skip: 0, pieces: 0, lastName: undefined });
  }
}

function readerOf(states: Buffer, known: Buffer): Reader {
  const reader = new StateReader(states);
  return { states: reader, slots: new KnownSlots(known), current: reader.next() };
}

/** Throws PEER_REFUSED for a folder that comes in pieces without an end. */
function requireFewPieces(pieces: number): void {
  if (pieces > piecesLimit) throw new AppError("PEER_REFUSED", "A folder of the target has no end.");
}

/** Throws PEER_REFUSED unless the target's names rise, over all pieces of a folder: else they could come again and again. */
function requireRising(state: EntryState | undefined, told: Pick<Pair, "lastName">): void {
  if (state === undefined) return;
  if (told.lastName !== undefined && state.name <= told.lastName) {
    throw new AppError("PEER_REFUSED", `The target's names are in no order: ${JSON.stringify(state.name)}.`);
  }
  told.lastName = state.name;
}

function nextOf(target: Reader, pair: Pair): void {
  target.current = target.states.next();
  requireRising(target.current, pair);
}

function goneOf(folder: string, state: EntryState, reader: Reader): Gone {
  const files = state.kind === "folder" ? reader.slots.getFolder(reader.states.index).totals.files : 1;
  return { entry: entryOf(folder, state), files };
}

function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isNone(digest: Buffer): boolean {
  return digest.every((byte) => byte === 0);
}

/** Inner folders before the ones they are in. */
export function innerFirst(folders: Iterable<FileEntry>): FileEntry[] {
  return [...folders].sort((a, b) => depth(b.path) - depth(a.path));
}

function depth(path: string): number {
  return path === "" ? 0 : path.split("/").length;
}

import { basisOf, compareFiles, hasSameAttributes, type FileBasis } from "./file-compare.js";
import { comparePaths, isBelow, parentPath, type FileEntry } from "./file-entry.js";
import type { EntryState } from "./folder-record.js";
import type { ListedEntry } from "./file-wire.js";

/** One thing to do on the target. `entry` is the source's, of a removal the target's. */
export type PlannedOperation =
  | { readonly do: "remove"; readonly entry: FileEntry; readonly reason: "gone" | "in-the-way" }
  | { readonly do: "make-folder"; readonly entry: FileEntry }
  /** `seen`: the file's state at the last look, where it is at hand. */
  | { readonly do: "put-file"; readonly entry: FileEntry; readonly basis?: FileBasis; readonly seen?: EntryState }
  | { readonly do: "put-link"; readonly entry: FileEntry }
  | { readonly do: "set-attributes"; readonly entry: FileEntry };

export interface FilePlan {
  /** In the order in which they must be done. */
  readonly operations: readonly PlannedOperation[];
  /** Files and links of the target that would go without a successor: what the safety rules look at. */
  readonly filesGone: number;
  /** Files and links that the target did not have. */
  readonly filesNew: number;
  readonly bytes: number;
}

export interface DiffOptions {
  /** Source paths whose own or inner state is not known (unreadable, skipped): nothing there is removed. */
  readonly unknown: readonly string[];
  /** Source files that were touched: their content may differ although size and time agree. */
  readonly changed: ReadonlySet<string>;
  /** Owner and group are kept. */
  readonly hasOwner: boolean;
}

/** One path with what stands there on either side. */
export interface EntryPair {
  readonly source?: FileEntry;
  readonly target?: ListedEntry;
}

/** Joins two lists in walk order (comparePaths), each path once. */
export function* joinEntries(source: Iterable<FileEntry>, target: Iterable<ListedEntry>): Generator<EntryPair> {
  const left = source[Symbol.iterator]();
  const right = target[Symbol.iterator]();
  let a = left.next();
  let b = right.next();
  while (a.done !== true || b.done !== true) {
    const order = a.done === true ? 1 : b.done === true ? -1 : comparePaths(a.value.path, b.value.path);
    yield {
      ...(a.done !== true && order <= 0 ? { source: a.value } : {}),
      ...(b.done !== true && order >= 0 ? { target: b.value } : {}),
    };
    if (order <= 0) a = left.next();
    if (order >= 0) b = right.next();
  }
}

/**
 * What must be done on the target so that it equals the source. Order: what stands in the way goes first, then folders,
 * then files and links, then attributes; what is gone goes last, so that an interruption leaves too much rather than
 * too little; folders' attributes at the very end, because everything before changes their times.
 */
export function planDifferences(
  source: Iterable<FileEntry>,
  target: Iterable<ListedEntry>,
  options: DiffOptions,
): FilePlan {
  const plan = new FilePlanner(options);
  for (const pair of joinEntries(source, target)) plan.add(pair);
  return plan.finish();
}

function planEntry(plan: FilePlanner, source: FileEntry, target: ListedEntry | undefined, options: DiffOptions): void {
  // A device on the source is reported by the scanner; what the target has in its place is left alone.
  if (source.kind === "other") return;
  const same = target?.kind === source.kind ? target : undefined;
  if (target !== undefined && same === undefined) plan.makeWay(target, source.kind === "folder");
  switch (source.kind) {
    case "folder":
      plan.folder(source, same);
      return;
    case "file":
      if (same === undefined) plan.put(source, target);
      else planFile(plan, source, same, options);
      return;
    case "link":
      if (same?.linkTarget !== source.linkTarget) plan.put(source, target);
      else if (same !== undefined && !hasSameAttributes(source, same, options.hasOwner)) {
        plan.attributes.push({ do: "set-attributes", entry: source });
      }
  }
}

function planFile(plan: FilePlanner, source: FileEntry, target: ListedEntry, options: DiffOptions): void {
  const isSourceDoubtful = options.changed.has(source.path);
  const doubts = { isSourceDoubtful, isTargetDoubtful: target.isDoubtful === true, hasOwner: options.hasOwner };
  switch (compareFiles(source, target, doubts)) {
    case "same":
      return;
    case "attributes":
      plan.attributes.push({ do: "set-attributes", entry: source });
      return;
    case "content":
      plan.put(source, target, basisOf(source, target, doubts));
  }
}

function isUnknown(path: string, unknown: readonly string[]): boolean {
  return unknown.some((place) => place === path || isBelow(path, place));
}

/** planDifferences pair by pair, in the order of joinEntries: a large folder need not be planned in one go. */
export class FilePlanner {
  readonly #options: DiffOptions;
  readonly attributes: PlannedOperation[] = [];
  readonly #inTheWay: PlannedOperation[] = [];
  readonly #folders: PlannedOperation[] = [];
  readonly #contents: PlannedOperation[] = [];
  readonly #gone: PlannedOperation[] = [];
  readonly #sourceFolders = new Map<string, FileEntry>();
  readonly #touchedFolders = new Set<string>();
  /** A folder of the target that must become something else: all that is in it has to go before. */
  #replacedFolder: string | undefined;
  #filesGone = 0;
  #filesNew = 0;
  #bytes = 0;

  constructor(options: DiffOptions) {
    this.#options = options;
  }

  add({ source, target }: EntryPair): void {
    if (source !== undefined) planEntry(this, source, target, this.#options);
    else if (target !== undefined && !isUnknown(target.path, this.#options.unknown)) this.remove(target);
  }

  remove(entry: FileEntry): void {
    if (entry.kind !== "folder") this.#filesGone += 1;
    this.#touch(entry.path);
    this.#touchedFolders.add("");
    if (this.#replacedFolder !== undefined && isBelow(entry.path, this.#replacedFolder)) {
      this.#inTheWay.push({ do: "remove", entry, reason: "in-the-way" });
      return;
    }
    this.#gone.push({ do: "remove", entry, reason: "gone" });
  }

  makeWay(target: FileEntry, isFolderWanted: boolean): void {
    // A file replaces a link (and the other way round) by rename alone, without a moment in which nothing is there.
    if (target.kind !== "folder" && !isFolderWanted) return;
    if (target.kind === "folder") this.#replacedFolder = target.path;
    else this.#filesGone += 1;
    this.#inTheWay.push({ do: "remove", entry: target, reason: "in-the-way" });
  }

  folder(source: FileEntry, target: FileEntry | undefined): void {
    this.#sourceFolders.set(source.path, source);
    if (target === undefined) {
      this.#folders.push({ do: "make-folder", entry: source });
      this.#touch(source.path);
      this.#touchedFolders.add(source.path);
    } else if (!hasSameAttributes(source, target, this.#options.hasOwner)) {
      this.#touchedFolders.add(source.path);
    }
  }

  put(source: FileEntry, target: FileEntry | undefined, basis?: FileBasis): void {
    if (target === undefined || target.kind === "folder") this.#filesNew += 1;
    if (source.kind === "link") this.#contents.push({ do: "put-link", entry: source });
    else this.#contents.push({ do: "put-file", entry: source, ...(basis === undefined ? {} : { basis }) });
    this.#bytes += source.size;
    this.#touch(source.path);
    // What is replaced may be the first to go to .deleted, which is then made in the root.
    if (target !== undefined) this.#touchedFolders.add("");
  }

  finish(): FilePlan {
    const folderAttributes: PlannedOperation[] = [];
    for (const [path, entry] of this.#sourceFolders) {
      if (this.#touchedFolders.has(path)) folderAttributes.push({ do: "set-attributes", entry });
    }
    return {
      // Inner things before the folders they are in.
      operations: [
        ...this.#inTheWay.reverse(),
        ...this.#folders,
        ...this.#contents,
        ...this.attributes,
        ...this.#gone.reverse(),
        ...folderAttributes.reverse(),
      ],
      filesGone: this.#filesGone,
      filesNew: this.#filesNew,
      bytes: this.#bytes,
    };
  }

  /** Something is put to or taken from this path beside the plan: the folder it stands in needs its time again. */
  noteMoved(path: string): void {
    this.#touch(path);
  }

  #touch(path: string): void {
    if (path !== "") this.#touchedFolders.add(parentPath(path));
  }
}

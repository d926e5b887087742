import { comparePaths, isBelow, isSameTime, parentPath, type FileEntry } from "./file-entry.js";
import type { ListedEntry } from "./file-wire.js";

/** Something of the source that stood elsewhere when it was looked at last. */
export interface Move<Entry extends FileEntry = FileEntry> {
  readonly from: string;
  readonly entry: Entry;
}

/** What identifies a file or folder of the source whatever its name is. */
export interface Identified extends FileEntry {
  readonly ino: bigint;
}

/**
 * Finds what was renamed: it is new at one path of the source, and the same inode was known at another path that is gone
 * there and still on the target. A file must show the same size and time as well, for inodes are given out again. Only the
 * top of a moved tree is named. `knownAt` tells what stood at a path of the source when it was looked at last.
 *
 * Of files also chains (log.1 to log.2, then log to log.1) whose last name is free on the target, in the order in which they can be
 * done: each step leaves what the source itself had in between. What would replace a file, or goes round, is no move.
 */
export function findMoves<Entry extends Identified>(
  source: readonly Entry[],
  target: readonly ListedEntry[],
  knownAt: (path: string) => { readonly kind: string; readonly ino: bigint } | undefined,
): Move<Entry>[] {
  const sourceByPath = new Map(source.map((entry) => [entry.path, entry]));
  const targetPaths = new Set(target.map(({ path }) => path));
  const goneByIno = new Map<bigint, ListedEntry>();
  for (const entry of target) {
    const now = sourceByPath.get(entry.path);
    // Another file has its name: it may have gone on to another one itself.
    const mayBeNext = now === undefined || (now.kind === "file" && entry.kind === "file");
    const known = mayBeNext ? knownAt(entry.path) : undefined;
    if (known?.kind === entry.kind && known.ino !== now?.ino) goneByIno.set(known.ino, entry);
  }
  const moves: Move<Entry>[] = [];
  const taken = new Set<string>();
  let newFolder: string | undefined;
  for (const entry of goneByIno.size === 0 ? [] : source) {
    if (targetPaths.has(entry.path) || (newFolder !== undefined && isBelow(entry.path, newFolder))) continue;
    const gone = goneByIno.get(entry.ino);
    if (gone === undefined || !isSameThing(entry, gone)) continue;
    // Nothing is left at a place that went along with the folder above it.
    if (topOf(parentPath(gone.path), taken) !== undefined) continue;
    // A second name of the same file stays a file of its own.
    goneByIno.delete(entry.ino);
    if (entry.kind === "folder") newFolder = entry.path;
    taken.add(gone.path);
    moves.push({ from: gone.path, entry });
    moves.push(...followChain(gone.path, sourceByPath, goneByIno));
  }
  return moves;
}

/** What moved on to a name that has become free, and what then moved on to its name. Takes out of `goneByIno` what it gives. */
function followChain<Entry extends Identified>(
  free: string,
  sourceByPath: ReadonlyMap<string, Entry>,
  goneByIno: Map<bigint, ListedEntry>,
): Move<Entry>[] {
  const moves: Move<Entry>[] = [];
  for (let entry = sourceByPath.get(free); entry !== undefined;) {
    const gone = goneByIno.get(entry.ino);
    if (gone === undefined || !isSameThing(entry, gone)) break;
    goneByIno.delete(entry.ino);
    moves.push({ from: gone.path, entry });
    entry = sourceByPath.get(gone.path);
  }
  return moves;
}

/** The target's listing as it is after the moves, in order. */
export function applyMoves(target: readonly ListedEntry[], moves: readonly Move[]): ListedEntry[] {
  const places = new Map(moves.map(({ from, entry }) => [from, entry.path]));
  const moved = target.map((entry) => {
    const from = topOf(entry.path, places);
    return from === undefined ? entry : { ...entry, path: (places.get(from) ?? "") + entry.path.slice(from.length) };
  });
  return moved.sort((a, b) => comparePaths(a.path, b.path));
}

/** Folders that the target needs before something can be moved into them, outermost first. */
export function foldersForMoves(
  source: readonly FileEntry[],
  target: readonly ListedEntry[],
  moves: readonly Move[],
): FileEntry[] {
  const targetPaths = new Set(target.map(({ path }) => path));
  const wanted = new Set<string>();
  for (const { entry } of moves) {
    for (let path = parentPath(entry.path); path !== "" && !targetPaths.has(path); path = parentPath(path))
      wanted.add(path);
  }
  return source.filter(({ path, kind }) => kind === "folder" && wanted.has(path));
}

/** The innermost of the places that a path stands at or below. */
export function topOf(path: string, places: { has(place: string): boolean }): string | undefined {
  for (let top = path; top !== ""; top = parentPath(top)) if (places.has(top)) return top;
  return undefined;
}

function isSameThing(source: FileEntry, target: FileEntry): boolean {
  if (source.kind !== target.kind) return false;
  if (source.kind === "folder") return true;
  return (
    source.size === target.size && isSameTime(source.mtimeNs, target.mtimeNs) && source.linkTarget === target.linkTarget
  );
}

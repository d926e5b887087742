import { isBelow, leafName, parentPath } from "../core/file-entry.js";
import { listPaths } from "../core/file-wire.js";
import type { MovedFolder, PassMemory, PassPorts } from "./pass.js";
import { openInside } from "./confined-folder.js";
import { describe, kindOf, type ScannedEntry } from "./scanner.js";
import { Sender } from "./sender.js";
import { touchedBelow } from "./touched-below.js";

export interface WholeFolderMoves {
  readonly moved: readonly MovedFolder[];
  readonly changes: number;
  /** What is left to be looked at: the paths given, without what went along unchanged. */
  readonly paths: readonly string[];
}

interface FolderMove {
  readonly from: string;
  readonly entry: ScannedEntry;
}

/**
 * Renames on the target the folders that were renamed on the source, without a look at what is in them: of two paths that
 * were noticed one held a folder when it was acknowledged, and the other one is that folder now. What is in it is compared with the
 * index afterwards, here alone; only what was touched is left to be compared with the target.
 */
export async function moveWholeFolders(
  paths: readonly string[],
  memory: PassMemory,
  ports: PassPorts,
): Promise<WholeFolderMoves> {
  const wanted = findFolderMoves(paths, ports);
  const possible = wanted.length === 0 ? [] : await withoutTaken(wanted, ports);
  if (possible.length === 0) return { moved: [], changes: 0, paths };
  const { done, changes } = await sendMoves(possible, memory, ports);
  const left = new Set(paths);
  const folders: string[] = [];
  for (const { from, entry } of done) {
    left.delete(entry.path);
    // What was noticed in it before it was renamed stands below its new name now.
    for (const path of paths) if (isBelow(path, from)) left.add(entry.path + path.slice(from.length));
    const touched = await touchedBelow(entry.path, ports);
    for (const path of touched.paths) left.add(path);
    folders.push(...touched.folders);
  }
  await sendAttributes(folders, memory, ports);
  const moved = done.map(({ from, entry }) => ({ from, to: entry.path }));
  // More than one question can ask for: then the moved folders as a whole.
  const isMany = left.size > listPaths;
  return { moved, changes, paths: isMany ? [...new Set([...paths, ...moved.map(({ to }) => to)])] : [...left] };
}

function findFolderMoves(paths: readonly string[], { root, rules, store }: PassPorts): FolderMove[] {
  const goneByIno = new Map<bigint, string>();
  for (const path of paths) {
    const known = store.find(path)?.state;
    if (known?.kind === "folder" && lookAt(root, path)?.ino !== known.ino) goneByIno.set(known.ino, path);
  }
  const moves: FolderMove[] = [];
  for (const path of goneByIno.size === 0 ? [] : paths) {
    const entry = lookAt(root, path);
    const from = entry === undefined ? undefined : goneByIno.get(entry.ino);
    if (entry?.kind !== "folder" || from === undefined || rules.isIgnored(path, true)) continue;
    const isTangled = [path, from].some((one) => moves.some((other) => isTouching(one, other)));
    if (!isTangled && !isBelow(path, from) && !isBelow(from, path)) moves.push({ from, entry });
  }
  return inOrder(moves);
}

/** One is in the other. That one takes the name that the other one had is a chain, and can be done in order. */
function isTouching(path: string, { from, entry }: FolderMove): boolean {
  return [from, entry.path].some((one) => isBelow(one, path) || isBelow(path, one));
}

/** Each after the one that frees its new name; what goes round is left out. */
function inOrder(moves: readonly FolderMove[]): FolderMove[] {
  const byNewName = new Map(moves.map((move) => [move.entry.path, move]));
  const oldNames = new Set(moves.map(({ from }) => from));
  const ordered: FolderMove[] = [];
  for (const last of moves) {
    if (oldNames.has(last.entry.path)) continue;
    for (let move: FolderMove | undefined = last; move !== undefined; move = byNewName.get(move.from))
      ordered.push(move);
  }
  return ordered;
}

/**
 * Nothing stands in their place on the target, and the folder that they are moved into is there. A name that another of them frees is
 * not asked for: all that is in that folder would be listed.
 */
async function withoutTaken(moves: readonly FolderMove[], { peer, signal }: PassPorts): Promise<readonly FolderMove[]> {
  const oldNames = new Set(moves.map(({ from }) => from));
  const wanted = moves.map(({ entry }) => entry.path).filter((path) => !oldNames.has(path));
  const listing = await peer.list(wanted);
  signal.throwIfAborted();
  if (listing === undefined) return [];
  const { entries } = listing;
  const kinds = new Map(entries.map(({ path, kind }) => [path, kind]));
  const freed = new Set<string>();
  return moves.filter(({ from, entry: { path } }) => {
    const isFree =
      freed.has(path) || (!oldNames.has(path) && !kinds.has(path) && kinds.get(parentPath(path)) === "folder");
    if (isFree) freed.add(from);
    return isFree;
  });
}

async function sendMoves(
  moves: readonly FolderMove[],
  { hasOwner }: PassMemory,
  ports: PassPorts,
): Promise<{ readonly done: readonly FolderMove[]; readonly changes: number }> {
  const sender = new Sender({ ...ports, hasOwner, onProgress: () => undefined });
  try {
    for (const { from, entry } of moves) await sender.add({ do: "move", from, entry });
    // The rename has changed the times of the folders that it took from and gave to.
    const touched = new Set(moves.flatMap(({ from, entry }) => [entry.path, parentPath(from), parentPath(entry.path)]));
    await addAttributes(touched, sender, ports);
    const { changes, problems } = await sender.finish();
    const failed = new Set(problems.map(({ path }) => path));
    return { changes, done: moves.filter(({ entry }) => !failed.has(entry.path)) };
  } finally {
    sender.close();
  }
}

async function sendAttributes(folders: readonly string[], { hasOwner }: PassMemory, ports: PassPorts): Promise<void> {
  if (folders.length === 0) return;
  const sender = new Sender({ ...ports, hasOwner, onProgress: () => undefined });
  try {
    await addAttributes(folders, sender, ports);
    await sender.finish();
  } finally {
    sender.close();
  }
}

async function addAttributes(folders: Iterable<string>, sender: Sender, { root }: PassPorts): Promise<void> {
  for (const path of folders) {
    const entry = lookAt(root, path);
    if (entry?.kind === "folder") await sender.add({ do: "set-attributes", entry });
  }
}

/** Undefined for nothing, and for what cannot be looked at: whoever compares it with the target will say why. */
function lookAt(root: string, path: string): ScannedEntry | undefined {
  try {
    const folder = openInside(root, parentPath(path));
    try {
      const stat = path === "" ? folder.lookAtSelf() : folder.look(leafName(path));
      if (stat === undefined) return undefined;
      const name = path === "" ? "." : leafName(path);
      return describe(path, kindOf(stat), stat, stat.isDirectory() ? folder.extended(name) : undefined);
    } finally {
      folder.close();
    }
  } catch {
    return undefined;
  }
}

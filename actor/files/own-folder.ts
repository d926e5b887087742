import { closeSync, openSync, rmSync, type BigIntStats } from "node:fs";
import { deletedFolder, ownFolder } from "../core/file-path.js";
import { ConfinedFolder } from "./confined-folder.js";

/** The content of a target is nobody's business but of those who may read the files themselves. */
const ownMode = 0o700;
const ownFileMode = 0o600;
const transferStart = "transfer-";
/** Long enough for a line that is down over night; not so long that the disk fills with what nobody continues. */
const keepTransfersMs = 24 * 3600 * 1000;

/** `<root>/.sparesync`: SpareSync's own files in a folder, on the same file system so that a rename is atomic. */
export function openOwnFolder(root: string): ConfinedFolder {
  return openInRoot(root, ownFolder);
}

/** Leaves a sign in a folder that SpareSync has been at work there; where it cannot, as in a folder that may only be read, none. */
export function makeOwnFolder(root: string): void {
  try {
    openOwnFolder(root).close();
  } catch {
    // Whoever needs the folder says what is wrong with it.
  }
}

/** Whether SpareSync has been at work in a folder before, whatever it remembers of that. False where it cannot be looked at. */
export function hasOwnFolder(root: string): boolean {
  try {
    const folder = ConfinedFolder.openRoot(root);
    try {
      return folder.look(ownFolder) !== undefined;
    } finally {
      folder.close();
    }
  } catch {
    return false;
  }
}

/** `<root>/.deleted`. */
export function openDeletedFolder(root: string): ConfinedFolder {
  return openInRoot(root, deletedFolder);
}

/** `<root>/.sparesync/tmp`: files that are not whole yet. */
export function openTemporaryFolder(root: string): ConfinedFolder {
  const own = openOwnFolder(root);
  try {
    return own.openOrMakeChild("tmp", ownMode);
  } finally {
    own.close();
  }
}

/** Whether the file system of a folder takes names that differ only by case for one (NTFS, APFS, FAT, ext4 with casefold). */
export function isNameBlind(root: string): boolean {
  const temporary = openTemporaryFolder(root);
  try {
    closeSync(openSync(temporary.place("case"), "w", ownFileMode));
    return temporary.look("CASE") !== undefined;
  } finally {
    rmSync(temporary.place("case"), { force: true });
    temporary.close();
  }
}

/** The name of a large file's temporary file. */
export function transferName(transfer: string): string {
  return `${transferStart}${transfer}`;
}

/**
 * Removes what an interrupted run left in the temporary folder. Pieces of large files stay for a while: the transfer goes
 * on where it ended.
 */
export function cleanTemporaryFolder(root: string, nowWallMs: number): void {
  removeTemporaries(root, (name, ctimeMs) => !name.startsWith(transferStart) || nowWallMs - ctimeMs > keepTransfersMs);
}

/** Removes the pieces of large files, but for the transfers named; for when everything has been brought over, or nothing fits. */
export function cleanTransfers(root: string, keep: ReadonlySet<string> = new Set()): void {
  const kept = new Set([...keep].map(transferName));
  removeTemporaries(root, (name) => name.startsWith(transferStart) && !kept.has(name));
}

/** Bytes that the pieces of large files take on the disk. */
export function transferBytes(root: string): number {
  let bytes = 0;
  visitTemporaries(root, (name, stat) => {
    if (name.startsWith(transferStart)) bytes += Number(stat?.blocks ?? 0n) * 512;
  });
  return bytes;
}

function removeTemporaries(root: string, isOld: (name: string, ctimeMs: number) => boolean): void {
  visitTemporaries(root, (name, stat, place) => {
    if (isOld(name, Number(stat?.ctimeMs ?? 0n))) rmSync(place, { force: true });
  });
}

function visitTemporaries(
  root: string,
  visit: (name: string, stat: BigIntStats | undefined, place: string) => void,
): void {
  const folder = ConfinedFolder.openRoot(root);
  try {
    if (folder.look(ownFolder) === undefined) return;
  } finally {
    folder.close();
  }
  const temporary = openTemporaryFolder(root);
  try {
    for (const bytes of temporary.names()) {
      const name = bytes.toString("utf8");
      visit(name, temporary.look(name), temporary.place(name));
    }
  } finally {
    temporary.close();
  }
}

function openInRoot(root: string, name: string): ConfinedFolder {
  const folder = ConfinedFolder.openRoot(root);
  try {
    return folder.openOrMakeChild(name, ownMode);
  } finally {
    folder.close();
  }
}

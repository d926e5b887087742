import { leafName, joinPath, parentPath } from "../core/file-entry.js";
import { checkFilePath, deletedFolder, ownFolder, visibleName } from "../core/file-path.js";
import { deletedRecordsFile } from "../core/deleted-record.js";
import type { ConfinedFolder } from "./confined-folder.js";
import { openInside } from "./confined-folder.js";
import { pathSystem } from "./path-system.js";

export interface UnsendableName {
  /** As people can read it. */
  readonly path: string;
  readonly because: string;
}

/** What a name that is not UTF-8 has in the place of the bytes that nobody can decode. */
const replacement = "\ufffd";

/** Whether a path that a watch has told may stand for a name that cannot be sent. */
export function isPerhapsUnsendable(path: string): boolean {
  return path.includes(replacement) || !checkFilePath(path, pathSystem).isAllowed;
}

/** What of a path that a watch has told is there and cannot be sent; none where it is gone, or cannot be looked at now. */
export function findUnsendable(root: string, path: string): readonly UnsendableName[] {
  const leaf = leafName(path);
  try {
    const parent = openInside(root, parentPath(path));
    try {
      const names = parent.names().filter((bytes) => bytes.toString("utf8") === leaf);
      return names.flatMap((bytes) => {
        const isText = Buffer.from(leaf, "utf8").equals(bytes);
        const verdict = checkFilePath(path, pathSystem);
        if (isText && verdict.isAllowed) return [];
        const because = isText && !verdict.isAllowed ? verdict.because : "its name is not UTF-8";
        return [{ path: joinPath(parentPath(path), visibleName(bytes)), because }];
      });
    } finally {
      parent.close();
    }
  } catch {
    return [];
  }
}

/** Whether `.deleted` in a folder is somebody else's: something is in it, and SpareSync has no records of having put anything there. */
export function isDeletedFolderOfOthers(root: string): boolean {
  return !isEmpty(root, deletedFolder) && !hasRecords(root);
}

function isEmpty(root: string, name: string): boolean {
  return inFolder(root, name, (folder) => folder.names().length === 0) ?? true;
}

function hasRecords(root: string): boolean {
  return inFolder(root, ownFolder, (folder) => folder.look(deletedRecordsFile) !== undefined) ?? false;
}

/** Undefined where there is no such folder. */
function inFolder<Result>(root: string, name: string, look: (folder: ConfinedFolder) => Result): Result | undefined {
  try {
    const folder = openInside(root, name);
    try {
      return look(folder);
    } finally {
      folder.close();
    }
  } catch {
    return undefined;
  }
}

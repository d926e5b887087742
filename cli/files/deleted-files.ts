import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { link, lstat, mkdir, open, readdir, readFile, readlink, rm, symlink } from "node:fs/promises";
import path from "node:path";
import {
  decodeDeletedRecords,
  deletedRecordsFile,
  type DeletedRecord,
  type KeptFile,
} from "../../actor/core/deleted-record.js";
import { keptExtended } from "../../actor/core/extended-attributes.js";
import { leafName, parentPath } from "../../actor/core/file-entry.js";
import { deletedFolder, ownFolder } from "../../actor/core/file-path.js";
import { ConfinedFolder, openInside } from "../../actor/files/confined-folder.js";
import { openTemporaryFolder } from "../../actor/files/own-folder.js";
import { AppError, errorCode } from "../../shared/core/app-error.js";

const pieceBytes = 1024 * 1024;

/** Something in `.deleted` of a folder, as an operator sees it. */
export interface DeletedFile extends KeptFile {
  readonly folder: string;
  /** Where it stood before it was deleted or overwritten. */
  readonly of: string;
  readonly kind: "file" | "link";
}

/** All that `.deleted` of one folder holds, newest first. Links are listed as such and never followed. */
export async function listDeletedFiles(folder: string, root: string): Promise<DeletedFile[]> {
  const records = await readRecords(root);
  const found: DeletedFile[] = [];
  const base = path.join(root, deletedFolder);
  const look = async (inner: string): Promise<void> => {
    for (const entry of await readFolder(path.join(base, inner))) {
      const name = inner === "" ? entry.name : `${inner}/${entry.name}`;
      if (entry.isDirectory()) {
        await look(name);
        continue;
      }
      if (!entry.isFile() && !entry.isSymbolicLink()) continue;
      const stat = await lstat(path.join(base, name));
      // Without a record (a crash came between): its coming here changed its inode.
      const record = records.get(name) ?? { path: name, deletedAtMs: stat.ctimeMs, reason: "unknown" };
      const kind = entry.isFile() ? "file" : "link";
      found.push({ ...record, of: record.of ?? name, folder, kind, bytes: stat.size });
    }
  };
  await look("");
  return found.sort((a, b) => b.deletedAtMs - a.deletedAtMs || (a.path < b.path ? -1 : 1));
}

/** The file an operator means: by its place in `.deleted`, or by where it stood, then the newest. */
export function findDeletedFile(files: readonly DeletedFile[], name: string): DeletedFile {
  const [found] = [...files.filter((one) => one.path === name), ...files.filter(({ of }) => of === name)];
  if (found !== undefined) return found;
  throw new AppError("NOT_FOUND", `${JSON.stringify(name)} is not in .deleted.`, {
    hint: "sparesync files deleted list --settings FILE",
  });
}

/**
 * Copies it to a place where nothing stands yet, with its attributes and time; it stays in `.deleted` too. Resolves when it
 * is whole and durable there: until then the place is empty. Without a destination it goes to where it stood, and then no part of
 * the way is followed as a link: whoever may write in the folder must not lead an administrator out of it. Rejects with
 * FILE_PATH_REFUSED for such a part.
 */
export async function restoreDeletedFile(root: string, file: DeletedFile, destination?: string): Promise<void> {
  const kept = openInside(root, parentPath(`${deletedFolder}/${file.path}`));
  try {
    const folder = destination === undefined ? makeInside(root, parentPath(file.of)) : await makeFolderOf(destination);
    try {
      const own = destination === undefined ? openBeside(root, folder) : undefined;
      try {
        await restoreInto(folder, path.basename(destination ?? file.of), { kept, file, beside: own ?? folder });
      } finally {
        own?.close();
      }
    } finally {
      folder.close();
    }
  } finally {
    kept.close();
  }
}

async function makeFolderOf(destination: string): Promise<ConfinedFolder> {
  await mkdir(path.dirname(destination), { recursive: true });
  return ConfinedFolder.openRoot(path.dirname(destination));
}

/** As openInside, and makes what is missing on the way. */
function makeInside(root: string, relativePath: string): ConfinedFolder {
  let folder = ConfinedFolder.openRoot(root);
  for (const name of relativePath === "" ? [] : relativePath.split("/")) {
    const parent = folder;
    try {
      folder = parent.openOrMakeChild(name, 0o777);
    } finally {
      parent.close();
    }
  }
  return folder;
}

async function restoreInto(
  folder: ConfinedFolder,
  name: string,
  {
    kept,
    file,
    beside,
  }: { readonly kept: ConfinedFolder; readonly file: DeletedFile; readonly beside: ConfinedFolder },
): Promise<void> {
  // The name itself may be as long as the system allows.
  const temporary = `.restoring-${randomUUID()}`;
  try {
    await copy(kept, leafName(file.path), beside, temporary);
    // Unlike a rename, a link never replaces what somebody has put there meanwhile.
    await link(beside.place(temporary), folder.place(name));
    await folder.sync();
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    throw new AppError("OPERATION_REFUSED", `${JSON.stringify(name)} exists there.`, {
      cause: error,
      hint: "give another place with --to, or move away what stands there",
    });
  } finally {
    await rm(beside.place(temporary), { force: true });
  }
}

/** Where nobody watches, if that is the same file system: what is half restored is not to be sent to the other server. */
function openBeside(root: string, folder: ConfinedFolder): ConfinedFolder | undefined {
  const temporary = openTemporaryFolder(root);
  if (temporary.lookAtSelf().dev === folder.lookAtSelf().dev) return temporary;
  temporary.close();
  return undefined;
}

/** With all that is kept of a file: owner, mode, extended attributes and time; what this user may not set stays out. */
async function copy(from: ConfinedFolder, name: string, to: ConfinedFolder, newName: string): Promise<void> {
  const stat = from.look(name);
  if (stat?.isSymbolicLink() === true) {
    await symlink(await readlink(from.place(name)), to.place(newName));
    return;
  }
  const source = await open(from.place(name), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const target = await open(to.place(newName), "wx", 0o600);
    try {
      const piece = Buffer.allocUnsafe(pieceBytes);
      for (;;) {
        const { bytesRead } = await source.read(piece, 0, pieceBytes, null);
        if (bytesRead === 0) break;
        await target.writeFile(piece.subarray(0, bytesRead));
      }
      const { mode, uid, gid, mtimeNs } = await source.stat({ bigint: true });
      const isOwnerKept = process.getuid?.() === 0;
      const extended = from.extended(name);
      to.setAttributes(newName, "file", {
        mode: Number(mode) & 0o7777,
        mtimeNs,
        ...(isOwnerKept ? { uid: Number(uid), gid: Number(gid) } : {}),
        ...(typeof extended === "string" ? { extended: keptExtended(extended, isOwnerKept) } : {}),
      });
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function readRecords(root: string): Promise<Map<string, DeletedRecord>> {
  try {
    return decodeDeletedRecords(await readFile(path.join(root, ownFolder, deletedRecordsFile), "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return new Map();
    throw error;
  }
}

async function readFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

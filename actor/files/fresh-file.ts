import * as fs from "node:fs";
import type { WireAttributes } from "../core/file-operation.js";
import type { ConfinedFolder } from "./confined-folder.js";
import { readExtendedOpen } from "./extended-attributes.js";
import { QuickStat } from "./quick-stat.js";

/** What a file has from the moment it is made in a folder: by the process, its umask, the folder's group and default access list. */
export interface FreshFile {
  /** The most permission bits a new file is given; the process's umask has taken the others away. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const allPermissions = 0o777;
/** To open a file that must not be there yet. */
export const makeFlags = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL;
const stat = QuickStat.open();

/**
 * Makes a file, looks at it and removes it, so that what every other new one has already need not be set or looked up for each.
 * Undefined where that cannot be told: one would have extended attributes, or the system has no such call.
 */
export function lookAtFreshFile(folder: ConfinedFolder, name: string): FreshFile | undefined {
  if (stat === undefined) return undefined;
  const descriptor = folder.openFile(name, makeFlags, allPermissions);
  try {
    if (stat.readOpen(descriptor) !== "found" || readExtendedOpen(descriptor, folder.place(name)) !== "")
      return undefined;
    return { mode: stat.mode & allPermissions, uid: stat.uid, gid: stat.gid };
  } finally {
    fs.closeSync(descriptor);
    fs.rmSync(folder.place(name), { force: true });
  }
}

/** Whether a new file that is made with this mode has it. */
export function isModeOfFresh(fresh: FreshFile | undefined, { mode, extended = "" }: WireAttributes): boolean {
  // An access list among the attributes is to meet a file as it always has.
  return fresh !== undefined && extended === "" && (mode & ~fresh.mode) === 0;
}

/** Whether a new file belongs to whom it is to belong to. */
export function isOwnerOfFresh(fresh: FreshFile | undefined, { uid, gid }: WireAttributes): boolean {
  return fresh !== undefined && uid === fresh.uid && gid === fresh.gid;
}

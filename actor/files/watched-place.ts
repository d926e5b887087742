import { statSync } from "node:fs";
import { readInnerMounts } from "./inner-mounts.js";

/**
 * What a folder's watches are set on, as a text: which folder it is (device and inode), and which file systems are mounted
 * in it. A watch stays with the folder that it was set on whatever has the name afterwards, and no event tells of a mount;
 * another text means that the watches are on something else. Costs a few calls of the system. "" where there is no such folder.
 */
export function readWatchedPlace(root: string, isIgnored: (folder: string) => boolean): string {
  try {
    const { dev, ino } = statSync(root, { bigint: true });
    const mounts = readInnerMounts(root, isIgnored).map(({ path, identity }) => `${identity} ${path}`);
    return [`${dev}:${ino}`, ...mounts].join("\n");
  } catch {
    return "";
  }
}

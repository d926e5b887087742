import { readFileSync, realpathSync } from "node:fs";
import { findInnerMounts, type InnerMount } from "../core/mount-table.js";

/**
 * The file systems that are mounted in a folder or on it, those in ignored folders left out; none where the system keeps no such
 * table (other than Linux). Throws the system's error where the folder is not there.
 */
export function readInnerMounts(root: string, isIgnored: (folder: string) => boolean): InnerMount[] {
  if (process.platform !== "linux") return [];
  const place = realpathSync(root);
  return findInnerMounts(readFileSync("/proc/self/mountinfo", "utf8"), place).filter(
    ({ path }) => !isAway(path, isIgnored),
  );
}

/** In an ignored folder nothing is looked at, whatever is mounted there. */
function isAway(path: string, isIgnored: (folder: string) => boolean): boolean {
  const names = path.split("/");
  return names.some((_name, count) => isIgnored(names.slice(0, count + 1).join("/")));
}

import * as fs from "node:fs";
import path from "node:path";
import { leafName, parentPath } from "../core/file-entry.js";

/** PATH_MAX of Linux, the zero at the end not counted: a longer path is no argument of a system call. */
const longestCallBytes = 4095;
const folderFlags = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY;

/**
 * Calls `use` with a name by which the system finds a path inside of a root, however long it is (Linux): valid until it returns. A path too
 * long is gone folder by folder, no link on the way followed. Without a native library, for the thread that watches.
 */
export function atPath<Result>(root: string, relativePath: string, use: (place: string) => Result): Result {
  const place = path.join(root, relativePath);
  if (relativePath === "" || Buffer.byteLength(place) <= longestCallBytes) return use(place);
  let folder = fs.openSync(root, folderFlags);
  try {
    for (const name of parentPath(relativePath).split("/")) {
      const inner = fs.openSync(inFolder(folder, name), folderFlags | fs.constants.O_NOFOLLOW);
      fs.closeSync(folder);
      folder = inner;
    }
    return use(inFolder(folder, leafName(relativePath)));
  } finally {
    fs.closeSync(folder);
  }
}

function inFolder(descriptor: number, name: string): string {
  return `/proc/self/fd/${descriptor}/${name}`;
}

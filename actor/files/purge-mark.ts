import * as fs from "node:fs";
import { ownFolder } from "../core/file-path.js";
import { ConfinedFolder } from "./confined-folder.js";
import { openOwnFolder } from "./own-folder.js";

/** Beside the records of `.deleted`: when it was last purged. A purge that ends the process each time must show in the end. */
const purgeMark = "purged";

/** Wall-clock time in ms; undefined where none is noted, or none can be read. */
export function readPurgeMark(root: string): number | undefined {
  try {
    const folder = ConfinedFolder.openRoot(root);
    try {
      // Not made by looking.
      if (folder.look(ownFolder) === undefined) return undefined;
    } finally {
      folder.close();
    }
    const own = openOwnFolder(root);
    try {
      const atMs = Number(fs.readFileSync(own.place(purgeMark), "utf8"));
      return Number.isSafeInteger(atMs) && atMs > 0 ? atMs : undefined;
    } finally {
      own.close();
    }
  } catch {
    // Whatever is wrong with the folder shows when it is used.
    return undefined;
  }
}

/** Need not be durable: a lost one counts from the next start on. */
export function writePurgeMark(root: string, atMs: number): void {
  const own = openOwnFolder(root);
  try {
    const flags = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_TRUNC | fs.constants.O_NOFOLLOW;
    const descriptor = fs.openSync(own.place(purgeMark), flags, 0o600);
    try {
      fs.writeSync(descriptor, String(Math.round(atMs)));
    } finally {
      fs.closeSync(descriptor);
    }
  } finally {
    own.close();
  }
}

import * as fs from "node:fs";
import { openOwnFolder } from "./own-folder.js";

/** Beside the records of `.deleted`: something there is held. The records alone may be lost, or come too late. */
const heldMark = "held";

export function isMarkedHeld(root: string): boolean {
  const own = openOwnFolder(root);
  try {
    return own.look(heldMark) !== undefined;
  } finally {
    own.close();
  }
}

/** Durable when it returns. May be called twice. */
export function markHeld(root: string): void {
  const own = openOwnFolder(root);
  try {
    const flags = fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW;
    fs.closeSync(fs.openSync(own.place(heldMark), flags, 0o600));
    own.syncNow();
  } finally {
    own.close();
  }
}

/** A crash may leave the mark standing: then more is held than need be. */
export function unmarkHeld(root: string): void {
  const own = openOwnFolder(root);
  try {
    fs.rmSync(own.place(heldMark), { force: true });
  } finally {
    own.close();
  }
}

import * as fs from "node:fs";
import { ownFolder } from "../core/file-path.js";
import { ConfinedFolder } from "./confined-folder.js";
import { openOwnFolder } from "./own-folder.js";

/** In SpareSync's own folder: an id that stays with the folder, to tell it from another one that stands in its place. */
const markFile = "folder-id";
const markForm = /^[0-9A-Za-z-]{8,64}$/;

/** "" where there is none, or none that can be understood. Throws the system's error where the folder cannot be read. */
export function readFolderMark(root: string): string {
  const folder = ConfinedFolder.openRoot(root);
  try {
    // Not made by looking.
    if (folder.look(ownFolder) === undefined) return "";
  } finally {
    folder.close();
  }
  const own = openOwnFolder(root);
  try {
    if (own.look(markFile) === undefined) return "";
    const descriptor = fs.openSync(own.place(markFile), fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    try {
      const mark = fs.readFileSync(descriptor, "utf8");
      return markForm.test(mark) ? mark : "";
    } finally {
      fs.closeSync(descriptor);
    }
  } finally {
    own.close();
  }
}

/** Durable when it returns: what remembers the mark must not outlive it. */
export function writeFolderMark(root: string, mark: string): void {
  const own = openOwnFolder(root);
  try {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = fs.constants;
    const descriptor = fs.openSync(own.place(markFile), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
    try {
      fs.writeSync(descriptor, mark);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    own.syncNow();
  } finally {
    own.close();
  }
  const folder = ConfinedFolder.openRoot(root);
  try {
    folder.syncNow();
  } finally {
    folder.close();
  }
}

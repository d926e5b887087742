import { rmSync } from "node:fs";
import { deletedFolder, ownFolder } from "../core/file-path.js";
import { ConfinedFolder } from "./confined-folder.js";

/** The content of a target is nobody's business but of those who may read the files themselves. */
const ownMode = 0o700;

/** `<root>/.sparesync`: SpareSync's own files in a folder, on the same file system so that a rename is atomic. */
export function openOwnFolder(root: string): ConfinedFolder {
  return openInRoot(root, ownFolder);
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

/** Removes what an interrupted run left in the temporary folder. */
export function cleanTemporaryFolder(root: string): void {
  const folder = ConfinedFolder.openRoot(root);
  try {
    if (folder.look(ownFolder) === undefined) return;
  } finally {
    folder.close();
  }
  const temporary = openTemporaryFolder(root);
  try {
    for (const name of temporary.names()) rmSync(temporary.place(name.toString("utf8")), { force: true });
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

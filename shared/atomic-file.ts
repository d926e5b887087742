import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { errorCode } from "./core/app-error.js";

/**
 * Replaces a file so that, whenever the power fails, either the old or the new content is there in full. Resolves when
 * the new content is durable. The temporary file lies in the same folder (a rename is atomic only within a file system).
 */
export async function writeFileAtomically(file: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  const directory = path.dirname(file);
  const temporary = path.join(directory, `.${path.basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await writeDurably(temporary, data, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

/** The content of a file, or undefined when there is no such file. */
export async function readFileIfExists(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function writeDurably(file: string, data: string | Uint8Array, mode: number): Promise<void> {
  const handle = await open(file, "wx", mode);
  try {
    // The process's umask may have taken bits away from the mode of open().
    await handle.chmod(mode);
    await handle.writeFile(data);
    // Without this a crash after the rename can leave an empty file under the final name.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the rename itself durable. Windows cannot open a folder and needs no such call. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

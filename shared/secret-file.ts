import { open } from "node:fs/promises";
import { AppError, errorCode, errorMessage } from "./core/app-error.js";

/** No key, password or list of tokens is longer. */
const mostBytes = 1_000_000;

/**
 * The content of a file that holds a secret, without line breaks at its end. Rejects with SETTINGS_UNREADABLE when the
 * file is missing, empty, or readable by others than its owner.
 */
export async function readSecretFile(file: string): Promise<string> {
  try {
    return await readPrivately(file);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const hint =
      errorCode(error) === "ENOENT"
        ? "create it, or copy it from where sparesync init made it"
        : "let the user who runs SpareSync own it";
    throw new AppError("SETTINGS_UNREADABLE", `the secret file cannot be read: ${errorMessage(error)}`, {
      cause: error,
      hint,
    });
  }
}

async function readPrivately(file: string): Promise<string> {
  const handle = await open(file, "r");
  try {
    // The open file is asked, not its name: the name may point elsewhere by the time it is read.
    const { mode, size } = await handle.stat();
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new AppError("SETTINGS_UNREADABLE", `${file} holds a secret and others may read it`, {
        hint: `chmod 600 ${file}`,
      });
    }
    if (size > mostBytes) throw new AppError("SETTINGS_UNREADABLE", `${file} is larger than ${mostBytes} bytes`);
    const text = (await handle.readFile("utf8")).replace(/[\r\n]+$/, "");
    if (text === "") throw new AppError("SETTINGS_UNREADABLE", `${file} should hold a secret and is empty`);
    return text;
  } finally {
    await handle.close();
  }
}

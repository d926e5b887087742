import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import { isBelow } from "../core/file-entry.js";
import { openInside, ConfinedFolder } from "./confined-folder.js";
import { diskFailure } from "./staging.js";

/** Each is held open while it is synced. */
const syncsAtOnce = 64;

/**
 * Folders of a target in which names were changed and are not durable yet. One stays until its fsync has succeeded, whatever became of the
 * batch that changed it: a look at the folder shows the names in any case. One user at a time.
 */
export class UnsyncedFolders {
  readonly #root: string;
  readonly #paths = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  get size(): number {
    return this.#paths.size;
  }

  /** Names in the folder at this path are about to be changed. */
  add(path: string): void {
    this.#paths.add(path);
  }

  /** A folder was moved, with all that is not durable in it. */
  noteMoved(from: string, to: string): void {
    for (const path of [...this.#paths]) {
      if (path !== from && !isBelow(path, from)) continue;
      this.#paths.delete(path);
      this.#paths.add(to + path.slice(from.length));
    }
  }

  /** For where nothing has to be durable. */
  forget(): void {
    this.#paths.clear();
  }

  /** Resolves when all of them are durable. Throws FILE_FAILED, or FILE_NO_SPACE, where one is not; then it is left for the next call. */
  async sync(): Promise<void> {
    if (this.#paths.size === 0) return;
    // Without the root nothing in it is found, which would look like removed.
    ConfinedFolder.openRoot(this.#root).close();
    const left = [...this.#paths];
    while (left.length > 0) {
      const results = await Promise.allSettled(left.splice(0, syncsAtOnce).map((path) => this.#sync(path)));
      const failed = results.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    }
  }

  async #sync(path: string): Promise<void> {
    const folder = this.#open(path);
    try {
      await folder?.sync();
      this.#paths.delete(path);
    } catch (cause) {
      throw diskFailure(cause) ?? notDurable(path, cause);
    } finally {
      folder?.close();
    }
  }

  /** Undefined for one that was removed since: that its name is gone is the matter of the folder above. */
  #open(path: string): ConfinedFolder | undefined {
    try {
      return openInside(this.#root, path);
    } catch (error) {
      if (errorCode(error) === "ENOENT" || errorCode(error) === "FILE_PATH_REFUSED") return undefined;
      throw notDurable(path, error);
    }
  }
}

function notDurable(path: string, cause: unknown): AppError {
  const hint = "Look into the target's system log for errors of the disk; it is tried again by itself.";
  const folder = path === "" ? "the folder itself" : JSON.stringify(path);
  const message = `The names in ${folder} could not be made durable on the target: ${errorMessage(cause)}.`;
  return new AppError("FILE_FAILED", message, { cause, hint });
}

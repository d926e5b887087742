import { constants, type BigIntStats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { AppError, errorCode } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { leafName, parentPath } from "../core/file-entry.js";
import { openInside, type ConfinedFolder } from "./confined-folder.js";
import { describe, type ScannedEntry } from "./scanner.js";

/**
 * Times move in steps (4 ms on most kernels, 10 ms at most): a file changed less than this ago could be changed again
 * while it is read and show the same times. It is read a moment later.
 */
const settleMs = 20;

/**
 * One regular file of the source, opened for a consistent read: what is read between open and requireUnchanged is one
 * state of the file, or requireUnchanged throws. Always close it.
 */
export class SourceFile {
  readonly entry: ScannedEntry;
  readonly #handle: FileHandle;
  readonly #parent: ConfinedFolder;
  readonly #stat: BigIntStats;

  private constructor(handle: FileHandle, parent: ConfinedFolder, path: string, stat: BigIntStats) {
    this.#handle = handle;
    this.#parent = parent;
    this.#stat = stat;
    this.entry = describe(path, "file", stat);
  }

  /** Undefined when no regular file stands there any more. Rejects with the system's error where it cannot be read. */
  static async open(
    root: string,
    path: string,
    clock: ClockPort,
    signal: AbortSignal,
  ): Promise<SourceFile | undefined> {
    const parent = openParent(root, path);
    if (parent === undefined) return undefined;
    let handle: FileHandle | undefined;
    try {
      // Without O_NONBLOCK a FIFO that has taken the file's place would hold the process.
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      handle = await open(parent.place(leafName(path)), flags);
      let stat = await handle.stat({ bigint: true });
      if (clock.wallMs() - Number(stat.ctimeMs) < settleMs) {
        await clock.sleep(settleMs, signal);
        stat = await handle.stat({ bigint: true });
      }
      if (stat.isFile()) return new SourceFile(handle, parent, path, stat);
    } catch (error) {
      await handle?.close();
      parent.close();
      if (isGone(error)) return undefined;
      throw error;
    }
    await handle.close();
    parent.close();
    return undefined;
  }

  /** The next bytes, at most as many as asked for; fewer only at the end. */
  async read(wantedBytes: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(wantedBytes);
    let filled = 0;
    while (filled < wantedBytes) {
      const { bytesRead } = await this.#handle.read(buffer, filled, wantedBytes - filled, null);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  /** Throws FILE_FAILED when the file was changed, or another one took its place, since it was opened. */
  async requireUnchanged(): Promise<void> {
    const now = await this.#handle.stat({ bigint: true });
    const there = this.#parent.look(leafName(this.entry.path));
    if (there !== undefined && isSameState(now, this.#stat) && isSameState(there, this.#stat)) return;
    throw new AppError("FILE_FAILED", "It changed while it was read.");
  }

  async close(): Promise<void> {
    this.#parent.close();
    await this.#handle.close();
  }
}

function isSameState(a: BigIntStats, b: BigIntStats): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino && a.dev === b.dev;
}

function openParent(root: string, path: string): ConfinedFolder | undefined {
  try {
    return openInside(root, parentPath(path));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Nothing, a link or a folder stands there now; the next look finds out what. */
function isGone(error: unknown): boolean {
  const code = errorCode(error);
  return (
    code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR" || code === "FILE_PATH_REFUSED" || code === "ENXIO"
  );
}

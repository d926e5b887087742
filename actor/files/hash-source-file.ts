import { errorCode } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { createContentHash } from "./content-hash.js";
import { SourceFile } from "./source-file.js";

const readBytes = 1024 * 1024;

/** A file's content in one state of it; undefined when there is no such file, or it does not come to rest. */
export async function hashSourceFile(
  root: string,
  path: string,
  clock: ClockPort,
  signal?: AbortSignal,
): Promise<{ readonly contentHash: Buffer; readonly isFresh: boolean } | undefined> {
  const file = await SourceFile.open(root, path, clock, signal);
  if (file === undefined) return undefined;
  try {
    const hash = createContentHash();
    const buffer = Buffer.allocUnsafe(Math.min(readBytes, file.entry.size + 1));
    for (let offset = 0; ;) {
      const piece = await file.readInto(buffer, offset);
      if (piece.length === 0) break;
      signal?.throwIfAborted();
      hash.update(piece);
      offset += piece.length;
    }
    file.requireUnchanged();
    return { contentHash: hash.digest(), isFresh: isFresh(file.entry.ctimeNs, clock.wallMs()) };
  } catch (error) {
    if (errorCode(error) === "FILE_FAILED") return undefined;
    throw error;
  } finally {
    file.close();
  }
}

/** File systems keep times in steps of up to two seconds (FAT): a second change within one leaves no trace in them. */
const freshMs = 2000n;

/** Whether a change so shortly before the reading may hide a later one. */
export function isFresh(ctimeNs: bigint, readAtWallMs: number): boolean {
  return ctimeNs > (BigInt(Math.floor(readAtWallMs)) - freshMs) * 1_000_000n;
}

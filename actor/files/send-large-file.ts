import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { FileBasis } from "../core/file-compare.js";
import { segmentBytes } from "../core/file-wire.js";
import type { BatchQueue } from "./batch-queue.js";
import { guardPass, isPassEnding } from "./pass-end.js";
import type { ScannedEntry } from "./scanner.js";
import { SourceFile } from "./source-file.js";

export interface LargeFilePorts {
  readonly root: string;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly signal: AbortSignal;
  readonly queue: BatchQueue;
}

export interface SentLargeFile {
  readonly transfer: string;
  readonly entry: ScannedEntry;
}

const pieceBytes = segmentBytes / 4;

/**
 * Sends a large file piece by piece to a temporary file on the target; only the end of the transfer, which the caller
 * sends, puts it in place. Undefined when there is no such file any more. Rejects when it changed meanwhile.
 */
export async function sendLargeFile(
  path: string,
  _basis: FileBasis | undefined,
  { root, clock, random, signal, queue }: LargeFilePorts,
): Promise<SentLargeFile | undefined> {
  const file = await SourceFile.open(root, path, clock, signal);
  if (file === undefined) return undefined;
  const transfer = random.id();
  try {
    for (let offset = 0; offset < file.entry.size;) {
      const content = await file.read(Math.min(pieceBytes, file.entry.size - offset));
      if (content.length === 0) break;
      const wire = { do: "put-segment", transfer, offset, bytes: content.length } as const;
      await guardPass(queue.add({ wire, content, path }));
      offset += content.length;
    }
    file.requireUnchanged();
    return { transfer, entry: file.entry };
  } catch (error) {
    if (!isPassEnding(error)) await guardPass(queue.add({ wire: { do: "drop-transfer", transfer }, path }));
    throw error;
  } finally {
    file.close();
  }
}

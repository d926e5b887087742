import { createHash } from "node:crypto";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { blockBytes, blockHashBytes, blocksAtOnce, differingRuns, type BlockAnswer } from "../core/block-wire.js";
import type { FileBasis } from "../core/file-compare.js";
import { segmentBytes } from "../core/file-wire.js";
import type { BatchQueue } from "./batch-queue.js";
import { createContentHash, hashBlock, type ContentHash } from "./content-hash.js";
import type { Overtaking } from "./overtaking.js";
import { guardPass, guardStep, isPassEnding } from "./pass-end.js";
import type { ScannedEntry } from "./scanner.js";
import { changed, SourceFile } from "./source-file.js";
import type { TargetPeer } from "./target-peer.js";
import type { TransferLimits } from "./transfer-limits.js";

export interface LargeFilePorts {
  readonly root: string;
  readonly clock: ClockPort;
  readonly signal: AbortSignal;
  readonly peer: TargetPeer;
  readonly queue: BatchQueue;
  readonly limits: TransferLimits;
  /** Whoever writes has been stopped: what grows nevertheless counts for nothing. */
  readonly isAtRest: boolean;
  readonly overtaking: Overtaking | undefined;
}

export interface SentLargeFile {
  /** Undefined: the target's file has this very content; there was nothing to send. */
  readonly transfer: string | undefined;
  readonly entry: ScannedEntry;
  /** More has come behind it since it was opened, at this time; monotonic milliseconds. */
  readonly grownSinceMs: number | undefined;
}

/** The largest that travels in one message: each costs a millisecond of both processes, whatever it holds (measured). */
const pieceBytes = segmentBytes;
/** A target that cannot share blocks between files copies so much in a second, at least. */
const copiedPerSecond = 50 * 1024 * 1024;
const nothing: Buffer = Buffer.alloc(0);

/** The target cannot copy the file that is to be built on. */
class NothingToBuildOn extends Error {}

/**
 * Sends a large file piece by piece to a temporary file on the target; only the end of the transfer, which the caller sends,
 * puts it in place. Where the target has an older version, or pieces of this one that came before the connection broke,
 * only blocks that differ are sent; where it cannot read that version all are. Undefined when there is no such file any more.
 * Of a file that grows what was there at first is sent. Rejects when it changed otherwise meanwhile.
 */
export async function sendLargeFile(
  path: string,
  basis: FileBasis | undefined,
  ports: LargeFilePorts,
): Promise<SentLargeFile | undefined> {
  try {
    return await sendPieces(path, { basis, isWhole: false }, ports);
  } catch (error) {
    if (!(error instanceof NothingToBuildOn)) throw error;
    return sendPieces(path, { basis: undefined, isWhole: true }, ports);
  }
}

/** `isWhole`: built on nothing, as a transfer of its own: pieces of the other one may still be on their way. */
async function sendPieces(
  path: string,
  { basis, isWhole }: { readonly basis: FileBasis | undefined; readonly isWhole: boolean },
  ports: LargeFilePorts,
): Promise<SentLargeFile | undefined> {
  const openedAtMs = ports.clock.monotonicMs();
  const file = await SourceFile.open(ports.root, path, ports.clock, ports.signal);
  if (file === undefined) return undefined;
  if (file.entry.size === 0) {
    // No piece would begin its transfer; it was more a moment ago.
    file.close();
    throw changed();
  }
  const transfer = transferOf(file.entry, isWhole ? "whole" : "");
  try {
    const blocks = new TargetBlocks(path, transfer, ports);
    // A smaller one is compared as well where it may just have been touched.
    const isLarge = file.entry.size >= ports.limits.blockwiseFromBytes || basis?.size === file.entry.size;
    if (isLarge && !isWhole) await blocks.begin();
    const reading = new FirstReading(file, ports);
    for await (const { chunk, offset } of piecesOf(file)) {
      reading.add(chunk);
      const hashes = await blocks.at(offset);
      for (const { from, to } of differingRuns(chunk, hashes, hashBlock)) {
        await blocks.prepare();
        const wire = { do: "put-segment", transfer, offset: offset + from, bytes: to - from } as const;
        await guardStep(() => ports.queue.add({ wire, path }, chunk.subarray(from, to)));
      }
      await ports.overtaking?.giveWay(path, () => ports.queue.rest());
    }
    const grownSinceMs = (await reading.isBeginningOnly()) ? openedAtMs : undefined;
    if (blocks.isWhole(file.entry.size)) return { transfer: undefined, entry: file.entry, grownSinceMs };
    await blocks.prepare();
    return { transfer, entry: file.entry, grownSinceMs };
  } catch (error) {
    if (!isPassEnding(error)) {
      const wire = { do: "drop-transfer", transfer } as const;
      // A piece that is written after it would make the file anew.
      await guardPass(ports.queue.drain());
      await guardStep(() => ports.queue.add({ wire, path }));
    }
    throw error;
  } finally {
    file.close();
  }
}

/** One that was not touched for so long is not expected to change while it is read, and its content need not be remembered. */
const quietMs = 3_600_000;

/** What was read of a file for the first time, and whether it was one state of it. */
class FirstReading {
  readonly #file: SourceFile;
  readonly #ports: LargeFilePorts;
  readonly #hash: ContentHash | undefined;

  constructor(file: SourceFile, ports: LargeFilePorts) {
    this.#file = file;
    this.#ports = ports;
    const isQuiet = ports.clock.wallMs() - Number(file.entry.ctimeNs / 1_000_000n) > quietMs;
    this.#hash = isQuiet ? undefined : createContentHash();
  }

  add(chunk: Buffer): void {
    this.#hash?.update(chunk);
  }

  /**
   * Whether more has come behind what was read. Where it has, or where times cannot tell, all is read a second time: what
   * is equal in both was there at one moment between them. Throws FILE_FAILED when it is not.
   */
  async isBeginningOnly(): Promise<boolean> {
    const { isAtRest } = this.#ports;
    const file = this.#file;
    const isGrown = !isAtRest && this.#hash !== undefined && file.hasGrown;
    if (!isGrown) file.requireUnchanged();
    if ((isGrown || file.isUnsettled) && !(await this.#isReadAgain())) throw changed();
    return isGrown;
  }

  async #isReadAgain(): Promise<boolean> {
    const again = createContentHash();
    for await (const { chunk } of piecesOf(this.#file)) {
      this.#ports.signal.throwIfAborted();
      again.update(chunk);
    }
    return this.#hash?.digest().equals(again.digest()) === true;
  }
}

/** The content, piece by piece: one is read while the one before is compared and sent. Each is valid until the next but one. */
async function* piecesOf(file: SourceFile): AsyncGenerator<{ readonly chunk: Buffer; readonly offset: number }> {
  const { size } = file.entry;
  const buffers = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)] as const;
  const read = (offset: number): Promise<Buffer> | undefined => {
    if (offset >= size) return undefined;
    const buffer = buffers[(offset / pieceBytes) % 2 === 0 ? 0 : 1];
    return file.readInto(buffer.subarray(0, Math.min(pieceBytes, size - offset)), offset);
  };
  let next = read(0);
  try {
    for (let offset = 0; next !== undefined; offset += pieceBytes) {
      const chunk = await next;
      next = read(offset + pieceBytes);
      // It is waited for below; until then nobody would hear of its failure.
      next?.catch(() => undefined);
      yield { chunk, offset };
    }
  } finally {
    // Nothing may read from the descriptor once it is closed.
    await next?.catch(() => undefined);
  }
}

/** The same for the same state of a file, so that what came of it before is found again. */
function transferOf({ path, size, mtimeNs, ctimeNs, ino }: ScannedEntry, use: "" | "whole"): string {
  return createHash("sha256").update(`${path}\u0000${size}:${mtimeNs}:${ctimeNs}:${ino}${use}`).digest("hex");
}

/** The hashes of what the target builds on, asked for a stretch ahead. */
class TargetBlocks {
  readonly #path: string;
  readonly #transfer: string;
  readonly #ports: LargeFilePorts;
  #size = 0;
  #from = 0;
  #hashes: Buffer = nothing;
  #next: Promise<BlockAnswer> | undefined;
  /** The state of the file that is built on, as long as it was not copied. */
  #uncopied: string | undefined;

  constructor(path: string, transfer: string, ports: LargeFilePorts) {
    this.#path = path;
    this.#transfer = transfer;
    this.#ports = ports;
  }

  /** Learns what there is to build on. */
  async begin(): Promise<void> {
    const answer = await guardPass(this.#ask(0));
    if (answer.basis === "none") return;
    this.#size = answer.size;
    this.#uncopied = answer.basis === "file" ? answer.state : undefined;
    this.#take(0, answer);
  }

  /** Has the target copy the file that is built on, once; to be called before anything is sent. */
  async prepare(): Promise<void> {
    const state = this.#uncopied;
    if (state === undefined) return;
    this.#uncopied = undefined;
    const { queue } = this.#ports;
    const wire = { do: "begin-transfer", transfer: this.#transfer, path: this.#path, state } as const;
    const extraSeconds = this.#size / copiedPerSecond;
    const failures: string[] = [];
    const onFailed = (because: string): void => {
      failures.push(because);
    };
    await guardStep(() => queue.add({ wire, path: this.#path, extraSeconds, onFailed }));
    // Contents of later batches are written beside it: the copy must not come over them.
    await guardPass(queue.drain());
    // What was equal so far was not sent.
    if (failures.length > 0) throw new NothingToBuildOn(failures.join(" "));
  }

  /** Whether the target's own file, of this size, needed nothing. */
  isWhole(size: number): boolean {
    return this.#uncopied !== undefined && this.#size === size;
  }

  /** The hashes from the block at this offset on, as far as they go; empty beyond what the target has. */
  async at(offset: number): Promise<Buffer> {
    const block = offset / blockBytes;
    if (offset >= this.#size) return nothing;
    if (block >= this.#from + blocksAtOnce && this.#next !== undefined) {
      this.#take(this.#from + blocksAtOnce, await guardPass(this.#next));
    }
    return this.#hashes.subarray((block - this.#from) * blockHashBytes);
  }

  #take(from: number, { hashes }: BlockAnswer): void {
    const blocks = Math.min(blocksAtOnce, Math.ceil(this.#size / blockBytes) - from);
    // Beyond what the target has, zeros are not sent: it must not have less than it said.
    if (hashes.length < blocks * blockHashBytes) throw new NothingToBuildOn("it became shorter on the target");
    this.#from = from;
    this.#hashes = hashes;
    const next = from + blocksAtOnce;
    this.#next = next * blockBytes < this.#size ? this.#ask(next) : undefined;
    // It is waited for when it is needed; until then nobody would hear of its failure.
    this.#next?.catch(() => undefined);
  }

  #ask(from: number): Promise<BlockAnswer> {
    return this.#ports.peer.blocks({ path: this.#path, transfer: this.#transfer, from });
  }
}

import type { ClockPort } from "../../shared/core/clock-port.js";
import { longestOperationBytes } from "../core/file-batch.js";
import { FileBatchWriter } from "../core/file-batch-writer.js";
import type { WireOperation } from "../core/file-operation.js";
import { batchBytes, batchOperations, type ApplyAnswer } from "../core/file-wire.js";
import type { EntryState } from "../core/folder-record.js";
import type { Bandwidth } from "./bandwidth.js";
import type { Note } from "./store-frames.js";
import type { TargetPeer } from "./target-peer.js";
import type { TransferLimits } from "./transfer-limits.js";

export interface Queued {
  readonly wire: WireOperation;
  readonly path: string;
  /** What is known of the entry here as soon as the target has it. */
  readonly note?: Note;
  /** The target may need so much longer than usual for it. */
  readonly extraSeconds?: number;
  /** Called with the reason when the target could not do it; without, it is a problem of the path. */
  readonly onFailed?: (because: string) => void;
  /** Of a move: where it stood, and what stands at the new place here. */
  readonly moved?: { readonly from: string; readonly state: EntryState };
}

export interface BatchQueuePorts {
  readonly peer: TargetPeer;
  readonly clock: ClockPort;
  readonly signal: AbortSignal;
  readonly limits: TransferLimits;
  readonly bandwidth: Bandwidth;
}

export interface BatchEvents {
  /** Called for each acknowledged batch, in any order; what failed, or is done but for some attributes, by its place in it. */
  onDone(batch: readonly Queued[], failures: ReadonlyMap<number, string>, unset: ReadonlyMap<number, string>): void;
}

/** A finished large file is made durable within the answer to its batch; a slow disk writes so much in a second. */
const durableBytesPerSecond = 20 * 1024 * 1024;

/** Of the largest batch: the target begins with the first files while the next are still read. Each is twice the one before. */
const firstShare = 1 / 16;

/**
 * Packs operations into batches and keeps a few of them on their way. Where a promise is given it is to be waited for before
 * the next call; undefined says that there is no need. Fails with the first failure of any batch.
 */
export class BatchQueue {
  readonly #ports: BatchQueuePorts;
  readonly #events: BatchEvents;
  readonly #underWay = new Set<Promise<void>>();
  /** Memory of batches that the target has taken. */
  readonly #spare: FileBatchWriter[] = [];
  #writer = new FileBatchWriter();
  #batch: Queued[] = [];
  #contentBytes = 0;
  #share = firstShare;
  #unsyncedBytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #counts = { changes: 0, bytes: 0 };

  constructor(ports: BatchQueuePorts, events: BatchEvents) {
    this.#ports = ports;
    this.#events = events;
  }

  /** What the target has acknowledged. */
  get counts(): { readonly changes: number; readonly bytes: number } {
    return this.#counts;
  }

  /** Whether an operation on this path with so much content goes into the batch as it is. */
  hasRoom(path: string, contentBytes: number): boolean {
    const bytes = longestOperationBytes(path.length) + contentBytes;
    return this.#batch.length === 0 || this.#writer.bytes + bytes <= batchBytes * this.#share;
  }

  /** Sends what is there if that is not so. */
  makeRoom(path: string, contentBytes: number): Promise<void> | undefined {
    return this.hasRoom(path, contentBytes) ? undefined : this.#send();
  }

  /** Where to write the content of what is added next, if there is room for it. */
  place(bytes: number): Buffer {
    return this.#writer.place(bytes);
  }

  /** With content that stands in its place already. */
  addPlaced(queued: Queued, contentBytes: number): Promise<void> | undefined {
    this.#writer.add(queued.wire, contentBytes);
    this.#batch.push(queued);
    this.#contentBytes += contentBytes;
    const isFull =
      this.#batch.length >= batchOperations * this.#share || this.#writer.bytes >= batchBytes * this.#share;
    return isFull ? this.#send() : undefined;
  }

  add(queued: Queued, content?: Buffer): Promise<void> | undefined {
    const room = this.makeRoom(queued.path, content?.length ?? 0);
    if (room !== undefined) return room.then(() => this.add(queued, content));
    content?.copy(this.place(content.length));
    return this.addPlaced(queued, content?.length ?? 0);
  }

  /** Sends what is left and resolves when everything is acknowledged. */
  async drain(): Promise<void> {
    if (this.#batch.length > 0) await this.#send();
    await this.rest();
  }

  /** Resolves when all that was sent is acknowledged; a batch that is not full stays. */
  async rest(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.race(this.#underWay);
    this.#throwFailure();
  }

  #send(): Promise<void> | undefined {
    this.#throwFailure();
    const { limits, signal } = this.#ports;
    signal.throwIfAborted();
    if (this.#underWay.size >= limits.connections) return this.#sendLater();
    const waitMs = this.#ports.bandwidth.take(this.#writer.bytes);
    if (waitMs > 0)
      return this.#ports.clock.sleep(waitMs, signal).then(() => {
        this.#start();
      });
    this.#start();
    return undefined;
  }

  async #sendLater(): Promise<void> {
    while (this.#underWay.size >= this.#ports.limits.connections) await Promise.race(this.#underWay);
    await this.#send();
  }

  #start(): void {
    const [batch, writer, contentBytes] = [this.#batch, this.#writer, this.#contentBytes];
    this.#batch = [];
    this.#contentBytes = 0;
    this.#share = Math.min(1, this.#share * 2);
    this.#writer = this.#spare.pop() ?? new FileBatchWriter();
    const sending = this.#deliver(batch, writer, contentBytes)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  async #deliver(batch: readonly Queued[], writer: FileBatchWriter, contentBytes: number): Promise<void> {
    this.#unsyncedBytes += contentBytes;
    const isFinishing = batch.some(({ wire }) => wire.do === "finish-file");
    const syncSeconds = isFinishing ? this.#unsyncedBytes / durableBytesPerSecond : 0;
    const extraSeconds = batch.reduce((sum, queued) => sum + (queued.extraSeconds ?? 0), syncSeconds);
    if (isFinishing) this.#unsyncedBytes = 0;
    const { peer, limits } = this.#ports;
    const answer = await peer.apply(writer.finish(), { extraSeconds, isCompressed: limits.compress });
    // Only now: of a message that failed pieces may still be on their way to the socket.
    writer.clear();
    this.#spare.push(writer);
    const [failed, unset] = [mapOf(answer.failures), mapOf(answer.unset)];
    // The pieces of a large file are one change: its end. Attributes that cannot be set are none, however often it is tried.
    const changes = batch.filter(
      ({ wire }, index) => !isStep(wire) && !failed.has(index) && (wire.do !== "set-attributes" || !unset.has(index)),
    ).length;
    this.#counts = {
      changes: this.#counts.changes + changes,
      bytes: this.#counts.bytes + contentBytes,
    };
    this.#events.onDone(batch, failed, unset);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function mapOf(named: ApplyAnswer["failures"]): ReadonlyMap<number, string> {
  return new Map(named.map(({ index, because }) => [index, because]));
}

/** Not a change by itself. */
function isStep({ do: name }: WireOperation): boolean {
  return name === "put-segment" || name === "begin-transfer" || name === "drop-transfer";
}

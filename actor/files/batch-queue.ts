import type { ClockPort } from "../../shared/core/clock-port.js";
import { operationBytes, type WireOperation } from "../core/file-batch.js";
import { batchBytes, batchOperations } from "../core/file-wire.js";
import type { EntryState } from "../core/folder-record.js";
import type { Note } from "./folder-store.js";
import type { TargetPeer } from "./target-peer.js";
import type { TransferLimits } from "./transfer-limits.js";

export interface Queued {
  readonly wire: WireOperation;
  readonly path: string;
  readonly content?: Buffer;
  /** What is known of the entry here as soon as the target has it. */
  readonly note?: Note;
  /** Of a move: where it stood, and what stands at the new place here. */
  readonly moved?: { readonly from: string; readonly state: EntryState };
}

export interface BatchQueuePorts {
  readonly peer: TargetPeer;
  readonly clock: ClockPort;
  readonly signal: AbortSignal;
  readonly limits: TransferLimits;
}

export interface BatchEvents {
  /** Called for each acknowledged batch, in any order; `failures` by their place in it. */
  onDone(batch: readonly Queued[], failures: ReadonlyMap<number, string>): void;
}

/** A finished large file is made durable within the answer to its batch; a slow disk writes so much in a second. */
const durableBytesPerSecond = 20 * 1024 * 1024;
const nothing = Buffer.alloc(0);

/** Packs operations into batches and keeps a few of them on their way. Rejects with the first failure of any of them. */
export class BatchQueue {
  readonly #ports: BatchQueuePorts;
  readonly #events: BatchEvents;
  readonly #underWay = new Set<Promise<void>>();
  #batch: Queued[] = [];
  #batchBytes = 0;
  #unsyncedBytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #counts = { changes: 0, bytes: 0 };
  /** When what was sent so far may have been sent, by the bandwidth limit. */
  #freeAtMs = 0;

  constructor(ports: BatchQueuePorts, events: BatchEvents) {
    this.#ports = ports;
    this.#events = events;
  }

  /** What the target has acknowledged. */
  get counts(): { readonly changes: number; readonly bytes: number } {
    return this.#counts;
  }

  /** Resolves when there is room for more. */
  async add(queued: Queued): Promise<void> {
    const bytes = operationBytes(queued.wire) + (queued.content?.length ?? 0);
    if (this.#batchBytes > 0 && this.#batchBytes + bytes > batchBytes) await this.#send();
    this.#batch.push(queued);
    this.#batchBytes += bytes;
    if (this.#batch.length >= batchOperations || this.#batchBytes >= batchBytes) await this.#send();
  }

  /** Sends what is left and resolves when everything is acknowledged. */
  async drain(): Promise<void> {
    if (this.#batch.length > 0) await this.#send();
    while (this.#underWay.size > 0) await Promise.race(this.#underWay);
    this.#throwFailure();
  }

  async #send(): Promise<void> {
    while (this.#underWay.size >= this.#ports.limits.connections) await Promise.race(this.#underWay);
    this.#throwFailure();
    this.#ports.signal.throwIfAborted();
    const batch = this.#batch;
    this.#batch = [];
    await this.#keepToBandwidth(this.#batchBytes);
    this.#batchBytes = 0;
    const sending = this.#deliver(batch)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  async #deliver(batch: readonly Queued[]): Promise<void> {
    const contents = batch.map(({ content }) => content ?? nothing);
    const contentBytes = contents.reduce((sum, content) => sum + content.length, 0);
    this.#unsyncedBytes += contentBytes;
    const isFinishing = batch.some(({ wire }) => wire.do === "finish-file");
    const extraSeconds = isFinishing ? this.#unsyncedBytes / durableBytesPerSecond : 0;
    if (isFinishing) this.#unsyncedBytes = 0;
    const operations = batch.map(({ wire }) => wire);
    const { peer, limits } = this.#ports;
    const { failures } = await peer.apply(operations, contents, { extraSeconds, isCompressed: limits.compress });
    const failed = new Map(failures.map(({ index, because }) => [index, because]));
    const steps = batch.filter(({ wire }) => wire.do === "put-segment" || wire.do === "drop-transfer").length;
    // The pieces of a large file are one change: its end.
    this.#counts = {
      changes: this.#counts.changes + batch.length - steps - failed.size,
      bytes: this.#counts.bytes + contentBytes,
    };
    this.#events.onDone(batch, failed);
  }

  async #keepToBandwidth(bytes: number): Promise<void> {
    const { clock, signal, limits } = this.#ports;
    if (limits.bandwidthBytesPerSecond === 0) return;
    const nowMs = clock.monotonicMs();
    const startMs = Math.max(nowMs, this.#freeAtMs);
    this.#freeAtMs = startMs + (bytes / limits.bandwidthBytesPerSecond) * 1000;
    if (startMs > nowMs) await clock.sleep(startMs - nowMs, signal);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

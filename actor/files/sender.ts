import { createHash } from "node:crypto";
import { errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { FileEntry } from "../core/file-entry.js";
import type { FilePlan, PlannedOperation } from "../core/file-diff.js";
import { batchBytes, batchOperations, segmentBytes, type WireOperation } from "../core/file-wire.js";
import { indexRecord, type IndexRecord, type IndexStore } from "./index-store.js";
import type { FileProblem } from "./scanner.js";
import { SourceFile } from "./source-file.js";
import type { TargetPeer } from "./target-peer.js";

export interface SenderPorts {
  readonly root: string;
  readonly index: IndexStore;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly signal: AbortSignal;
  /** Called after each acknowledged batch with what is done of the plan so far. */
  readonly onProgress: (operationsDone: number) => void;
}

export interface SendResult {
  /** Operations the target has applied. */
  readonly changes: number;
  readonly bytes: number;
  /** Paths for which it did not work, each with the reason; `changed` ones only have to be looked at again. */
  readonly problems: readonly FileProblem[];
}

/** The target hashes a finished file once more; a slow disk reads so much in a second. */
const hashedPerSecond = 20 * 1024 * 1024;

interface Queued {
  readonly wire: WireOperation;
  readonly content: Buffer;
  readonly path: string;
  readonly record?: IndexRecord;
  readonly isRemoval: boolean;
}

/** Carries out a plan on the target, batch by batch, each acknowledged (applied and durable) before the next. */
export async function sendPlan(plan: FilePlan, peer: TargetPeer, ports: SenderPorts): Promise<SendResult> {
  const sender = new Sender(peer, ports);
  for (const operation of plan.operations) await sender.add(operation);
  return sender.finish();
}

class Sender {
  readonly #peer: TargetPeer;
  readonly #ports: SenderPorts;
  readonly #problems: FileProblem[] = [];
  #queue: Queued[] = [];
  #queuedBytes = 0;
  #changes = 0;
  #bytes = 0;
  #seen = 0;

  constructor(peer: TargetPeer, ports: SenderPorts) {
    this.#peer = peer;
    this.#ports = ports;
  }

  async add(operation: PlannedOperation): Promise<void> {
    this.#ports.signal.throwIfAborted();
    this.#seen += 1;
    if (operation.do === "put-file") await this.#addFile(operation.entry.path);
    else await this.#enqueue(queued(operation));
  }

  async finish(): Promise<SendResult> {
    await this.#flush();
    return { changes: this.#changes, bytes: this.#bytes, problems: this.#problems };
  }

  async #addFile(path: string): Promise<void> {
    const { root, clock, signal } = this.#ports;
    try {
      const file = await SourceFile.open(root, path, clock, signal);
      if (file === undefined) {
        this.#problems.push({ path, kind: "changed", because: "It is not there any more." });
        return;
      }
      try {
        if (file.entry.size > segmentBytes) await this.#sendLarge(file);
        else await this.#addSmall(file);
      } finally {
        await file.close();
      }
    } catch (error) {
      if (isPassEnding(error)) throw error;
      this.#problems.push({ path, kind: "failed", because: errorMessage(error) });
    }
  }

  async #addSmall(file: SourceFile): Promise<void> {
    const content = await file.read(file.entry.size);
    await file.requireUnchanged();
    const sha256 = createHash("sha256").update(content).digest("hex");
    const { path, mode, mtimeNs, size } = file.entry;
    const wire = { do: "put-file", path, mode, mtimeNs: String(mtimeNs), size, sha256, bytes: size } as const;
    const record = indexRecord(file.entry, sha256, this.#ports.clock.wallMs());
    await guardPass(this.#enqueue({ wire, content, path, record, isRemoval: false }));
  }

  /** Piece by piece to a temporary file on the target, which becomes the file only when the whole has the right hash. */
  async #sendLarge(file: SourceFile): Promise<void> {
    await guardPass(this.#flush());
    const { path, mode, mtimeNs, size } = file.entry;
    const transfer = this.#ports.random.id();
    const hash = createHash("sha256");
    try {
      for (let offset = 0; offset < size;) {
        const content = await file.read(Math.min(segmentBytes, size - offset));
        if (content.length === 0) break;
        hash.update(content);
        const segment = { do: "put-segment", transfer, offset, bytes: content.length } as const;
        const answer = await guardPass(this.#peer.apply([segment], [content]));
        if (answer.failures[0] !== undefined) throw new Error(answer.failures[0].because);
        offset += content.length;
      }
      await file.requireUnchanged();
    } catch (error) {
      if (!isPassEnding(error)) await guardPass(this.#peer.apply([{ do: "drop-transfer", transfer }], []));
      throw error;
    }
    const sha256 = hash.digest("hex");
    const wire = { do: "finish-file", path, mode, mtimeNs: String(mtimeNs), size, sha256, transfer } as const;
    const record = indexRecord(file.entry, sha256, this.#ports.clock.wallMs());
    this.#queue.push({ wire, content: Buffer.alloc(0), path, record, isRemoval: false });
    this.#bytes += size;
    await guardPass(this.#flush(size / hashedPerSecond));
  }

  async #enqueue(one: Queued): Promise<void> {
    if (this.#queuedBytes + one.content.length > segmentBytes) await this.#flush();
    this.#queue.push(one);
    this.#queuedBytes += one.content.length;
    if (this.#queue.length >= batchOperations || this.#queuedBytes >= batchBytes) await this.#flush();
  }

  async #flush(extraSeconds = 0): Promise<void> {
    if (this.#queue.length === 0) return;
    const batch = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    const answer = await this.#peer.apply(
      batch.map(({ wire }) => wire),
      batch.map(({ content }) => content),
      extraSeconds,
    );
    const failed = new Map(answer.failures.map(({ index, because }) => [index, because]));
    batch.forEach((one, index) => {
      this.#settle(one, failed.get(index));
    });
    this.#ports.onProgress(this.#seen);
  }

  #settle(one: Queued, because: string | undefined): void {
    if (because !== undefined) {
      this.#problems.push({ path: one.path, kind: "failed", because: `On the target: ${because}` });
      return;
    }
    this.#changes += 1;
    this.#bytes += one.content.length;
    if (one.record !== undefined) this.#ports.index.set(one.path, one.record);
    else if (one.isRemoval) this.#ports.index.delete(one.path);
  }
}

/** A failure of the link or of the target as a whole, told apart from the failure of one file. */
class PassEnd extends Error {
  constructor(cause: unknown) {
    super("the pass cannot go on", { cause });
  }
}

async function guardPass<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw isPassEnding(error) ? error : new PassEnd(error);
  }
}

function isPassEnding(error: unknown): boolean {
  return error instanceof PassEnd;
}

/** The failure itself, for whoever asked for the pass. */
export function passFailure(error: unknown): unknown {
  return error instanceof PassEnd ? error.cause : error;
}

function queued({ do: kind, entry }: Exclude<PlannedOperation, { do: "put-file" }>): Queued {
  const isRemoval = kind === "remove";
  return { wire: wireOperation(kind, entry), content: Buffer.alloc(0), path: entry.path, isRemoval };
}

function wireOperation(kind: Exclude<PlannedOperation["do"], "put-file">, entry: FileEntry): WireOperation {
  const { path, mode } = entry;
  const mtimeNs = String(entry.mtimeNs);
  switch (kind) {
    case "remove":
      return { do: "remove", path, kind: entry.kind };
    case "make-folder":
      return { do: "make-folder", path, mode };
    case "put-link":
      return { do: "put-link", path, mtimeNs, linkTarget: entry.linkTarget ?? "" };
    case "set-attributes":
      return { do: "set-attributes", path, kind: entry.kind === "other" ? "file" : entry.kind, mode, mtimeNs };
  }
}

import { hash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { WireAttributes, WireOperation } from "../core/file-operation.js";
import type { FileBasis } from "../core/file-compare.js";
import type { FileEntry } from "../core/file-entry.js";
import type { PlannedOperation } from "../core/file-diff.js";
import { nothingKnown } from "../core/folder-record.js";
import { BatchQueue, type Queued } from "./batch-queue.js";
import { isFresh } from "./content-hash.js";
import { stateOfEntry, type FolderStore, type Note } from "./folder-store.js";
import { OpenParents } from "./open-parents.js";
import { guardPass, isPassEnding } from "./pass-end.js";
import type { FileProblem, ScannedEntry } from "./scanner.js";
import { sendLargeFile } from "./send-large-file.js";
import { readWholeFile, settleMsOf } from "./source-file.js";
import type { TargetPeer } from "./target-peer.js";
import type { TransferLimits } from "./transfer-limits.js";

export interface SenderPorts {
  readonly root: string;
  readonly peer: TargetPeer;
  readonly store: FolderStore;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly signal: AbortSignal;
  readonly limits: TransferLimits;
  /** Owner and group are kept. */
  readonly hasOwner: boolean;
  /** Called after each acknowledged batch with how much of what was added is done. */
  readonly onProgress: (operationsDone: number, bytesDone: number) => void;
}

/** What was renamed on the source, as it is there now. */
export interface PlannedMove {
  readonly do: "move";
  readonly from: string;
  readonly entry: ScannedEntry;
}

export interface SendResult {
  /** Operations the target has applied. */
  readonly changes: number;
  readonly bytes: number;
  /** Paths for which it did not work, each with the reason; `changed` ones only have to be looked at again. */
  readonly problems: readonly FileProblem[];
}

/** Reading a small file takes a few hundredths of a millisecond; after so many whatever else waits has its turn. */
const sliceFiles = 32;

/**
 * Carries out operations on the target: reads what is to be sent and packs it into batches, several of which are on their
 * way at a time; the target publishes them in order. After `finish` all of it is applied there, and durable.
 */
export class Sender {
  readonly #ports: SenderPorts;
  readonly #queue: BatchQueue;
  readonly #problems: FileProblem[] = [];
  readonly #parents: OpenParents;
  readonly #settleMs: number;
  #seen = 0;

  constructor(ports: SenderPorts) {
    this.#ports = ports;
    this.#parents = new OpenParents(ports.root);
    this.#settleMs = settleMsOf(ports.root);
    this.#queue = new BatchQueue(ports, {
      onDone: (batch, failures) => {
        this.#settle(batch, failures);
      },
    });
  }

  async add(operation: PlannedOperation | PlannedMove): Promise<void> {
    this.#seen += 1;
    if (this.#seen % sliceFiles === 0) {
      this.#parents.forget();
      await nextTurn();
      this.#ports.signal.throwIfAborted();
    }
    if (operation.do === "put-file") await this.#addFile(operation.entry.path, operation.basis);
    else if (operation.do === "move") await this.#addMove(operation.from, operation.entry);
    else await this.#enqueue({ wire: this.#wireOperation(operation.do, operation.entry), path: operation.entry.path });
  }

  async finish(): Promise<SendResult> {
    this.#parents.forget();
    await guardPass(this.#queue.drain());
    const { changes, bytes } = this.#queue.counts;
    return { changes, bytes, problems: this.#problems };
  }

  /** To be called in any case; ends what is under way without waiting for it. */
  close(): void {
    this.#parents.forget();
  }

  async #addMove(from: string, entry: ScannedEntry): Promise<void> {
    const { path, kind } = entry;
    await this.#enqueue({ wire: { do: "move", path, from, kind }, path, moved: { from, state: stateOfEntry(entry) } });
  }

  async #addFile(path: string, basis: FileBasis | undefined): Promise<void> {
    const { clock, signal } = this.#ports;
    try {
      let read = readWholeFile(this.#parents, path, clock.wallMs(), this.#settleMs);
      while (typeof read === "number") {
        this.#parents.forget();
        await clock.sleep(read, signal);
        read = readWholeFile(this.#parents, path, clock.wallMs(), this.#settleMs);
      }
      if (read === "large") await this.#addLarge(path, basis);
      else if (read !== undefined) await this.#addSmall(read.entry, read.content, basis);
      else this.#problems.push({ path, kind: "changed", because: "It is not there any more." });
    } catch (error) {
      if (isPassEnding(error)) throw error;
      signal.throwIfAborted();
      this.#problems.push({ path, kind: "failed", because: errorMessage(error) });
    }
  }

  async #addSmall(entry: ScannedEntry, content: Buffer, basis: FileBasis | undefined): Promise<void> {
    const sha256 = hash("sha256", content, "buffer");
    const known = { sha256, isFresh: isFresh(entry.ctimeNs, this.#ports.clock.wallMs()), isDoubtful: false };
    const note = { state: stateOfEntry(entry), known };
    if (basis?.sha256 === sha256.toString("hex")) {
      await this.#keepContent(entry, note, basis);
      return;
    }
    const wire = {
      do: "put-file",
      path: entry.path,
      sha256,
      bytes: content.length,
      ...this.#attributes(entry),
    } as const;
    await this.#enqueue({ wire, content, path: entry.path, note });
  }

  /** The target has this very content: at most its attributes are to be set. */
  async #keepContent(entry: ScannedEntry, note: Note, basis: FileBasis | undefined): Promise<void> {
    if (basis?.isSettled === true) this.#ports.store.note(entry.path, note);
    else await this.#enqueue({ wire: this.#wireOperation("set-attributes", entry), path: entry.path, note });
  }

  async #addLarge(path: string, basis: FileBasis | undefined): Promise<void> {
    this.#parents.forget();
    const sent = await sendLargeFile(path, { ...this.#ports, queue: this.#queue });
    if (sent === undefined) {
      this.#problems.push({ path, kind: "changed", because: "It is not there any more." });
      return;
    }
    const { transfer, entry } = sent;
    const note = { state: stateOfEntry(entry), known: nothingKnown };
    if (transfer === undefined) {
      await this.#keepContent(entry, note, basis);
      return;
    }
    const wire = { do: "finish-file", path, transfer, size: entry.size, ...this.#attributes(entry) } as const;
    await this.#enqueue({ wire, path, note });
  }

  #enqueue(queued: Queued): Promise<void> {
    return guardPass(this.#queue.add(queued));
  }

  #settle(batch: readonly Queued[], failures: ReadonlyMap<number, string>): void {
    batch.forEach(({ path, note, moved }, index) => {
      const because = failures.get(index);
      if (because !== undefined) {
        // Of a move both ends must be looked at again: what was to go is still there.
        for (const one of moved === undefined ? [path] : [path, moved.from]) {
          this.#problems.push({ path: one, kind: "failed", because: `On the target: ${because}` });
        }
      } else if (moved !== undefined) this.#ports.store.moveTree(moved.from, path, moved.state);
      else if (note !== undefined) this.#ports.store.note(path, note);
    });
    this.#ports.onProgress(this.#seen, this.#queue.counts.bytes);
  }

  #attributes(entry: FileEntry): WireAttributes {
    const { mode, mtimeNs, uid, gid } = entry;
    const attributes = { mode, mtimeNs };
    return this.#ports.hasOwner && uid !== undefined && gid !== undefined ? { ...attributes, uid, gid } : attributes;
  }

  #wireOperation(kind: Exclude<PlannedOperation["do"], "put-file">, entry: FileEntry): WireOperation {
    const { path } = entry;
    switch (kind) {
      case "remove":
        return { do: "remove", path, kind: entry.kind };
      case "make-folder":
        return { do: "make-folder", path, mode: entry.mode };
      case "put-link":
        return { do: "put-link", path, linkTarget: entry.linkTarget ?? "", ...this.#attributes(entry) };
      case "set-attributes":
        return { do: "set-attributes", path, kind: entry.kind, ...this.#attributes(entry) };
    }
  }
}

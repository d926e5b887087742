import { setImmediate as nextTurn } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import { keptExtended } from "../core/extended-attributes.js";
import type { WireAttributes, WireOperation } from "../core/file-operation.js";
import type { FileBasis } from "../core/file-compare.js";
import type { FileEntry } from "../core/file-entry.js";
import type { PlannedOperation } from "../core/file-diff.js";
import { nothingKnown, type EntryState } from "../core/folder-record.js";
import { BatchQueue, type Queued } from "./batch-queue.js";
import { hashContent } from "./content-hash.js";
import { isFresh } from "./hash-source-file.js";
import type { Overtaking } from "./overtaking.js";
import { stateOfEntry, type FolderStore } from "./folder-store.js";
import { OpenParents } from "./open-parents.js";
import { guardPass, guardStep, isPassEnding } from "./pass-end.js";
import type { FileProblem, ScannedEntry } from "./scanner.js";
import { sendLargeFile } from "./send-large-file.js";
import { readSmallFile, settleMsOf, type SmallFile } from "./source-file.js";
import type { Note } from "./store-frames.js";
import type { TargetPeer } from "./target-peer.js";
import type { Bandwidth } from "./bandwidth.js";
import type { TransferLimits } from "./transfer-limits.js";

export interface SenderPorts {
  readonly root: string;
  readonly peer: TargetPeer;
  readonly store: FolderStore;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly signal: AbortSignal;
  readonly limits: TransferLimits;
  readonly bandwidth: Bandwidth;
  /** Owner and group are kept. */
  readonly hasOwner: boolean;
  /** Whoever writes has been stopped: a file that grows while it is read is a problem. */
  readonly isAtRest: boolean;
  /** As in PassPorts. */
  readonly overtaking: Overtaking | undefined;
  /** Called after each acknowledged batch with how much of what was added is done, and how many files and links of it. */
  readonly onProgress: (operationsDone: number, bytesDone: number, filesDone: number) => void;
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
  /** Files that grew while they were read. The target has their beginning, as it was at this time (monotonic milliseconds). */
  readonly grown: ReadonlyMap<string, number>;
}

/** Reading a small file takes a few hundredths of a millisecond; after so many whatever else waits has its turn. */
const sliceFiles = 64;
const goneText = "It is not there any more.";

/**
 * Carries out operations on the target: reads what is to be sent and packs it into batches, several of which are on their
 * way at a time; the target publishes them in order. After `finish` all of it is applied there, and durable.
 */
export class Sender {
  readonly #ports: SenderPorts;
  readonly #queue: BatchQueue;
  readonly #problems: FileProblem[] = [];
  readonly #grown = new Map<string, number>();
  readonly #parents: OpenParents;
  readonly #settleMs: number;
  #seen = 0;
  #filesSeen = 0;

  constructor(ports: SenderPorts) {
    this.#ports = ports;
    this.#parents = new OpenParents(ports.root);
    this.#settleMs = settleMsOf(ports.root);
    this.#queue = new BatchQueue(ports, {
      onDone: (batch, failures, unset) => {
        this.#settle(batch, failures, unset);
      },
    });
  }

  /** Resolves when there is room for more; undefined says that there is, for most operations need not wait. */
  add(operation: PlannedOperation | PlannedMove): Promise<void> | undefined {
    this.#seen += 1;
    if (operation.do === "put-file" || operation.do === "put-link") this.#filesSeen += 1;
    if (this.#seen % sliceFiles !== 0) return this.#add(operation);
    this.#parents.forget();
    return this.#addAfterTurn(operation);
  }

  async finish(): Promise<SendResult> {
    this.#parents.forget();
    await guardPass(this.#queue.drain());
    const { changes, bytes } = this.#queue.counts;
    return { changes, bytes, problems: this.#problems, grown: this.#grown };
  }

  /** To be called in any case; ends what is under way without waiting for it. */
  close(): void {
    this.#parents.forget();
  }

  async #addAfterTurn(operation: PlannedOperation | PlannedMove): Promise<void> {
    await nextTurn();
    this.#ports.signal.throwIfAborted();
    await this.#ports.store.mergeIfMany();
    await this.#add(operation);
  }

  #add(operation: PlannedOperation | PlannedMove): Promise<void> | undefined {
    if (operation.do === "put-file") return this.#addFile(operation.entry.path, operation.seen, operation.basis);
    const { path } = operation.entry;
    if (operation.do !== "move")
      return this.#enqueue({ wire: this.#wireOperation(operation.do, operation.entry), path });
    const { from, entry } = operation;
    const moved = { from, state: stateOfEntry(entry) };
    return this.#enqueue({ wire: { do: "move", path, from, kind: entry.kind }, path, moved });
  }

  #addFile(path: string, seen: EntryState | undefined, basis: FileBasis | undefined): Promise<void> | undefined {
    try {
      const read = readSmallFile(path, seen, {
        parents: this.#parents,
        nowWallMs: this.#ports.clock.wallMs(),
        settleMs: this.#settleMs,
        place: (bytes) => (this.#queue.hasRoom(path, bytes) ? this.#queue.place(bytes) : undefined),
      });
      if (read.kind === "read") return this.#addSmall(path, read.state, read.content, basis);
      if (read.kind !== "gone") return this.#addLater(path, read, basis);
      this.#problems.push({ path, kind: "changed", because: goneText });
    } catch (error) {
      this.#noteFailure(path, error);
    }
    return undefined;
  }

  async #addLater(
    path: string,
    read: Extract<SmallFile, { kind: "wait" | "no-room" | "large" }>,
    basis: FileBasis | undefined,
  ): Promise<void> {
    this.#parents.forget();
    try {
      if (read.kind === "wait") await this.#ports.clock.sleep(read.ms, this.#ports.signal);
      else if (read.kind === "no-room") await guardStep(() => this.#queue.makeRoom(path, read.bytes));
      else {
        await this.#addLarge(path, basis);
        return;
      }
    } catch (error) {
      this.#noteFailure(path, error);
      return;
    }
    await this.#addFile(path, undefined, basis);
  }

  /** What ends the pass is thrown on. */
  #noteFailure(path: string, error: unknown): void {
    if (isPassEnding(error)) throw error;
    this.#ports.signal.throwIfAborted();
    this.#problems.push({ path, kind: "failed", because: errorMessage(error) });
  }

  #addSmall(path: string, state: EntryState, content: Buffer, basis: FileBasis | undefined): Promise<void> | undefined {
    const contentHash = hashContent(content);
    const known = { contentHash, isFresh: isFresh(state.ctimeNs, this.#ports.clock.wallMs()), isDoubtful: false };
    const note = { state, known };
    if (basis?.contentHash === contentHash.toString("hex")) return this.#keepContent(path, note, basis);
    const { mode, mtimeNs, uid, gid, extended } = this.#attributes(state);
    // Written out: an object that another one is spread into has a shape of its own each time (measured).
    const wire = {
      do: "put-file",
      path,
      contentHash,
      crc32: crc32(content),
      bytes: content.length,
      mode,
      mtimeNs,
      uid,
      gid,
      extended,
    } as const;
    return guardStep(() => this.#queue.addPlaced({ wire, path, note }, content.length));
  }

  /** The target has this very content: at most its attributes are to be set. */
  #keepContent(path: string, note: Note, basis: FileBasis | undefined): Promise<void> | undefined {
    if (basis?.isSettled !== true) {
      const wire = { do: "set-attributes", path, kind: "file", ...this.#attributes(note.state) } as const;
      return this.#enqueue({ wire, path, note });
    }
    this.#ports.store.note(path, note);
    return undefined;
  }

  async #addLarge(path: string, basis: FileBasis | undefined): Promise<void> {
    const sent = await sendLargeFile(path, basis, { ...this.#ports, queue: this.#queue });
    if (sent === undefined) {
      this.#problems.push({ path, kind: "changed", because: goneText });
      return;
    }
    const { transfer, entry, grownSinceMs } = sent;
    if (grownSinceMs !== undefined) this.#grown.set(path, grownSinceMs);
    const note = { state: stateOfEntry(entry), known: nothingKnown };
    if (transfer === undefined) {
      await this.#keepContent(path, note, basis);
      return;
    }
    const wire = { do: "finish-file", path, transfer, size: entry.size, ...this.#attributes(entry) } as const;
    await this.#enqueue({ wire, path, note });
  }

  #enqueue(queued: Queued): Promise<void> | undefined {
    return guardStep(() => this.#queue.add(queued));
  }

  #settle(batch: readonly Queued[], failures: ReadonlyMap<number, string>, unset: ReadonlyMap<number, string>): void {
    for (const [index, because] of unset) {
      // It is on the target, and nothing waits for the rest: only people can do something about it.
      const problem = { kind: "skipped", because: `On the target: ${because}`, isInPart: true } as const;
      this.#problems.push({ path: batch[index]?.path === "" ? "." : (batch[index]?.path ?? ""), ...problem });
    }
    batch.forEach(({ path, note, moved, onFailed }, index) => {
      const because = failures.get(index);
      if (because !== undefined && onFailed !== undefined) onFailed(because);
      else if (because !== undefined) {
        // Of a move both ends must be looked at again: what was to go is still there.
        for (const one of moved === undefined ? [path] : [path, moved.from]) {
          this.#problems.push({ path: one, kind: "failed", because: `On the target: ${because}` });
        }
      } else if (moved !== undefined) this.#ports.store.moveTree(moved.from, path, moved.state);
      else if (note !== undefined) this.#ports.store.note(path, note);
    });
    this.#ports.onProgress(this.#seen, this.#queue.counts.bytes, this.#filesSeen);
  }

  #attributes({ mode, mtimeNs, uid, gid, extended }: Omit<FileEntry, "path">): WireAttributes {
    const { hasOwner } = this.#ports;
    const isOwned = hasOwner && uid !== undefined && gid !== undefined;
    return {
      mode,
      mtimeNs,
      uid: isOwned ? uid : undefined,
      gid: isOwned ? gid : undefined,
      extended: extended === undefined ? undefined : keptExtended(extended, hasOwner),
    };
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

import { constants } from "node:fs";
import { access, rm } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import {
  decodeBatch,
  decodeListQuery,
  encodeApplyAnswer,
  encodeListPage,
  pageEntries,
  type ApplyAnswer,
  type ListQuery,
  type WireOperation,
} from "../core/file-wire.js";
import { applyOperation, requireAllowedPath, type ApplyContext, type FolderOperation } from "./apply-operation.js";
import { openInside, type ConfinedFolder } from "./confined-folder.js";
import { Mutex } from "../../shared/mutex.js";
import { cleanTemporaryFolder, openTemporaryFolder } from "./own-folder.js";
import { scanTree, type FileProblem, type ScannedEntry } from "./scanner.js";
import { requireRoom, stageContents, type Staged } from "./staging.js";
import { Trash, type PurgeResult } from "./trash.js";

export interface ReceiverPorts {
  readonly clock: ClockPort;
  readonly random: RandomPort;
  /** Throws when batches of this epoch are not taken; TargetState.requireAccepted. */
  readonly requireAccepted: (epoch: number) => void;
  /** Whether a reverse synchronisation is replacing things now; ReverseHold.isHolding. */
  readonly isHolding: () => boolean;
}

export interface ApplyRequest {
  readonly epoch: number;
  readonly token: string;
  readonly sequence: number;
}

/** What a target folder has done since it was opened. */
export interface ReceiverCounts {
  readonly changesApplied: number;
  readonly bytesApplied: number;
  readonly lastAppliedAtMs: number;
  readonly pathsRefused: number;
  /** Why the folder takes nothing now; empty when it does. */
  readonly fatal: string;
}

/** Paths of a page are limited in bytes too: 2000 long ones would be a large message. */
const pagePathBytes = 1024 * 1024;
const problemLimit = 100;
/** One operation takes about a tenth of a millisecond; after so many whatever else waits has its turn. */
const sliceOperations = 32;

/**
 * The target's end of one folder. The source lists it, plans, and sends batches that belong to that listing: each is
 * numbered and taken once and in order, so a batch that arrives late or twice changes nothing.
 */
export class Receiver {
  readonly #settings: FolderSettings;
  readonly #ports: ReceiverPorts;
  readonly #trash: Trash;
  readonly #mutex = new Mutex();
  #token = "";
  #nextSequence = 1;
  #counts: ReceiverCounts = { changesApplied: 0, bytesApplied: 0, lastAppliedAtMs: 0, pathsRefused: 0, fatal: "" };

  constructor(settings: FolderSettings, ports: ReceiverPorts) {
    this.#settings = settings;
    this.#ports = ports;
    const { keepDeletedDays: keepDays, largestDeletedBytes: largestBytes } = settings;
    this.#trash = new Trash(settings.path, { keepDays, largestBytes, isHolding: ports.isHolding }, ports.clock);
  }

  get counts(): ReceiverCounts {
    return this.#counts;
  }

  /** Makes the folder ready after a start or a change of role: what an interrupted run left is removed. */
  async prepare(): Promise<void> {
    await this.#mutex.run(() => {
      this.#token = "";
      try {
        cleanTemporaryFolder(this.#settings.path);
      } catch (error) {
        // A missing root is reported when somebody wants something of it.
        if (errorCode(error) !== "ENOENT") throw error;
      }
      return Promise.resolve();
    });
  }

  /** One page of what stands here; without a token it begins a new listing and ends all batches of the one before. */
  async list(epoch: number, token: string | undefined, body: Buffer | undefined): Promise<[string, Buffer]> {
    const query = decodeListQuery(body);
    return this.#mutex.run(async () => {
      this.#ports.requireAccepted(epoch);
      if (token === undefined) {
        this.#token = this.#ports.random.id();
        this.#nextSequence = 1;
      } else this.#requireToken(token);
      return [this.#token, await this.#guarded(() => this.#page(query, token === undefined))];
    });
  }

  /** Applies one batch; everything that the answer does not name as failed is durable. */
  async apply(request: ApplyRequest, body: Buffer | undefined): Promise<Buffer> {
    const { operations, contents } = decodeBatch(body);
    return this.#mutex.run(async () => {
      this.#ports.requireAccepted(request.epoch);
      this.#requireToken(request.token);
      if (request.sequence !== this.#nextSequence) {
        throw new AppError("REQUEST_INVALID", `Batch ${request.sequence} came where ${this.#nextSequence} was due.`);
      }
      this.#requireAllowedPaths(operations);
      // Counted before anything is done: the same batch a second time must not be done again.
      this.#nextSequence += 1;
      return encodeApplyAnswer(await this.#guarded(() => this.#applyBatch(request.epoch, operations, contents)));
    });
  }

  /** Nobody sends while there is a configuration error, so a target must find out by itself that its folder is back. */
  async lookAgain(): Promise<void> {
    if (this.#counts.fatal === "") return;
    await this.#mutex.run(async () => {
      await this.#guarded(() => access(this.#settings.path, constants.R_OK | constants.W_OK)).catch(() => undefined);
    });
  }

  purge(signal: AbortSignal): Promise<PurgeResult> {
    return this.#mutex.run(() => this.#trash.purge(signal));
  }

  /** What `.deleted` holds; undefined before the first purge. */
  get kept(): PurgeResult | undefined {
    return this.#trash.kept;
  }

  /** A person has looked at what a reverse synchronisation has replaced. */
  async releaseHeld(): Promise<number> {
    return this.#mutex.run(() => this.#trash.release());
  }

  /** Resolves when what is under way has ended. */
  async close(): Promise<void> {
    await this.#mutex.run(() => Promise.resolve());
  }

  async #page(query: ListQuery, isFirst: boolean): Promise<Buffer> {
    // Pieces of files that a broken pass has left: none of its batches is taken any more, and they may fill the disk.
    if (isFirst) cleanTemporaryFolder(this.#settings.path);
    const entries: ScannedEntry[] = [];
    const problems: FileProblem[] = [];
    let pathBytes = 0;
    let isLast = true;
    for await (const slice of scanTree(this.#settings.path, query.paths, query.after)) {
      for (const entry of slice.entries) {
        entries.push(entry);
        pathBytes += entry.path.length + (entry.linkTarget?.length ?? 0);
      }
      problems.push(...slice.problems);
      if (entries.length < pageEntries && pathBytes < pagePathBytes) continue;
      isLast = false;
      break;
    }
    return encodeListPage({
      entries,
      problems: problems.slice(0, problemLimit).map(({ path, because }) => ({ path, because })),
      isLast,
    });
  }

  async #applyBatch(
    epoch: number,
    operations: readonly WireOperation[],
    contents: readonly Buffer[],
  ): Promise<ApplyAnswer> {
    const temporary = openTemporaryFolder(this.#settings.path);
    let staged: readonly Staged[] = [];
    try {
      staged = await stageContents(operations, contents, temporary, this.#ports.random);
      const context: ApplyContext = {
        root: this.#settings.path,
        trash: this.#trash,
        temporary,
        requireAccepted: () => {
          this.#ports.requireAccepted(epoch);
        },
        // The root's own names change when .deleted is made.
        touched: new Set([""]),
      };
      const failures = await this.#applyAll(operations, staged, context);
      const failed = new Set(failures.map(({ index }) => index));
      // What is in its place now has no temporary file any more.
      staged = staged.filter((_, index) => failed.has(index));
      await this.#makeDurable(context.touched);
      const done = operations.length - failures.length;
      this.#count(
        done,
        contents.reduce((sum, content) => sum + content.length, 0),
      );
      return { failures };
    } finally {
      await removeStaged(staged, temporary);
      temporary.close();
    }
  }

  async #applyAll(
    operations: readonly WireOperation[],
    staged: readonly Staged[],
    context: ApplyContext,
  ): Promise<ApplyAnswer["failures"]> {
    const failures: ApplyAnswer["failures"] = [];
    for (const [index, operation] of operations.entries()) {
      if (index % sliceOperations === sliceOperations - 1) await nextTurn();
      const content = staged[index] ?? {};
      try {
        requireStaged(content);
        if (isFolderOperation(operation)) applyOperation(operation, content.name, context);
      } catch (error) {
        // The end of the epoch or of the disk's room ends the batch; anything else is the matter of one file.
        if (errorCode(error) === "EPOCH_TOO_OLD" || errorCode(error) === "NOT_ALLOWED") throw error;
        requireRoom(error);
        failures.push({ index, because: errorMessage(error) });
      }
    }
    return failures;
  }

  async #makeDurable(touched: ReadonlySet<string>): Promise<void> {
    await this.#trash.flush();
    for (const path of touched) {
      let folder: ConfinedFolder;
      try {
        folder = openInside(this.#settings.path, path);
      } catch (error) {
        // Removed later in the same batch.
        if (errorCode(error) === "ENOENT" || errorCode(error) === "FILE_PATH_REFUSED") continue;
        throw error;
      }
      try {
        await folder.sync();
      } finally {
        folder.close();
      }
    }
  }

  /** Turns what stops the whole folder into an expected failure, and remembers it for the status. */
  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work();
      this.#counts = { ...this.#counts, fatal: "" };
      return result;
    } catch (error) {
      const failure = error instanceof AppError ? error : rootFailure(this.#settings, error);
      this.#counts = { ...this.#counts, fatal: failure.code === "EPOCH_TOO_OLD" ? "" : failure.message };
      throw failure;
    }
  }

  #requireAllowedPaths(operations: readonly WireOperation[]): void {
    try {
      operations.forEach(requireAllowedPath);
    } catch (error) {
      this.#counts = { ...this.#counts, pathsRefused: this.#counts.pathsRefused + 1 };
      throw error;
    }
  }

  #requireToken(token: string): void {
    if (this.#token !== "" && token === this.#token) return;
    throw new AppError("REQUEST_INVALID", "The message belongs to a listing that is over.");
  }

  #count(changes: number, bytes: number): void {
    this.#counts = {
      ...this.#counts,
      changesApplied: this.#counts.changesApplied + changes,
      bytesApplied: this.#counts.bytesApplied + bytes,
      lastAppliedAtMs: this.#ports.clock.wallMs(),
    };
  }
}

function isFolderOperation(operation: WireOperation): operation is FolderOperation {
  return operation.do !== "put-segment" && operation.do !== "drop-transfer";
}

function requireStaged(content: Staged): void {
  if (content.error === undefined) return;
  throw new AppError("FILE_FAILED", errorMessage(content.error), { cause: content.error });
}

async function removeStaged(staged: readonly Staged[], temporary: ConfinedFolder): Promise<void> {
  for (const { name } of staged) if (name !== undefined) await rm(temporary.place(name), { force: true });
}

function rootFailure(settings: FolderSettings, cause: unknown): AppError {
  const hint = `The folder ${settings.name} must exist on the target and be writable for SpareSync.`;
  return new AppError("FILE_FAILED", `The target's folder cannot be used: ${errorMessage(cause)}.`, { cause, hint });
}

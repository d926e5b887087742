import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { brotliDecompress } from "node:zlib";
import { promisify } from "node:util";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import { Mutex } from "../../shared/mutex.js";
import { decodeBlockQuery, type BlockAnswer } from "../core/block-wire.js";
import { decodeBatch } from "../core/file-batch.js";
import type { WireOperation } from "../core/file-operation.js";
import { createFolderRules, withoutSizeLimit, type FolderRules } from "../core/folder-rules.js";
import type { FolderSystem } from "../core/folder-system.js";
import { checkReceivedPath, findUnrepresentable, type PathSystem } from "../core/file-path.js";
import { decodeListQuery, encodeApplyAnswer, encodeListPage, type ApplyAnswer } from "../core/file-wire.js";
import { decodeCompareQuery, type BeginAnswer } from "../core/tree-wire.js";
import { fatalCodes } from "./fatal-codes.js";
import { requireAllowed, requireAllowedPath } from "./apply-operation.js";
import { hashBasis, nothingToBuildOn } from "./block-hashes.js";
import { hashSourceFile } from "./hash-source-file.js";
import type { FolderStore } from "./folder-store.js";
import { listKeptAside, type KeptAsidePage, type KeptAsideQuery } from "./kept-aside.js";
import { listPage } from "./list-page.js";
import { cleanTemporaryFolder, cleanTransfers, isNameBlind, openTemporaryFolder } from "./own-folder.js";
import { probeFolder } from "./probe-folder.js";
import { keepRepresentable } from "./representable-operations.js";
import { publishBatch } from "./publish-batch.js";
import { pathSystem } from "./path-system.js";
import { diskFailure, removeStaged, stageContents, type Staged } from "./staging.js";
import { TargetAnalysis, type AnalysisWishes } from "./target-analysis.js";
import type { ReverseHold } from "./reverse-hold.js";
import type { TargetPlace } from "./target-place.js";
import { TargetRoom, type RoomIn } from "./target-room.js";
import { Trash, type PurgeResult } from "./trash.js";
import { Turnstile } from "./turnstile.js";
import { UnsyncedFolders } from "./unsynced-folders.js";

export interface ReceiverPorts {
  readonly clock: ClockPort;
  readonly random: RandomPort;
  /** Throws when batches of this epoch are not taken; TargetState.requireAccepted. */
  readonly requireAccepted: (epoch: number) => void;
  /** What a reverse synchronisation replaces is held back. */
  readonly hold: Pick<ReverseHold, "isHolding" | "noteMoved" | "nameBefore" | "keepMoves">;
  /** By whose rules names are judged; this server's own when it is not said. */
  readonly pathSystem?: PathSystem;
  /** Contents are on the disk itself before a batch is acknowledged. */
  readonly isDurable: boolean;
  /** Knows the folder from another one in its place; nothing is looked at unless given. */
  readonly place?: TargetPlace | undefined;
  /** As the file system says unless given. */
  readonly roomIn?: RoomIn | undefined;
}

export interface ApplyRequest {
  readonly epoch: number;
  readonly token: string;
  readonly sequence: number;
  readonly brotliBytes?: number | undefined;
}

/** Of a look at the folder; the token is that of a look that goes on. */
export interface LookRequest {
  readonly epoch: number;
  readonly rules: string;
  readonly token?: string | undefined;
}

export interface TargetPage {
  readonly token: string;
  readonly roomBytes: number;
  readonly body: Buffer;
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

/** An analysis of a large tree takes longer than one question may wait: a third of what whoever asks waits for the answer. */
const analysisAnswerMs = 20_000;
const decompress = promisify(brotliDecompress);

/**
 * The target's end of one folder. The source opens a pass (by a listing of some paths, or a full analysis), and sends
 * batches that belong to it: each is numbered, taken once and published in order, so one that arrives late or twice
 * changes nothing. Contents of several batches are written at the same time.
 */
export class Receiver {
  readonly #settings: FolderSettings;
  readonly #ports: ReceiverPorts;
  readonly #trash: Trash;
  readonly #room: TargetRoom;
  readonly #rules: FolderRules;
  /** Publishing, looking at the folder, purging: one at a time. */
  readonly #mutex = new Mutex();
  /** Beginning and ending passes: one at a time. */
  readonly #passes = new Mutex();
  readonly #turns = new Turnstile();
  readonly #unsynced: UnsyncedFolders;
  readonly #broken = new Map<string, string>();
  #store: FolderStore | undefined;
  #isNameBlind: boolean | undefined;
  #system: FolderSystem | undefined;
  #token = "";
  #analysis: TargetAnalysis | undefined;
  #counts: ReceiverCounts = { changesApplied: 0, bytesApplied: 0, lastAppliedAtMs: 0, pathsRefused: 0, fatal: "" };

  constructor(settings: FolderSettings, ports: ReceiverPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#room = new TargetRoom(settings.path, settings.reservedFreeBytes, ports.roomIn);
    this.#unsynced = new UnsyncedFolders(settings.path);
    this.#rules = withoutSizeLimit(createFolderRules(settings));
    const { keepDeletedDays: keepDays, largestDeletedBytes: largestBytes } = settings;
    const isHolding = (path: string): boolean => ports.hold.isHolding(settings.name, path);
    const nameBefore = (path: string): string => ports.hold.nameBefore(settings.name, path);
    this.#trash = new Trash(settings.path, { keepDays, largestBytes, isHolding, nameBefore }, ports.clock);
  }

  get counts(): ReceiverCounts {
    return this.#counts;
  }

  /** Makes the folder ready after a start or a change of role: what an interrupted run left is removed. */
  async prepare(store: FolderStore): Promise<void> {
    await this.#passes.run(() => this.#endPass());
    await this.#mutex.run(() => {
      this.#store = store;
      this.#isNameBlind = undefined;
      this.#system = undefined;
      try {
        cleanTemporaryFolder(this.#settings.path, this.#ports.clock.wallMs());
      } catch (error) {
        // A missing root is reported when somebody wants something of it.
        if (errorCode(error) !== "ENOENT") throw error;
      }
      return Promise.resolve();
    });
  }

  /** Begins a full analysis, or says how far the one of the token is. A new one ends whatever was under way. */
  async begin({ epoch, rules, token }: LookRequest, wishes: AnalysisWishes): Promise<BeginAnswer> {
    this.#ports.requireAccepted(epoch);
    this.#requireSameRules(rules);
    if (token === undefined) await this.#passes.run(() => this.#beginAnalysis(epoch, wishes));
    else this.#requireToken(token);
    return this.#guarded(async () => {
      const analysis = this.#requireAnalysis();
      const wait = new AbortController();
      const limit = this.#ports.clock.sleep(analysisAnswerMs, wait.signal).catch(() => undefined);
      const late = new AbortController();
      void limit.then(() => {
        late.abort();
      });
      await analysis.settle(late.signal).finally(() => {
        wait.abort();
      });
      return analysis.answer(this.#token);
    });
  }

  /** What differs in the folders asked for, as of the analysis. */
  async compare(epoch: number, token: string, body: Buffer | undefined): Promise<Buffer> {
    const query = decodeCompareQuery(body);
    this.#ports.requireAccepted(epoch);
    this.#requireToken(token);
    return this.#guarded(() => this.#requireAnalysis().compare(query));
  }

  /** What a large file can be built on, block by block. */
  async blocks(epoch: number, token: string, body: Buffer | undefined): Promise<BlockAnswer> {
    const query = decodeBlockQuery(body);
    this.#requireCurrent({ epoch, token, sequence: 0 });
    this.#requireReceivable([query.path]);
    if (findUnrepresentable(query.path, this.#pathSystem) !== undefined) return nothingToBuildOn;
    this.#room.noteUsed(query.transfer);
    return hashBasis(this.#settings.path, query);
  }

  /** One page of what stands here; without a token it begins a new listing and ends all batches of the pass before. */
  async list({ epoch, rules, token }: LookRequest, body: Buffer | undefined): Promise<TargetPage> {
    const query = decodeListQuery(body);
    this.#requireReceivable(query.paths.filter((path) => path !== ""));
    this.#ports.requireAccepted(epoch);
    this.#requireSameRules(rules);
    if (token === undefined) await this.#passes.run(() => this.#beginPass());
    else this.#requireToken(token);
    return this.#mutex.run(async () => {
      this.#ports.requireAccepted(epoch);
      const page = await this.#guarded(() =>
        listPage(this.#settings.path, this.#rules, this.#requireStore(), { ...query, system: this.#pathSystem }),
      );
      return { token: this.#token, roomBytes: this.#room.passBytes(), body: encodeListPage(page) };
    });
  }

  /** Applies one batch; everything that the answer does not name as failed is durable. `giveBack` as in LinkMessage. */
  async apply(request: ApplyRequest, body: Buffer | undefined, giveBack?: () => void): Promise<Buffer> {
    this.#requireCurrent(request);
    const turn = this.#turns.enter(request.sequence);
    let staged: readonly Staged[] = [];
    try {
      const batch = decodeBatch(await unpack(request, body));
      this.#guardPaths(() => {
        for (const operation of batch.operations) requireAllowedPath(operation, this.#pathSystem);
      });
      const { operations, contents, refused, complete } = keepRepresentable(
        batch.operations,
        batch.contents,
        this.#pathSystem,
      );
      this.#countRefused(refused);
      const answer = await this.#guarded(async () => {
        for (const operation of operations) if ("transfer" in operation) this.#room.noteUsed(operation.transfer);
        this.#room.require(contents.reduce((sum, content) => sum + content.length, 0));
        const temporary = openTemporaryFolder(this.#settings.path);
        try {
          const { random, isDurable } = this.#ports;
          staged = await stageContents(operations, contents, {
            root: this.#settings.path,
            temporary,
            random,
            broken: this.#broken,
            isDurable,
            requireRoom: (bytes) => {
              this.#room.require(bytes);
            },
          });
          await turn.reached;
          const answer = await this.#mutex.run(() => this.#publish(request, operations, staged));
          const { failures } = answer;
          const failed = new Set(failures.map(({ index }) => index));
          // What is in its place now has no temporary file any more.
          staged = staged.filter((_, index) => failed.has(index));
          this.#count(operations.length - failures.length, contents);
          return answer;
        } finally {
          removeStaged(staged, temporary);
          temporary.close();
        }
      });
      // Of files the index may remember hashes as they stand in the body; of pieces nobody remembers anything.
      if (batch.operations.every((operation) => operation.do === "put-segment")) giveBack?.();
      return encodeApplyAnswer(complete(answer));
    } catch (error) {
      // What comes after it may build on it: without it the pass is over.
      if (this.#token === request.token) this.#token = "";
      throw error;
    } finally {
      turn.leave();
    }
  }

  /** Resolves when the names of all that was published are durable. Throws FILE_FAILED while they are not. */
  async settle(): Promise<void> {
    if (this.#unsynced.size > 0) await this.#mutex.run(() => this.#guarded(() => this.#unsynced.sync()));
  }

  /** The source has brought over everything: nothing that was begun before will be gone on with. */
  async forgetTransfers(): Promise<void> {
    await this.#mutex.run(() => {
      if (this.#token !== "") cleanTransfers(this.#settings.path);
      return Promise.resolve();
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

  /** When `.deleted` was last purged, as in SyncItemStatus. */
  get lastPurgeAtMs(): number {
    return this.#trash.purgedAtMs;
  }

  /** What a reverse synchronisation has replaced here and is held. */
  async listKeptAside(query: KeptAsideQuery): Promise<KeptAsidePage> {
    return this.#mutex.run(() => listKeptAside(this.#settings.path, query));
  }

  /** A person has looked at what a reverse synchronisation has replaced. */
  async releaseHeld(): Promise<number> {
    return this.#mutex.run(() => this.#trash.release());
  }

  /** Resolves when what is under way has ended; nothing of it touches the folder afterwards. */
  async close(): Promise<void> {
    await this.#passes.run(() => this.#endPass());
    await this.#mutex.run(() => Promise.resolve());
    this.#store = undefined;
  }

  async #beginAnalysis(epoch: number, { hasOwner, hasContent }: AnalysisWishes): Promise<void> {
    await this.#beginPass();
    await this.#mutex.run(() =>
      this.#guarded(async () => {
        this.#ports.requireAccepted(epoch);
        await this.#ports.place?.begin();
        cleanTemporaryFolder(this.#settings.path, this.#ports.clock.wallMs());
        const { clock } = this.#ports;
        const root = this.#settings.path;
        const system = (this.#system ??= tryProbe(root));
        this.#analysis = new TargetAnalysis(
          {
            root,
            rules: this.#rules,
            store: this.#requireStore(),
            hashContent: (path) => hashSourceFile(root, path, clock),
            canSetOwner: process.getuid?.() === 0,
            system,
            roomBytes: () => this.#room.passBytes(),
          },
          { hasOwner, hasContent },
        );
      }),
    );
  }

  async #beginPass(): Promise<void> {
    await this.#endPass();
    this.#room.begin();
    this.#token = this.#ports.random.id();
  }

  /** From here on no batch of the pass takes effect. */
  async #endPass(): Promise<void> {
    this.#token = "";
    const analysis = this.#analysis;
    this.#analysis = undefined;
    await analysis?.end();
    await this.#turns.clear();
    this.#broken.clear();
  }

  async #publish(
    request: ApplyRequest,
    operations: readonly WireOperation[],
    staged: readonly Staged[],
  ): Promise<ApplyAnswer> {
    const answer = await publishBatch(operations, staged, {
      root: this.#settings.path,
      trash: this.#trash,
      store: this.#requireStore(),
      touched: this.#unsynced,
      isDurable: this.#ports.isDurable,
      onMoved: (from, to) => {
        this.#ports.hold.noteMoved(this.#settings.name, from, to);
      },
      isNameBlind: (this.#isNameBlind ??= isNameBlind(this.#settings.path)),
      requireAccepted: () => {
        this.#requireCurrent(request);
      },
    });
    await this.#ports.hold.keepMoves();
    return answer;
  }

  /** Turns what stops the whole folder into an expected failure, and remembers it for the status. */
  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      this.#ports.place?.requireSame();
      const result = await work();
      this.#counts = { ...this.#counts, fatal: "" };
      return result;
    } catch (error) {
      const failure = error instanceof AppError ? error : (diskFailure(error) ?? rootFailure(this.#settings, error));
      if (fatalCodes.has(failure.code)) this.#counts = { ...this.#counts, fatal: failure.message };
      throw failure;
    }
  }

  get #pathSystem(): PathSystem {
    return this.#ports.pathSystem ?? pathSystem;
  }

  #requireReceivable(paths: readonly string[]): void {
    this.#guardPaths(() => {
      for (const path of paths) requireAllowed(path, checkReceivedPath(path, this.#pathSystem));
    });
  }

  #guardPaths(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#countRefused(1);
      throw error;
    }
  }

  #countRefused(paths: number): void {
    this.#counts = { ...this.#counts, pathsRefused: this.#counts.pathsRefused + paths };
  }

  #requireCurrent({ epoch, token }: ApplyRequest): void {
    this.#ports.requireAccepted(epoch);
    this.#requireToken(token);
  }

  #requireSameRules(rules: string): void {
    if (rules === this.#rules.digest) return;
    const { name } = this.#settings;
    throw new AppError("SETTINGS_INVALID", `The two servers do not ignore the same in the folder ${name}.`, {
      hint: "Write the same patterns, in the same order, into folders[].ignore of both settings files, and restart both.",
    });
  }

  #requireToken(token: string): void {
    if (this.#token !== "" && token === this.#token) return;
    throw new AppError("REQUEST_INVALID", "The message belongs to a pass that is over.");
  }

  #requireAnalysis(): TargetAnalysis {
    if (this.#analysis !== undefined) return this.#analysis;
    throw new AppError("REQUEST_INVALID", "There is no analysis in this pass.");
  }

  #requireStore(): FolderStore {
    if (this.#store !== undefined) return this.#store;
    throw new AppError("NOT_ALLOWED", "Files are refused: this server has not taken up its role yet.");
  }

  #count(changes: number, contents: readonly Buffer[]): void {
    this.#counts = {
      ...this.#counts,
      changesApplied: this.#counts.changesApplied + changes,
      bytesApplied: this.#counts.bytesApplied + contents.reduce((sum, content) => sum + content.length, 0),
      lastAppliedAtMs: this.#ports.clock.wallMs(),
    };
  }
}

/** A body that would become larger than it says is refused before it does. */
async function unpack({ brotliBytes }: ApplyRequest, body: Buffer | undefined): Promise<Buffer | undefined> {
  if (brotliBytes === undefined || body === undefined) return body;
  try {
    return await decompress(body, { maxOutputLength: brotliBytes });
  } catch (cause) {
    throw new AppError("REQUEST_INVALID", `The batch cannot be unpacked: ${errorMessage(cause)}.`, { cause });
  }
}

/** A disk on which nothing can be written shows when something is to be. */
function tryProbe(root: string): FolderSystem | undefined {
  try {
    return probeFolder(root);
  } catch {
    return undefined;
  }
}

function rootFailure(settings: FolderSettings, cause: unknown): AppError {
  const hint = `The folder ${settings.name} must exist on the target and be writable for SpareSync.`;
  return new AppError("FILE_FAILED", `The target's folder cannot be used: ${errorMessage(cause)}.`, { cause, hint });
}

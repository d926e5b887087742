import path from "node:path";
import { AppError } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import type { ClockReading } from "../core/clock-gap.js";
import type { DivergenceView } from "../core/divergence.js";
import { isSameRole } from "../core/data-role.js";
import { nextPurgeClock, type PurgeClock } from "../core/purge-clock.js";
import type { Link, LinkHandlers } from "../link/link.js";
import type {
  DataRole,
  DrainResult,
  SampledFiles,
  SyncItemErrors,
  SyncItemStatus,
  SyncPart,
  SyncProgress,
} from "../sync-part.js";
import { answerSource } from "./answer-source.js";
import { answerChangedSince } from "./changed-since.js";
import type { OpenChangeSource } from "./change-source.js";
import { isHashNative } from "./content-hash.js";
import { ContentTimes } from "./content-times.js";
import { compareReturnedFolders, viewReplaced } from "./file-divergence.js";
import { FolderStore } from "./folder-store.js";
import type { KeptAsidePage, KeptAsideQuery } from "./kept-aside.js";
import { MountPoints } from "./mount-points.js";
import { Mutex } from "../../shared/mutex.js";
import { notKept } from "./not-kept.js";
import { usualAnalysis, type AnalysisKind } from "./pass.js";
import { hasOwnFolder, makeOwnFolder } from "./own-folder.js";
import { Receiver } from "./receiver.js";
import { requireSeparate } from "./require-separate.js";
import { ReverseHold } from "./reverse-hold.js";
import { answerSample, sampleFolder } from "./sample.js";
import { SettledStore } from "./settled-store.js";
import { FolderSource } from "./sync-loop.js";
import type { SourcePorts } from "./source-ports.js";
import { targetStatus } from "./target-status.js";
import type { RoomIn } from "./target-room.js";
import { TargetPlace } from "./target-place.js";
import { TargetState } from "./target-state.js";
import { defaultTransferLimits, type TransferLimits } from "./transfer-limits.js";
import type { PurgeResult } from "./trash.js";
import { openChangeSource as openUsualSource } from "./open-change-source.js";

export interface FileSyncOptions {
  /** With absolute paths that do not contain each other. */
  readonly folders: readonly FolderSettings[];
  /** Outside of all folders. */
  readonly stateDirectory: string;
  readonly link: Link;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  readonly random: RandomPort;
  /** How changes are noticed; as the system does it best unless given. */
  readonly openChangeSource?: OpenChangeSource;
  /** How link and disk are used; the settings' defaults unless given. */
  readonly transfer?: TransferLimits;
  /** How much may still be written on a folder's disk; as the file system says unless given. */
  readonly roomIn?: RoomIn;
}

export interface FileSync extends SyncPart {
  /** Removes from `.deleted` of all folders what was deleted longer ago than the setting; for a calendar job. */
  purgeDeleted(signal: AbortSignal): Promise<PurgeResult>;
  /**
   * What this server had and the new source had not, when the first reverse synchronisation after a failover was made over
   * it: page by page, by the folder's name. NOT_FOUND for a folder that is not in the settings.
   */
  listKeptAside(folder: string, query: KeptAsideQuery): Promise<KeptAsidePage>;
  /**
   * A person has acknowledged the divergence: from now on it is kept as long as anything else in `.deleted`. Resolves to
   * the number of files released, 0 when called again. OPERATION_REFUSED while that synchronisation is under way.
   */
  releaseKeptAside(folder: string): Promise<number>;
  /** Source: as synchronise, and reads every file on both sides: finds damage that size and times do not show. */
  compareContents(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult>;
  requestAnalysis(hasContent: boolean, folders: readonly string[]): Promise<readonly string[]>;
}

/** A file that changes often gets so many analyses to come to rest in before a drain gives up. */
const drainRounds = 20;
const drainPauseMs = 500;
const detailPaths = 100;

/** The files half of what the actor synchronises. */
export function createFileSync(options: FileSyncOptions): FileSync {
  requireSeparate(options.folders, options.stateDirectory);
  if (!isHashNative) options.log.warn("files-hash-slow", { processor: `${process.platform}-${process.arch}` });
  const unkept = notKept();
  if (unkept.length > 0) options.log.warn("files-not-kept", { unkept: [...unkept] });
  return new Files(options);
}

class Files implements FileSync {
  readonly name = "files";
  readonly handlers: LinkHandlers;
  readonly #options: FileSyncOptions;
  readonly #state: TargetState;
  readonly #settled: SettledStore;
  readonly #hold: ReverseHold;
  readonly #mountPoints: MountPoints;
  readonly #contentTimes: ContentTimes;
  readonly #places: ReadonlyMap<string, TargetPlace>;
  readonly #receivers: ReadonlyMap<string, Receiver>;
  readonly #roleChanges = new Mutex();
  readonly #stores = new Map<string, FolderStore>();
  #sources: FolderSource[] = [];
  #role: DataRole | undefined;
  #purgeClock: PurgeClock;
  #isSourceClosed = false;
  #isSettledLoaded = false;

  constructor(options: FileSyncOptions) {
    this.#options = options;
    this.#purgeClock = { trusted: readClocks(options.clock) };
    this.#state = new TargetState(options.stateDirectory);
    this.#settled = new SettledStore(options.stateDirectory, options.clock);
    this.#hold = new ReverseHold(options.stateDirectory);
    this.#mountPoints = new MountPoints(options.stateDirectory);
    this.#contentTimes = new ContentTimes(options.stateDirectory);
    const requireAccepted = (epoch: number): void => {
      this.#state.requireAccepted(epoch);
    };
    const { clock, random, roomIn, transfer = defaultTransferLimits } = options;
    const ports = { clock, random, roomIn, requireAccepted, hold: this.#hold, isDurable: transfer.syncToDisk };
    this.#places = new Map(
      options.folders.map((folder) => [folder.name, new TargetPlace(folder, this.#mountPoints, random)]),
    );
    const place = (name: string): TargetPlace => ofFolder(this.#places, name);
    this.#receivers = new Map(
      options.folders.map((folder) => [folder.name, new Receiver(folder, { ...ports, place: place(folder.name) })]),
    );
    this.handlers = {
      ...answerSource({
        receiver: (folder) => this.#receiver(folder),
        place,
        requireAccepted,
        settled: this.#settled,
        hold: this.#hold,
      }),
      "files/changed-since": (message) => answerChangedSince(this.#folderOf(message.fields["folder"]), message),
      "files/sample": (message) => answerSample(this.#rootOf(message.fields["folder"]), message, options.clock),
    };
  }

  setRole(role: DataRole): Promise<void> {
    return this.#roleChanges.run(async () => {
      // A repeated role must not begin all analyses again.
      if (this.#role !== undefined && isSameRole(this.#role, role)) return;
      await this.#stopSources();
      this.#role = undefined;
      const kept = [this.#settled, this.#mountPoints, this.#contentTimes];
      if (!this.#isSettledLoaded) await Promise.all(kept.map((one) => one.load()));
      this.#isSettledLoaded = true;
      await this.#state.takeRole(role);
      await this.#hold.takeRole(role, {
        // A server whose state is lost (a new system disk) may have been the source, too.
        hadRole: this.#settled.isAnythingKnown || this.#options.folders.some(({ path }) => hasOwnFolder(path)),
        isWhole: (folder) => this.#settled.get(folder, role.epoch).isComplete,
        folders: this.#options.folders.map(({ name }) => name),
      });
      for (const [name, receiver] of this.#receivers) await receiver.prepare(await this.#store(name));
      if (role.role === "target") for (const place of this.#places.values()) tryLook(place);
      if (role.role === "source") for (const { path } of this.#options.folders) makeOwnFolder(path);
      if (role.role === "source") this.#sources = await this.#startSources(role.epoch, role.continuous);
      this.#role = role;
    });
  }

  synchronise(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult> {
    return this.#analyse(usualAnalysis, signal, onProgress);
  }

  compareContents(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult> {
    return this.#analyse({ ...usualAnalysis, hasContent: true }, signal, onProgress);
  }

  async requestAnalysis(hasContent: boolean, folders: readonly string[]): Promise<readonly string[]> {
    if (this.#role?.role !== "source" || !this.#role.continuous) return [];
    const asked: string[] = [];
    for (const [index, { name }] of this.#options.folders.entries()) {
      const source = this.#sources[index];
      if (source === undefined || !folders.includes(name)) continue;
      await source.requestAnalysis(hasContent);
      asked.push(name);
    }
    return asked;
  }

  async #analyse(
    how: AnalysisKind,
    signal: AbortSignal,
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<DrainResult> {
    let result: DrainResult = { changesSent: 0, bytesSent: 0 };
    for (const source of this.#requireSources()) {
      const { changes, bytes } = await source.analyseNow(how, signal, onProgress);
      result = { changesSent: result.changesSent + changes, bytesSent: result.bytesSent + bytes };
    }
    return result;
  }

  /**
   * As the contract says, and: a file that cannot be brought over (unreadable, or it never comes to rest) rejects with
   * FILE_FAILED, for it would be lost. What cannot be synchronised by its nature (a device, a name) does not.
   */
  async drain(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult> {
    let total: DrainResult = { changesSent: 0, bytesSent: 0 };
    for (let round = 1; ; round += 1) {
      const { changesSent, bytesSent } = await this.#analyse({ ...usualAnalysis, isAtRest: true }, signal, onProgress);
      total = { changesSent: total.changesSent + changesSent, bytesSent: total.bytesSent + bytesSent };
      const pending = this.#sources.reduce((sum, source) => sum + source.pendingPaths, 0);
      if (changesSent === 0 && pending === 0) return total;
      const obstacles = this.#sources.flatMap((source) => source.obstacles());
      if (round >= drainRounds || (changesSent === 0 && obstacles.length > 0)) {
        const because = obstacles.length > 0 ? obstacles.slice(0, 3).join("; ") : "the folders do not come to rest";
        const hint = "Repair or remove the files named, or stop what writes them, and try again.";
        throw new AppError("FILE_FAILED", `Not all files are on the target: ${because}.`, { hint });
      }
      if (pending > 0) await this.#options.clock.sleep(drainPauseMs, signal);
    }
  }

  sampleFiles(count: number, signal: AbortSignal): Promise<readonly SampledFiles[]> {
    return Promise.all(this.#options.folders.map((folder) => sampleFolder(folder, count, this.#options, signal)));
  }

  #rootOf(name: unknown): string {
    return this.#folderOf(name).path;
  }

  #folderOf(name: unknown): FolderSettings {
    const folder = this.#options.folders.find((one) => one.name === name);
    if (folder) return folder;
    throw new AppError("NOT_FOUND", `There is no folder ${JSON.stringify(name)} here.`);
  }

  /** Nothing can keep an application from writing to a folder: that it was stopped is all there is. Only noted. */
  closeSource(): Promise<void> {
    this.#isSourceClosed = true;
    return Promise.resolve();
  }

  openSource(): Promise<void> {
    this.#isSourceClosed = false;
    return Promise.resolve();
  }

  isSourceClosed(): Promise<boolean> {
    return Promise.resolve(this.#isSourceClosed);
  }

  raiseEpoch(epoch: number): Promise<void> {
    return this.#state.raiseEpoch(epoch);
  }

  /** Rejects with FILE_VETO where another folder than the copy stands in the place of one: nobody may be served from that. */
  async promote(epoch: number): Promise<void> {
    for (const place of this.#places.values()) place.requireSame();
    await this.#state.promote(epoch);
    // What is under way has been refused its next effect; nothing touches the folders when this resolves.
    for (const receiver of this.#receivers.values()) await receiver.close();
  }

  isPromoted(): Promise<boolean> {
    return this.#state.isPromoted();
  }

  /** Nothing to do beforehand: all that a reverse synchronisation replaces goes to `.deleted`. */
  backUp(): Promise<string> {
    return Promise.resolve("");
  }

  async lookAgain(): Promise<void> {
    for (const place of this.#places.values()) tryLook(place);
    for (const receiver of this.#receivers.values()) await receiver.lookAgain();
  }

  async compareReturned(signal: AbortSignal): Promise<void> {
    const epoch = this.#role?.role === "source" ? this.#role.epoch : 0;
    const completeBefore = (folder: string): number => this.#settled.completeBefore(folder, epoch);
    await compareReturnedFolders({ ...this.#options, epoch, completeBefore }, signal);
  }

  listReplaced(limit: number): Promise<readonly Omit<DivergenceView, "server">[]> {
    const { folders, clock } = this.#options;
    const list = (folder: string, query: KeptAsideQuery): Promise<KeptAsidePage> => this.listKeptAside(folder, query);
    return viewReplaced(folders, { list, limit, nowMs: clock.wallMs() });
  }

  async releaseReplaced(): Promise<number> {
    let files = 0;
    for (const { name } of this.#options.folders) files += await this.releaseKeptAside(name);
    return files;
  }

  listKeptAside(folder: string, query: KeptAsideQuery): Promise<KeptAsidePage> {
    return this.#receiver(folder).listKeptAside(query);
  }

  async releaseKeptAside(folder: string): Promise<number> {
    const receiver = this.#receiver(folder);
    if (!this.#hold.isUnderWay(folder)) return this.#release(folder, receiver);
    throw new AppError("OPERATION_REFUSED", `The first synchronisation back of the folder ${folder} is under way.`, {
      hint: "Wait until the folder is a whole copy (sparesync files status), and look at the list once more.",
    });
  }

  async #release(folder: string, receiver: Receiver): Promise<number> {
    const files = await receiver.releaseHeld();
    if (files > 0) this.#options.log.info("files-held-released", { folder, files });
    return files;
  }

  status(): readonly SyncItemStatus[] {
    if (this.#role?.role === "source") return this.#sources.map((source) => source.status());
    const epoch = this.#role?.epoch ?? 0;
    return [...this.#receivers].map(([name, receiver]) =>
      targetStatus(name, receiver, this.#settled.get(name, epoch), ofFolder(this.#places, name)),
    );
  }

  async approve(folder: string, shown?: string): Promise<boolean> {
    const source = this.#sources[this.#options.folders.findIndex(({ name }) => name === folder)];
    if (source !== undefined) return source.approve(shown);
    if (this.#role?.role !== "target" || (await this.#places.get(folder)?.approve()) !== true) return false;
    await this.#receiver(folder).lookAgain();
    return true;
  }

  itemErrors(): readonly SyncItemErrors[] {
    return this.#options.folders.map(({ name }, index) => ({
      name,
      pathsRefused: this.#receivers.get(name)?.counts.pathsRefused ?? 0,
      ...(this.#sources[index]?.errors(detailPaths) ?? { warnings: 0, paths: [] }),
    }));
  }

  details(): JsonObject {
    const folders: Record<string, JsonObject> = {};
    this.#options.folders.forEach(({ name }, index) => {
      const source = this.#sources[index];
      const { pathsRefused } = this.#receivers.get(name)?.counts ?? { pathsRefused: 0 };
      folders[name] = { pathsRefused, ...(source === undefined ? {} : source.details(detailPaths)) };
    });
    return { role: this.#role?.role ?? "idle", epoch: this.#role?.epoch ?? 0, folders };
  }

  async purgeDeleted(signal: AbortSignal): Promise<PurgeResult> {
    let total: PurgeResult = { files: 0, bytes: 0 };
    if (!mayPurge(this.#role)) return total;
    if (this.#hasClockLeapt()) return total;
    const failures: unknown[] = [];
    for (const receiver of this.#receivers.values()) {
      try {
        const { files, bytes } = await receiver.purge(signal);
        total = { files: total.files + files, bytes: total.bytes + bytes };
      } catch (error) {
        // A folder that cannot be purged keeps no other from it.
        failures.push(error);
      }
    }
    if (total.files > 0) this.#options.log.info("files-deleted-purged", { ...total });
    if (failures.length > 0) throw failures[0];
    return total;
  }

  /** By a clock that is far ahead everything was deleted long ago. */
  #hasClockLeapt(): boolean {
    const { clock, aheadMs } = nextPurgeClock(this.#purgeClock, readClocks(this.#options.clock));
    this.#purgeClock = clock;
    if (aheadMs === 0) return false;
    this.#options.log.warn("files-purge-put-off", { clockAheadHours: Math.round(aheadMs / 3_600_000) });
    return true;
  }

  async close(): Promise<void> {
    await this.#roleChanges.run(async () => {
      await this.#stopSources();
      for (const receiver of this.#receivers.values()) await receiver.close();
      for (const store of this.#stores.values()) store.close();
      this.#stores.clear();
      this.#role = undefined;
    });
  }

  async #stopSources(): Promise<void> {
    const sources = this.#sources;
    this.#sources = [];
    await Promise.all(sources.map((source) => source.stop()));
  }

  async #startSources(epoch: number, isContinuous: boolean): Promise<FolderSource[]> {
    const {
      link,
      clock,
      random,
      log,
      openChangeSource = openUsualSource,
      transfer = defaultTransferLimits,
    } = this.#options;
    const sources: FolderSource[] = [];
    for (const folder of this.#options.folders) {
      const store = await this.#store(folder.name);
      const mountPoints = this.#mountPoints;
      const kept = {
        mountPoints,
        settled: this.#settledOf(folder.name),
        contentTimes: this.#contentTimesOf(folder.name),
      };
      const ports = { link, clock, random, log, store, openChangeSource, limits: transfer, ...kept };
      sources.push(new FolderSource(folder, ports));
    }
    for (const source of sources) source.start(epoch, isContinuous);
    return sources;
  }

  #settledOf(folder: string): SourcePorts["settled"] {
    return {
      get: (epoch) => this.#settled.get(folder, epoch),
      set: (settled) => this.#settled.set(folder, settled),
    };
  }

  #contentTimesOf(folder: string): SourcePorts["contentTimes"] {
    return {
      get: () => this.#contentTimes.get(folder),
      set: (value) => this.#contentTimes.set(folder, value),
    };
  }

  #requireSources(): readonly FolderSource[] {
    if (this.#role?.role === "source") return this.#sources;
    throw new AppError("OPERATION_REFUSED", "This server is not the source of the files.");
  }

  /** What this server remembers of a folder: facts about its own disk, so they hold in whatever role. */
  async #store(name: string): Promise<FolderStore> {
    const known = this.#stores.get(name);
    if (known !== undefined) return known;
    const store = await FolderStore.open(path.join(this.#options.stateDirectory, "files-index", `${name}.index`));
    this.#stores.set(name, store);
    return store;
  }

  #receiver(folder: string): Receiver {
    return ofFolder(this.#receivers, folder);
  }
}

function ofFolder<Thing>(things: ReadonlyMap<string, Thing>, folder: string): Thing {
  const thing = things.get(folder);
  if (thing !== undefined) return thing;
  const hint = "Both settings files must list the same folders by the same names.";
  throw new AppError("NOT_FOUND", `There is no folder ${JSON.stringify(folder)} here.`, { hint });
}

/** What is wrong shows in the status at once, and not only when somebody wants something of the folder. */
function tryLook(place: TargetPlace): void {
  try {
    place.look();
  } catch {
    // Kept as its doubt.
  }
}

function readClocks(clock: ClockPort): ClockReading {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
}

/**
 * As long as the spare serves, nothing of what it kept as a target may go: it may be all there is of a file. Nor as long as nobody
 * knows whether it serves, after a start or while it is neither source nor target.
 */
function mayPurge(role: DataRole | undefined): boolean {
  return role?.role === "target" || (role?.role === "source" && role.continuous);
}

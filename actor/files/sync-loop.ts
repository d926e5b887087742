import { type AppError, errorCode } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { FolderSettings } from "../../shared/core/settings/settings.js";
import { checkFilePath } from "../core/file-path.js";
import { createFolderRules, isIgnoredAnyhow, type FolderRules } from "../core/folder-rules.js";
import { findUnkept, type FolderSystem } from "../core/folder-system.js";
import { encodeOpenPaths, listPaths } from "../core/file-wire.js";
import type { SyncItemErrors, SyncItemStatus, SyncProgress } from "../sync-part.js";
import { AnalysisTimes } from "./analysis-times.js";
import { Bandwidth } from "./bandwidth.js";
import { isBurstDoubtful } from "./burst.js";
import { DirtySet } from "./dirty-set.js";
import { FailingPaths } from "./failing-paths.js";
import { runFullPass } from "./full-pass.js";
import { runPartialPass } from "./partial-pass.js";
import { newMemory, usualAnalysis, type AnalysisKind, type PassPorts, type PassResult } from "./pass.js";
import { noteProblems, noteUnsendable, type ProblemPorts } from "./note-problems.js";
import { Overtaking } from "./overtaking.js";
import { nameFailure } from "./pass-end.js";
import { Mutex } from "../../shared/mutex.js";
import { pathSystem } from "./path-system.js";
import { RenameHalves, renameHalvesMs } from "./rename-halves.js";
import type { SourcePorts } from "./source-ports.js";
import { folderStatus, newFacts, nothingDone, ownSystem, type FolderFacts, wholeAtMs } from "./source-status.js";
import { SourceSafety } from "./source-safety.js";
import { TargetPeer } from "./target-peer.js";
import { isPerhapsUnsendable } from "./unsendable-names.js";
import { WatchedFolder, watchLatencyMs } from "./watched-folder.js";

/** A quiet folder is confirmed to the target so often: how complete it is must not look older than it is. */
const confirmEveryMs = 5000;
/** A watcher that fails again and again must not keep both disks busy with analyses. */
const uncertainEveryMs = 5000;
/** A burst of changes too large to remember is no failure: it is followed up as soon as this … */
const overflowEveryMs = 1000;
/** … and no sooner than so many times what the look at both trees takes; what is sent afterwards is no reason to wait. */
const overflowRests = 2;
const goneDoubt = "a large part of the folder is gone";
const shortestBackoffMs = 500;
const longestBackoffMs = 30_000;

type OnProgress = (progress: SyncProgress) => void;

const ignore: OnProgress = () => undefined;

/** `onProgress`: left out, it is one within another, whose progress is told. */
interface PassHow extends AnalysisKind {
  readonly signal: AbortSignal;
  readonly peer: TargetPeer;
  readonly overtaking: Overtaking | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** The source's end of one folder: notices changes, brings them over, and compares both sides in full now and then. */
export class FolderSource {
  readonly #settings: FolderSettings;
  readonly #ports: SourcePorts;
  readonly #bandwidth: Bandwidth;
  readonly #dirty: DirtySet;
  readonly #safety: SourceSafety;
  readonly #rules: FolderRules;
  readonly #watch: WatchedFolder;
  readonly #times: AnalysisTimes;
  readonly #failing = new FailingPaths();
  /** A longer delay keeps the two names of a rename together by itself. */
  readonly #halves: RenameHalves | undefined;
  readonly #passes = new Mutex();
  #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #wake = new AbortController();
  #epoch = 0;
  #lastFullAtMs = -Infinity;
  #lastLookMs = 0;
  #lastConfirmedAtMs = -Infinity;
  #memory = newMemory();
  /** Of what was open the target knows this since the source began. */
  #openSaid: Buffer | undefined;
  #facts: FolderFacts;

  constructor(settings: FolderSettings, ports: SourcePorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#rules = createFolderRules(settings);
    this.#bandwidth = new Bandwidth(ports.clock, ports.limits.bandwidthBytesPerSecond);
    this.#dirty = new DirtySet(settings.delaySeconds * 1000);
    this.#safety = new SourceSafety(
      settings,
      (folder) => this.#rules.isIgnored(folder, true),
      ports.mountPoints.get(settings.name, settings.path),
    );
    this.#facts = newFacts;
    const { clock, contentTimes: kept, limits } = ports;
    const { fullAnalysisSeconds } = settings;
    const { contentAnalysisSeconds } = limits;
    this.#times = new AnalysisTimes({ clock, kept, fullAnalysisSeconds, contentAnalysisSeconds });
    const { path: root, delaySeconds } = settings;
    const isBrief = delaySeconds * 1000 < renameHalvesMs * 2;
    this.#halves = isBrief ? new RenameHalves({ root, store: ports.store }) : undefined;
    this.#watch = new WatchedFolder(settings, {
      ...ports,
      onDirty: (path) => {
        if (isIgnoredAnyhow(this.#rules, path)) return;
        if (isPerhapsUnsendable(path)) noteUnsendable(path, this.#problems);
        if (!checkFilePath(path, pathSystem).isAllowed) return;
        this.#dirty.mark(path, ports.clock.monotonicMs());
      },
      onWake: () => {
        this.#wake.abort();
      },
    });
  }

  /** Begins to be the source of an epoch. Without `isContinuous` nothing is sent until somebody asks for a pass. */
  start(epoch: number, isContinuous: boolean): void {
    this.#stop = new AbortController();
    this.#epoch = epoch;
    this.#watch.begin();
    this.#lastFullAtMs = -Infinity;
    this.#lastConfirmedAtMs = -Infinity;
    this.#times.begin(isContinuous);
    this.#memory = newMemory();
    this.#openSaid = undefined;
    const { completeUpToMs, lastFullAnalysisAtMs, isComplete } = this.#ports.settled.get(epoch);
    // It succeeded then at the latest.
    this.#facts = { ...newFacts, completeUpToMs, lastFullAnalysisAtMs, isComplete, lastSuccessAtMs: completeUpToMs };
    this.#dirty.clear();
    this.#failing.clear();
    if (isContinuous) this.#loop = this.#run(this.#stop.signal);
  }

  /** Ends the loop and a pass under way; what was acknowledged stays, the rest is found by the next analysis. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#loop;
    await this.#passes.run(() => Promise.resolve());
    await this.#watch.close();
  }

  /** One full analysis now; resolves when the target has applied all of it that could be sent. */
  analyseNow(how: AnalysisKind, signal: AbortSignal, onProgress?: OnProgress): Promise<PassResult> {
    return this.#fullPass(how, AbortSignal.any([signal, this.#stop.signal]), onProgress);
  }

  /** A full analysis, by content if so said, as soon as the loop comes to it. */
  async requestAnalysis(hasContent: boolean): Promise<void> {
    await this.#times.ask(hasContent);
    this.#wake.abort();
  }

  /** Paths that should be on the target and could not be brought there, with reasons. */
  obstacles(): string[] {
    return this.#failing.obstacles();
  }

  get pendingPaths(): number {
    return this.#failing.pending;
  }

  status(): SyncItemStatus {
    const oldest = this.#oldestPendingMs();
    const facts = { ...this.#facts, watchLimit: this.#watch.limit, watchLosses: this.#watch.losses };
    return folderStatus(this.#settings.name, facts, {
      warnings: this.#failing.count,
      dirty: this.#dirty.size + this.#failing.pending,
      oldestPendingAtMs: oldest === undefined ? 0 : this.#toWall(oldest),
      nowMs: this.#ports.clock.monotonicMs(),
      analysisAsked: this.#times.asked,
    });
  }

  /** A person has looked: what the safety rules have stopped may go. False where they have stopped nothing. */
  approve(shown?: string): boolean {
    if (!this.#safety.approve(shown)) return false;
    this.#wake.abort();
    return true;
  }

  /** What cannot be synchronised now, so many paths of it by name, and what waits for an approval. */
  errors(limit: number): Omit<SyncItemErrors, "name" | "pathsRefused"> {
    const { question } = this.#safety;
    return { ...this.#failing.describe(limit), ...(question === undefined ? {} : { question }) };
  }

  details(limit: number): JsonObject {
    const { warnings, paths } = this.errors(limit);
    const indexedFolders = this.#ports.store.folders;
    return { warnings, paths: paths.map((one) => ({ ...one })), dirty: this.#dirty.size, indexedFolders };
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#turn(signal);
        failures = 0;
        await this.#rest(this.#restMs(), signal, true);
      } catch {
        // Already noted by the pass. An event must not shorten this wait: the other side may be away for long.
        failures += 1;
        const backoffMs = Math.min(longestBackoffMs, shortestBackoffMs * 2 ** Math.min(failures - 1, 10));
        await this.#rest(backoffMs, signal, false);
      }
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const nowMs = this.#ports.clock.monotonicMs();
    if (this.#fullDueAtMs() <= nowMs) {
      if (this.#watch.doubt !== "") await this.#watch.reopen(signal);
      await this.#fullPass({ isAtRest: false, hasContent: this.#times.isContentDue(this.#lastFullAtMs) }, signal);
      return;
    }
    const due = this.#takeDue(nowMs);
    if (due.size > 0) await this.#partialPass(due, signal);
    else if (nowMs - this.#lastConfirmedAtMs >= confirmEveryMs) await this.#confirm(signal);
  }

  #takeDue(nowMs: number): Map<string, number> {
    const due = this.#dirty.takeDue(nowMs, listPaths);
    for (const [path, untilMs] of this.#halves?.holdBack(due, nowMs) ?? []) {
      this.#dirty.hold(path, due.get(path) ?? nowMs, untilMs);
      due.delete(path);
    }
    return due;
  }

  #fullDueAtMs(): number {
    const periodic = this.#times.dueAtMs(this.#lastFullAtMs);
    if (this.#watch.doubt !== "") return Math.min(periodic, this.#lastFullAtMs + uncertainEveryMs);
    if (!this.#dirty.isOverflown) return periodic;
    const restMs = Math.max(overflowEveryMs, this.#lastLookMs * overflowRests);
    return Math.min(periodic, this.#lastFullAtMs + restMs);
  }

  #restMs(): number {
    const next = Math.min(
      this.#fullDueAtMs(),
      this.#dirty.nextDueAtMs ?? Infinity,
      this.#lastConfirmedAtMs + confirmEveryMs,
    );
    return Math.max(0, next - this.#ports.clock.monotonicMs());
  }

  async #rest(ms: number, signal: AbortSignal, isWakeable: boolean): Promise<void> {
    if (ms === 0 || signal.aborted) return;
    this.#wake = new AbortController();
    const until = isWakeable ? AbortSignal.any([signal, this.#wake.signal]) : signal;
    // Rejects only because it was woken or stopped; the loop looks which.
    await this.#ports.clock.sleep(ms, until).catch(() => undefined);
  }

  #fullPass(how: AnalysisKind, signal: AbortSignal, onProgress?: OnProgress): Promise<PassResult> {
    return this.#passes.run(async () => {
      const startedAtMs = this.#ports.clock.monotonicMs();
      const { doubt } = this.#watch;
      const oldestMs = this.#dirty.clear();
      this.#facts = { ...this.#facts, isAnalysing: true, hasContent: how.hasContent };
      try {
        const all = new Map([["", wholeAtMs(this.#facts, this.#ports.clock)]]);
        const peer = this.#peer(signal);
        const wishes = { signal, peer, overtaking: undefined, onProgress: onProgress ?? ignore };
        const result = await this.#pass(all, { ...how, ...wishes });
        if (result === undefined) throw new Error("a full analysis is never too large");
        this.#lastFullAtMs = startedAtMs;
        await this.#ports.mountPoints.set(this.#settings.name, this.#settings.path, this.#safety.known);
        await this.#times.noteDone(how.hasContent, startedAtMs);
        this.#lastLookMs = result.lookMs ?? 0;
        this.#watch.noteAnalysed(doubt, startedAtMs);
        const lastFullAnalysisAtMs = this.#toWall(startedAtMs);
        this.#facts = { ...this.#facts, lastFullAnalysisAtMs, differencesFound: result.changes };
        await this.#settle(startedAtMs, signal);
        return result;
      } catch (error) {
        this.#watch.noteUnfinished(oldestMs === 0 ? startedAtMs : oldestMs);
        this.#lastFullAtMs = -Infinity;
        throw this.#noteFailure(error, signal);
      } finally {
        this.#facts = { ...this.#facts, isAnalysing: false, progress: nothingDone };
      }
    });
  }

  #partialPass(due: ReadonlyMap<string, number>, signal: AbortSignal): Promise<void> {
    return this.#passes.run(async () => {
      const startedAtMs = this.#ports.clock.monotonicMs();
      const peer = this.#peer(signal);
      const overtaking = new Overtaking({
        clock: this.#ports.clock,
        takeDue: () => (this.#watch.doubt === "" ? this.#takeDue(this.#ports.clock.monotonicMs()) : new Map()),
        putBack: (path, firstAtMs, dueAtMs) => {
          this.#dirty.putBack(path, firstAtMs, dueAtMs);
        },
        bringOver: async (more) => {
          await this.#bringOver(more, { ...usualAnalysis, signal, peer: peer.within(), overtaking });
        },
      });
      try {
        const how = { ...usualAnalysis, signal, peer, overtaking, onProgress: ignore };
        const isDone = await this.#bringOver(due, how).finally(() => {
          overtaking.end();
        });
        if (isDone) await this.#settle(startedAtMs - watchLatencyMs, signal);
      } catch (error) {
        throw this.#noteFailure(error, signal);
      } finally {
        this.#facts = { ...this.#facts, progress: nothingDone };
      }
    });
  }

  /** False where only a full analysis can do it. What was not brought over is put back. */
  async #bringOver(due: ReadonlyMap<string, number>, how: PassHow): Promise<boolean> {
    const startedAtMs = this.#ports.clock.monotonicMs();
    try {
      const burst = { ...this.#ports, root: this.#settings.path, dirty: this.#dirty, memory: this.#memory };
      const isDoubtful = await isBurstDoubtful(due, burst);
      if (!isDoubtful && (await this.#pass(due, how)) !== undefined) return true;
      this.#putBack(due, startedAtMs);
      this.#watch.noteDoubt(isDoubtful ? goneDoubt : "more was changed at once than can be looked at in part");
      return false;
    } catch (error) {
      this.#putBack(due, startedAtMs);
      // A veto over some paths: only the whole folder can tell.
      if (errorCode(error) === "FILE_VETO") this.#watch.noteDoubt(goneDoubt);
      throw error;
    }
  }

  #putBack(due: ReadonlyMap<string, number>, dueAtMs: number): void {
    for (const [path, firstAtMs] of due) this.#dirty.putBack(path, firstAtMs, dueAtMs);
  }

  async #confirm(signal: AbortSignal): Promise<void> {
    const startedAtMs = this.#ports.clock.monotonicMs();
    try {
      await this.#passes.run(() => this.#settle(startedAtMs - watchLatencyMs, signal));
    } catch (error) {
      throw this.#noteFailure(error, signal);
    }
  }

  /** Undefined when there is too much below the paths for anything but a full analysis. */
  async #pass(noticed: ReadonlyMap<string, number>, how: PassHow): Promise<PassResult | undefined> {
    const { onProgress, ...rest } = how;
    const paths = [...noticed.keys()];
    const { clock, random, store, limits } = this.#ports;
    const ports: PassPorts = {
      root: this.#settings.path,
      rules: this.#rules,
      safety: this.#safety,
      ...rest,
      store,
      clock,
      random,
      limits,
      bandwidth: this.#bandwidth,
      keepsReplaced: this.#settings.keepDeletedDays > 0,
      onProgress: (progress) => {
        if (onProgress === undefined) return;
        this.#facts = { ...this.#facts, progress };
        onProgress({ item: this.#settings.name, done: progress.done, total: progress.total });
      },
    };
    this.#safety.requireRoot();
    const isFull = paths.includes("");
    const before = this.#memory;
    const result = await (isFull ? runFullPass(before, ports) : runPartialPass(paths, before, ports));
    if (result === undefined) return undefined;
    if (isFull) this.#safety.noteWhole();
    // With what has overtaken it.
    const filesNow = result.memory.filesNow + this.#memory.filesNow - before.filesNow;
    this.#memory = { ...result.memory, filesNow };
    for (const { from, to } of result.moved ?? []) this.#dirty.noteMoved(from, to);
    noteProblems(noticed, result, this.#problems);
    // Without a watch the next analysis finds the rest.
    if (this.#settings.watch) this.#dirty.noteGrown(result.grown, this.#ports.clock.monotonicMs());
    if (result.system !== undefined) this.#noteSystem(result.system);
    this.#facts = {
      ...this.#facts,
      changesApplied: this.#facts.changesApplied + result.changes,
      bytesApplied: this.#facts.bytesApplied + result.bytes,
      space: result.space ?? this.#facts.space,
    };
    return result;
  }

  get #problems(): ProblemPorts {
    return { ...this.#ports, settings: this.#settings, failing: this.#failing, dirty: this.#dirty };
  }

  #peer(signal: AbortSignal): TargetPeer {
    const folder = { folder: this.#settings.name, epoch: this.#epoch, rules: this.#rules.digest };
    return new TargetPeer(this.#ports.link, folder, signal);
  }

  /** Told once, and again when it changes. */
  #noteSystem(system: FolderSystem): void {
    const isKnown = JSON.stringify(system) === JSON.stringify(this.#facts.targetSystem);
    const unkept = findUnkept(ownSystem(), system);
    this.#facts = { ...this.#facts, targetSystem: system };
    if (!isKnown && unkept.length > 0) {
      this.#ports.log.warn("files-target-keeps-less", { folder: this.#settings.name, unkept: [...unkept] });
    }
  }

  /** Tells the target up to when it holds everything: no later than the oldest change that is still on its way. */
  async #settle(upToMs: number, signal: AbortSignal): Promise<void> {
    this.#watch.check();
    const { doubt, doubtSinceMs, isComplete: isWatched } = this.#watch;
    const known = this.#lastFullAtMs > -Infinity && (isWatched || upToMs === this.#lastFullAtMs);
    const oldestMs = this.#oldestMarkMs() ?? Infinity;
    const safeMs = Math.min(upToMs, oldestMs - watchLatencyMs, doubt === "" ? Infinity : doubtSinceMs);
    const completeUpToMs = known
      ? Math.max(this.#facts.completeUpToMs, this.#toWall(safeMs))
      : this.#facts.completeUpToMs;
    const isAnalysed = this.#lastFullAtMs > -Infinity;
    const isComplete = this.#facts.isComplete || (isAnalysed && this.#failing.isSettled);
    this.#facts = { ...this.#facts, isComplete };
    const { lastFullAnalysisAtMs } = this.#facts;
    const open = encodeOpenPaths(this.#failing.open);
    const isNews = isAnalysed && this.#openSaid?.equals(open) !== true;
    await this.#peer(signal).settle({ completeUpToMs, lastFullAnalysisAtMs, isComplete }, isNews ? open : undefined);
    if (isNews) this.#openSaid = open;
    await this.#ports.settled.set({ epoch: this.#epoch, completeUpToMs, lastFullAnalysisAtMs, isComplete });
    this.#lastConfirmedAtMs = this.#ports.clock.monotonicMs();
    this.#noteSuccess(completeUpToMs);
  }

  #noteSuccess(completeUpToMs: number): void {
    if (this.#facts.failure !== undefined) this.#ports.log.info("files-pass-works", { folder: this.#settings.name });
    this.#facts = { ...this.#facts, completeUpToMs, lastSuccessAtMs: this.#ports.clock.wallMs(), failure: undefined };
  }

  #noteFailure(thrown: unknown, signal: AbortSignal): AppError {
    const { failure, code } = nameFailure(thrown, signal);
    if (signal.aborted) return failure;
    // The target has another folder than the one that was compared, or had: what it holds now only a full analysis can tell.
    if (code === "FILE_VETO" && failure.code !== code) this.#watch.noteDoubt("the target's folder was in doubt");
    if (this.#facts.failure?.code !== code) {
      this.#ports.log.warn("files-pass-failed", { folder: this.#settings.name, code, because: failure.message });
    }
    this.#facts = { ...this.#facts, failure: { code, because: failure.message } };
    return failure;
  }

  #oldestPendingMs(): number | undefined {
    const marked = this.#oldestMarkMs();
    const { doubt, doubtSinceMs } = this.#watch;
    if (doubt === "" || this.#lastFullAtMs >= doubtSinceMs) return marked;
    return Math.min(marked ?? doubtSinceMs, doubtSinceMs);
  }

  #oldestMarkMs(): number | undefined {
    const dirtySinceMs = this.#dirty.size === 0 ? Infinity : this.#dirty.oldestAtMs;
    const oldestMs = Math.min(dirtySinceMs, this.#failing.oldestSinceMs ?? Infinity);
    return oldestMs === Infinity ? undefined : oldestMs;
  }

  #toWall(monotonicMs: number): number {
    return Math.round(this.#ports.clock.wallMs() - (this.#ports.clock.monotonicMs() - monotonicMs));
  }
}

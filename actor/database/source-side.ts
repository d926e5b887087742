import { errorCode } from "../../shared/core/app-error.js";
import type { RangeCheck } from "../core/verification.js";
import type { DrainResult, SyncProgress } from "../sync-part.js";
import { JournalReader, type SentPoint } from "./journal-reader.js";
import type { JournalWatch } from "./journal-watch.js";
import type { Prepared, SideIo } from "./side.js";
import type { SourceView } from "./sync-status.js";

/** Beyond this the exact number of waiting changes no longer matters to anybody, and counting would cost. */
const largestCount = 1_000_000;
/** How often an idle source tells the target that it is up to date: the target must know its recovery point. */
const announceEveryMs = 1_000;

/** What a source does, for one role and one schema: counts, sends, keeps its journal bounded. Not to be entered twice at a time. */
export class SourceSide {
  readonly #io: SideIo;
  readonly #reader: JournalReader;
  readonly #journal: JournalWatch;
  readonly #view: SourceView;
  readonly #prepared: Prepared;
  #announcedAtMs = 0;

  constructor(io: SideIo, prepared: Prepared, journal: JournalWatch, view: SourceView) {
    this.#io = io;
    this.#prepared = prepared;
    this.#journal = journal;
    this.#view = view;
    this.#reader = new JournalReader(io, prepared, (copy) => {
      view.copy = copy;
    });
  }

  get isTargetComplete(): boolean {
    return this.#reader.isTargetComplete;
  }

  /** Counts what waits; the time returned is one before which everything committed was counted. */
  async count(signal: AbortSignal): Promise<number> {
    const { clock, engine } = this.#io;
    const nowMs = clock.wallMs();
    this.#view.pending = await engine.countPending(largestCount, signal);
    if (this.#view.pending === 0) this.#view.firstSeenAtMs = 0;
    else if (this.#view.firstSeenAtMs === 0) this.#view.firstSeenAtMs = nowMs;
    await this.#journal.measure(signal);
    return nowMs;
  }

  /** What the loop does: sends what waits, or says that nothing does. */
  async sendPending(countedAtMs: number, signal: AbortSignal): Promise<void> {
    await this.#orGiveUp(async () => {
      await this.#resumeWhenReachable(signal);
      await this.#reader.openSession(signal);
      if (this.#view.pending > 0 || !this.#reader.isTargetComplete) await this.send(signal);
      else await this.#announce(countedAtMs, signal);
    }, signal);
  }

  /** One point, whatever waits. */
  async sendOnce(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult> {
    return this.#orGiveUp(async () => {
      await this.#resumeWhenReachable(signal);
      return this.send(signal, [], onProgress);
    }, signal);
  }

  async send(
    signal: AbortSignal,
    checks: readonly RangeCheck[] = [],
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<SentPoint> {
    await this.#reader.openSession(signal, onProgress);
    const startedAtMs = this.#io.clock.wallMs();
    const sent = await this.#reader.sendPoint(signal, checks, onProgress);
    this.#view.changes += sent.changesSent;
    this.#view.bytes += sent.bytesSent;
    this.#view.completeUpToMs = Math.max(this.#view.completeUpToMs, startedAtMs);
    this.#view.lastSuccessAtMs = this.#io.clock.wallMs();
    await this.count(signal);
    return sent;
  }

  /** Copies everything, or these tables, with the next point. */
  async requestCopy(tables: readonly string[] | undefined, signal: AbortSignal): Promise<void> {
    if (await this.#journal.isOff(signal)) await this.#resumeCapture(signal);
    await this.#io.engine.requestCopy(tables, signal);
    this.#reader.forgetSession();
  }

  async declareSame(isVerified: boolean, signal: AbortSignal): Promise<void> {
    await this.#reader.declareSame(isVerified, signal);
  }

  /** See SyncPart.compareReturned. */
  async writeUnshipped(signal: AbortSignal): Promise<void> {
    await this.#reader.writeUnshipped(signal);
  }

  /** A source that does not send only has its journal to look after. */
  async journalOnly(signal: AbortSignal): Promise<void> {
    await this.#journal.giveUpWhenFull(signal);
  }

  async #announce(countedAtMs: number, signal: AbortSignal): Promise<void> {
    if (countedAtMs - this.#announcedAtMs >= announceEveryMs) {
      await this.#reader.announceCurrent(countedAtMs, signal);
      this.#announcedAtMs = countedAtMs;
    }
    this.#view.completeUpToMs = Math.max(this.#view.completeUpToMs, countedAtMs);
    this.#view.lastSuccessAtMs = countedAtMs;
  }

  /** A journal that nobody takes is given up at its limit; as long as points go through, its size is no reason. */
  async #orGiveUp<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (errorCode(error) === "ABORTED") throw error;
      if (await this.#journal.giveUpWhenFull(signal)) this.#reader.forgetSession();
      await this.#journal.refuseWhenOff(signal);
      throw error;
    }
  }

  /** Journalling begins again when there is a target to fill; until then the journal would only fill up once more. */
  async #resumeWhenReachable(signal: AbortSignal): Promise<void> {
    if (!(await this.#journal.isOff(signal))) return;
    if (!this.#io.settings.reinitialiseOnError) await this.#journal.refuseWhenOff(signal);
    await this.#reader.askPosition(signal);
    await this.#resumeCapture(signal);
  }

  async #resumeCapture(signal: AbortSignal): Promise<void> {
    await this.#io.engine.install(this.#prepared.tables, signal);
    this.#journal.forget();
    this.#reader.forgetSession();
  }
}

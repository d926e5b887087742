import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { CountedSides } from "../core/unseen-writes.js";
import type { RangeCheck } from "../core/verification.js";
import type { DrainResult, SyncProgress } from "../sync-part.js";
import { compareSizes } from "./compare-sizes.js";
import { JournalReader, type SentPoint } from "./journal-reader.js";
import type { JournalWatch } from "./journal-watch.js";
import type { Prepared, SideIo } from "./side.js";
import type { SourceView } from "./sync-status.js";

/** Beyond this the exact number of waiting changes no longer matters to anybody, and counting would cost. */
const largestCount = 1_000_000;
/** How often what waits is counted: every cycle would cost more than the cycle. */
const countEveryMs = 1_000;
/** How often an idle source tells the target that it is up to date: the target must know its recovery point. */
const announceEveryMs = 1_000;
/** How often the journal is looked at while a copy is under way. */
const lookDuringCopyMs = 2_000;
/** How often is asked whether sequences have moved, which nothing journals; each of them costs a look. */
const sequencesEveryMs = 1_000;
/** How often the sizes of both sides are compared, and how soon again when the target did not answer. */
const compareSizesEveryMs = 600_000;
const compareSizesAgainMs = 60_000;

/** What a source does, for one role and one schema: counts, sends, keeps its journal bounded. Not to be entered twice at a time. */
export class SourceSide {
  readonly #io: SideIo;
  readonly #reader: JournalReader;
  readonly #journal: JournalWatch;
  readonly #view: SourceView;
  readonly #prepared: Prepared;
  #announcedAtMs = 0;
  #sequencesAtMs = -Infinity;
  #countedAtMs = -Infinity;
  #sizesDueAtMs = -Infinity;

  constructor(io: SideIo, prepared: Prepared, journal: JournalWatch, view: SourceView) {
    this.#io = io;
    this.#prepared = prepared;
    this.#journal = journal;
    this.#view = view;
    this.#reader = new JournalReader(io, prepared, view);
  }

  get isTargetComplete(): boolean {
    return this.#reader.isTargetComplete;
  }

  /** Counts what waits, if it was not counted just now. */
  async countWhenDue(signal: AbortSignal): Promise<void> {
    if (this.#io.clock.monotonicMs() - this.#countedAtMs >= countEveryMs) await this.#count(signal);
  }

  async #count(signal: AbortSignal): Promise<void> {
    const { clock, engine } = this.#io;
    const nowMs = clock.wallMs();
    this.#notePending(await engine.countPending(largestCount, signal), nowMs);
    this.#countedAtMs = clock.monotonicMs();
    await this.#journal.measure(signal);
  }

  #notePending(pending: number, nowMs: number): void {
    this.#view.pending = pending;
    if (pending === 0) this.#view.firstSeenAtMs = 0;
    else if (this.#view.firstSeenAtMs === 0) this.#view.firstSeenAtMs = nowMs;
  }

  /** What the loop does: sends what waits, or says that nothing does. */
  async sendPending(signal: AbortSignal): Promise<void> {
    await this.#orGiveUp(async (both) => {
      await this.#compareSizesWhenDue(both);
      await this.#resumeWhenReachable(both);
      // Everything committed before this is in the snapshot that is read next.
      const nowMs = this.#io.clock.wallMs();
      const isSentEmpty = await this.#haveSequencesMovedWhenDue(nowMs, both);
      const sent = await this.#sendPoint({ checks: [], isSentEmpty }, both);
      this.#notePending(0, nowMs);
      if (sent) await this.countWhenDue(both);
      else await this.#announce(nowMs, both);
    }, signal);
  }

  /** One point, whatever waits. */
  async sendOnce(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult> {
    return this.#orGiveUp(async (both) => {
      await this.#resumeWhenReachable(both);
      return this.send(both, [], onProgress);
    }, signal);
  }

  /** One point, whatever waits, with these ranges to compare. */
  async send(
    signal: AbortSignal,
    checks: readonly RangeCheck[] = [],
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<SentPoint> {
    const sent = await this.#sendPoint({ checks, isSentEmpty: true }, signal, onProgress);
    if (!sent) throw new AppError("UNEXPECTED", `database ${this.#io.settings.name}: a point was not sent`);
    await this.#count(signal);
    return sent;
  }

  async #sendPoint(
    wanted: { readonly checks: readonly RangeCheck[]; readonly isSentEmpty: boolean },
    signal: AbortSignal,
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<SentPoint | undefined> {
    await this.#reader.openSession(signal, onProgress);
    const startedAtMs = this.#io.clock.wallMs();
    const sent = await this.#reader.sendPoint(wanted, signal, onProgress);
    if (!sent) return undefined;
    this.#view.changes += sent.changesSent;
    this.#view.bytes += sent.bytesSent;
    this.#view.completeUpToMs = Math.max(this.#view.completeUpToMs, startedAtMs);
    this.#view.lastSuccessAtMs = this.#io.clock.wallMs();
    return sent;
  }

  /** Copies everything, or these tables, with the next point. */
  async requestCopy(tables: readonly string[] | undefined, signal: AbortSignal): Promise<void> {
    if (await this.#journal.isOff(signal)) await this.#resumeCapture(signal);
    await this.#io.engine.requestCopy(tables, signal);
    this.#reader.forgetSession();
  }

  async declareSame(isVerified: boolean, signal: AbortSignal): Promise<void> {
    // Nothing is journalled any more: what is written after the comparison would never be sent.
    await this.#journal.refuseWhenOff(signal);
    await this.#reader.declareSame(isVerified, signal);
  }

  /** See JournalReader.countRows. */
  countRows(tables: readonly string[] | undefined, signal: AbortSignal): Promise<CountedSides | undefined> {
    return this.#reader.countRows(tables, signal);
  }

  /** See SyncPart.compareReturned. */
  async writeUnshipped(signal: AbortSignal): Promise<void> {
    await this.#reader.writeUnshipped(signal);
  }

  /** A source that does not send only has its journal to look after. */
  async journalOnly(signal: AbortSignal): Promise<void> {
    await this.#journal.giveUpWhenFull(signal);
  }

  async #haveSequencesMovedWhenDue(nowMs: number, signal: AbortSignal): Promise<boolean> {
    if (nowMs - this.#sequencesAtMs < sequencesEveryMs) return false;
    this.#sequencesAtMs = nowMs;
    return this.#reader.haveSequencesMoved(signal);
  }

  async #announce(nowMs: number, signal: AbortSignal): Promise<void> {
    if (nowMs - this.#announcedAtMs >= announceEveryMs) {
      await this.#reader.announceCurrent(nowMs, signal);
      this.#announcedAtMs = nowMs;
    }
    this.#view.completeUpToMs = Math.max(this.#view.completeUpToMs, nowMs);
    this.#view.lastSuccessAtMs = nowMs;
  }

  /** Before a copy begins, so that `sparesync check` can say that it will not fit. What fails here is no problem of the database. */
  async #compareSizesWhenDue(signal: AbortSignal): Promise<void> {
    const { clock, log, settings } = this.#io;
    const nowMs = clock.monotonicMs();
    if (nowMs < this.#sizesDueAtMs) return;
    this.#sizesDueAtMs = nowMs + compareSizesAgainMs;
    try {
      this.#view.space = await compareSizes(this.#io, this.#prepared.epoch, signal);
      this.#sizesDueAtMs = nowMs + compareSizesEveryMs;
    } catch (error) {
      log.debug("database-sizes-not-compared", { database: settings.name, because: errorMessage(error) });
    }
  }

  /** A journal that nobody takes is given up at its limit; as long as points go through, its size is no reason. */
  async #orGiveUp<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const ended = new AbortController();
    const full = new AbortController();
    const watching = this.#watchCopy(full, AbortSignal.any([signal, ended.signal]));
    try {
      return await work(AbortSignal.any([signal, full.signal]));
    } catch (error) {
      if (errorCode(error) === "ABORTED" && !full.signal.aborted) throw error;
      if (await this.#journal.giveUpWhenFull(signal)) this.#reader.forgetSession();
      await this.#journal.refuseWhenOff(signal);
      throw error;
    } finally {
      ended.abort();
      await watching;
    }
  }

  /** No point is sent during a copy, and so nothing is trimmed: what it takes to be full then is looked at meanwhile. */
  async #watchCopy(full: AbortController, signal: AbortSignal): Promise<void> {
    const { clock, log, settings } = this.#io;
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      await clock.sleep(lookDuringCopyMs, signal).catch(() => undefined);
      if (isOver() || !this.#view.copy) continue;
      try {
        await this.#count(signal);
        if (!(await this.#journal.giveUpWhenFull(signal))) continue;
        this.#reader.forgetSession();
        full.abort();
      } catch (error) {
        log.debug("database-journal-not-measured", { database: settings.name, because: errorMessage(error) });
      }
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

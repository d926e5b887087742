import { reinitialisationRequired } from "./prepare-role.js";
import type { DatabaseEngine, StoredSize } from "./engine.js";
import type { SideIo } from "./side.js";

/** Measuring costs a look at every journal; a journal does not fill a disk within this. */
const measureEveryMs = 2_000;

/** What the watch needs of a side. */
export interface JournalWatchIo extends Pick<SideIo, "settings" | "clock" | "log"> {
  readonly engine: Pick<DatabaseEngine, "journalSize" | "readState" | "stopCapture">;
}

export type JournalView = StoredSize;

/** At least half of a journal at its limit must be rows: the room of those that were trimmed is used again. */
function isFull({ bytes, usedBytes = bytes }: StoredSize, limitBytes: number): boolean {
  return bytes >= limitBytes && usedBytes * 2 >= limitBytes;
}

/**
 * Keeps the journal bounded. The application is never stopped by it: at the limit journalling ends, what was journalled
 * is thrown away, and the target needs a copy.
 */
export class JournalWatch {
  readonly #io: JournalWatchIo;
  #view: JournalView = { rows: 0, bytes: 0 };
  #measuredAtMs = -Infinity;
  #isOff: boolean | undefined;

  constructor(io: JournalWatchIo) {
    this.#io = io;
  }

  get view(): JournalView {
    return this.#view;
  }

  /** What was known of the journal is no longer sure. */
  forget(): void {
    this.#isOff = undefined;
    this.#measuredAtMs = -Infinity;
  }

  async measure(signal: AbortSignal): Promise<void> {
    const nowMs = this.#io.clock.monotonicMs();
    if (nowMs - this.#measuredAtMs < measureEveryMs) return;
    this.#view = await this.#io.engine.journalSize(signal);
    this.#measuredAtMs = nowMs;
  }

  /** Ends journalling when the journal is at its limit; true when it has just done so. */
  async giveUpWhenFull(signal: AbortSignal): Promise<boolean> {
    const { engine, settings, log } = this.#io;
    const isOff = await this.isOff(signal);
    this.#view = await engine.journalSize(signal);
    if (isOff) {
      await this.#finishGivingUp(signal);
      return false;
    }
    if (!isFull(this.#view, settings.journalLimitBytes)) return false;
    const because = `the journal had reached ${String(this.#view.bytes)} bytes, its limit is ${String(settings.journalLimitBytes)}`;
    // It is noted first and done table by table: after a failure in between it is off, and not yet done everywhere.
    this.forget();
    await engine.stopCapture(because, signal);
    log.error("database-journal-given-up", { database: settings.name, because });
    return true;
  }

  /** Journals that still fill belong to tables that were in use when journalling was to end. */
  async #finishGivingUp(signal: AbortSignal): Promise<void> {
    if (this.#view.rows === 0) return;
    const { captureOffBecause } = await this.#io.engine.readState(signal);
    await this.#io.engine.stopCapture(captureOffBecause, signal);
    this.#view = { rows: 0, bytes: 0 };
  }

  async isOff(signal: AbortSignal): Promise<boolean> {
    this.#isOff ??= (await this.#io.engine.readState(signal)).captureOffBecause !== "";
    return this.#isOff;
  }

  /** Rejects with REINITIALISATION_REQUIRED while nothing is journalled. */
  async refuseWhenOff(signal: AbortSignal): Promise<void> {
    if (!(await this.isOff(signal))) return;
    const { captureOffBecause } = await this.#io.engine.readState(signal);
    throw reinitialisationRequired(this.#io.settings.name, captureOffBecause);
  }
}

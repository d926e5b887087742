import { AppError, errorMessage } from "../../shared/core/app-error.js";
import { tableLabel } from "../core/journal-schema.js";
import type { SideIo } from "./side.js";
import {
  verifyDatabase,
  type VerificationReport,
  type VerificationRequest,
  type VerifierIo,
} from "./verify-database.js";

export interface VerificationView {
  readonly isRunning: boolean;
  readonly table: string;
  readonly rows: number;
  /** Of the verification that runs, or of the last one. */
  readonly differences: number;
  readonly verifiedAtMs: number;
  /** Tables that were too large for one reading, as far as is known. */
  readonly unverified: readonly string[];
}

/**
 * Points wait while a table without a key is read, for it is one range. A third of what the target is given to answer: its server
 * may be slower than this one.
 */
export const readingLimitMs = 100_000;

/** What waited while the actor was down goes first. */
const restMs = 15 * 60_000;

/** What is compared, over which link, and how long one reading of it may be. */
export type VerifiedSide = Pick<VerifierIo, "tables" | "send" | "readingLimitMs">;

/** When the two sides were compared, and when they are to be again. One comparison at a time. */
export class VerificationSchedule {
  readonly #io: SideIo;
  #view: Omit<VerificationView, "unverified"> = {
    isRunning: false,
    table: "",
    rows: 0,
    differences: 0,
    verifiedAtMs: 0,
  };
  /** Tables that could not be read within the limit: they are left alone until somebody asks, or the next round. */
  #tooLarge: ReadonlySet<string> = new Set();
  #beganAtMs = 0;
  #triedAtMs = 0;

  constructor(io: SideIo) {
    this.#io = io;
  }

  get view(): VerificationView {
    return { ...this.#view, unverified: [...this.#tooLarge] };
  }

  /** A role begins; what the database says of the last verification counts. */
  begin(verifiedAtMs: number): void {
    this.#beganAtMs = this.#io.clock.wallMs();
    this.#view = { ...this.#view, verifiedAtMs };
  }

  /** Counted from the last verification, over restarts; a role that has just begun is left in peace for a while. */
  isDue(): boolean {
    const nowMs = this.#io.clock.wallMs();
    const periodMs = this.#io.settings.verificationSeconds * 1000;
    if (periodMs <= 0 || this.#view.isRunning) return false;
    const isRested = nowMs - this.#beganAtMs >= Math.min(periodMs, restMs);
    return isRested && nowMs - Math.max(this.#view.verifiedAtMs, this.#triedAtMs) >= periodMs;
  }

  /** One that nobody asked for, as the settings say; what breaks it off is told in the log. */
  async verifyAsScheduled(side: VerifiedSide, signal: AbortSignal): Promise<void> {
    const { settings, log } = this.#io;
    const request = { isRepairing: settings.repairDifferences, loadPercent: settings.verificationLoadPercent };
    await this.verify(side, request, signal).catch((error: unknown) => {
      log.warn("database-verification-broken-off", { database: settings.name, because: errorMessage(error) });
    });
  }

  /**
   * These tables at once, also while a verification runs; repaired as the settings say. Without a limit also those that were too
   * large before.
   */
  async verifyTables(side: VerifiedSide, labels: readonly string[], signal: AbortSignal): Promise<void> {
    const { engine, clock, log, settings } = this.#io;
    const database = settings.name;
    const isLeftOut = (label: string): boolean => side.readingLimitMs !== undefined && this.#tooLarge.has(label);
    const wanted = labels.filter((label) => !isLeftOut(label));
    if (wanted.length === 0) return;
    const tables = side.tables.filter((table) => wanted.includes(tableLabel(table)));
    const io = { engine, clock, log, database, onProgress: () => undefined, ...side, tables };
    const request = { isRepairing: settings.repairDifferences, loadPercent: 100 };
    const { rows, differences, repaired, unverified } = await verifyDatabase(io, request, signal);
    this.#tooLarge = new Set([...this.#tooLarge, ...unverified]);
    if (!this.#view.isRunning) this.#view = { ...this.#view, differences };
    log.info("database-tables-verified", { database, tables: wanted, rows, differences, repaired });
  }

  async verify(side: VerifiedSide, request: VerificationRequest, signal: AbortSignal): Promise<VerificationReport> {
    const { engine, clock, log, settings } = this.#io;
    const database = settings.name;
    if (this.#view.isRunning) {
      throw new AppError("OPERATION_RUNNING", `database ${database}: a verification runs already`);
    }
    this.#triedAtMs = clock.wallMs();
    this.#view = { ...this.#view, isRunning: true, table: "", rows: 0, differences: 0 };
    log.info("database-verification-begun", { database });
    try {
      const onProgress: VerifierIo["onProgress"] = (progress) => {
        this.#view = { ...this.#view, ...progress };
      };
      const io = { engine, clock, log, database, onProgress, ...side };
      const report = await verifyDatabase(io, request, signal);
      const verifiedAtMs = clock.wallMs();
      this.#tooLarge = new Set(report.unverified);
      // Only what is equal now is verified: what was found and not mended is not, nor what could not be read.
      if (report.differences === report.repaired && report.unverified.length === 0) {
        await engine.noteVerified(verifiedAtMs, signal);
        this.#view = { ...this.#view, verifiedAtMs };
      }
      const { rows, differences, repaired, unverified } = report;
      log[differences > 0 ? "error" : "info"]("database-verified", {
        database,
        rows,
        differences,
        repaired,
        unverified: [...unverified],
      });
      return report;
    } finally {
      this.#view = { ...this.#view, isRunning: false };
    }
  }
}

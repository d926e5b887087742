import type { ClockPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import { errorMessage } from "../../shared/core/app-error.js";
import { tablesWithUnseenWrites, type CountedSides } from "../core/unseen-writes.js";

/** What no trigger saw is to be on the target within a minute. */
const lookEveryMs = 20_000;
/** Where looking takes long, it takes no more than this share of the time. */
const largestShare = 0.05;
/** A table that was looked into is left alone for so long, and then for twice as long each time, as long as its numbers differ. */
const firstRestMs = 60_000;
const longestRestMs = 3_600_000;

export interface UnseenWritesIo {
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  readonly database: string;
}

/** What a look asks for. */
export interface UnseenWritesSides {
  /**
   * Rows of both sides: of these tables exactly, else of all of them as the servers keep count of them themselves.
   * undefined when that cannot be said now.
   */
  readonly count: (tables: readonly string[] | undefined) => Promise<CountedSides | undefined>;
  /** Compares these tables row by row, and repairs them if that is set. */
  readonly verify: (tables: readonly string[]) => Promise<unknown>;
}

interface Rest {
  readonly untilMs: number;
  readonly forMs: number;
}

/**
 * Looks for what the triggers did not see (TRUNCATE, a bulk load past them, a partition that was switched) by the number
 * of rows on both sides. What the servers count by themselves is cheap and includes what is not committed, so it only
 * raises a suspicion; an exact count as of one moment proves it. One look at a time.
 */
export class UnseenWrites {
  readonly #io: UnseenWritesIo;
  readonly #rests = new Map<string, Rest>();
  #dueAtMs = -Infinity;
  #isLooking = false;

  constructor(io: UnseenWritesIo) {
    this.#io = io;
  }

  isDue(): boolean {
    return !this.#isLooking && this.#io.clock.monotonicMs() >= this.#dueAtMs;
  }

  /** Never rejects: what fails is looked at again. */
  async look(sides: UnseenWritesSides, signal: AbortSignal): Promise<void> {
    const { clock, log, database } = this.#io;
    const startedMs = clock.monotonicMs();
    this.#isLooking = true;
    try {
      const tables = await this.#find(sides);
      const tookMs = clock.monotonicMs() - startedMs;
      this.#dueAtMs = clock.monotonicMs() + Math.max(lookEveryMs, tookMs / largestShare - tookMs);
      if (tables.length === 0) return;
      log.error("database-unseen-writes", { database, tables: [...tables] });
      await sides.verify(tables);
    } catch (error) {
      this.#dueAtMs = clock.monotonicMs() + lookEveryMs;
      if (!signal.aborted)
        log.warn("database-unseen-writes-not-looked-for", { database, because: errorMessage(error) });
    } finally {
      this.#isLooking = false;
    }
  }

  async #find({ count }: UnseenWritesSides): Promise<readonly string[]> {
    const estimated = await count(undefined);
    if (!estimated) return [];
    const different = new Set(tablesWithUnseenWrites(estimated));
    for (const table of this.#rests.keys()) if (!different.has(table)) this.#rests.delete(table);
    const nowMs = this.#io.clock.monotonicMs();
    const suspects = [...different].filter((table) => nowMs >= (this.#rests.get(table)?.untilMs ?? nowMs));
    for (const table of suspects) {
      const before = this.#rests.get(table)?.forMs;
      const forMs = before === undefined ? firstRestMs : Math.min(longestRestMs, before * 2);
      this.#rests.set(table, { untilMs: nowMs + forMs, forMs });
    }
    return prove(count, suspects);
  }
}

type Count = UnseenWritesSides["count"];

/** Looks once, whatever was found before: tables in which something was written that no trigger saw. */
export async function findUnseenWrites(count: Count): Promise<readonly string[]> {
  const estimated = await count(undefined);
  return estimated ? prove(count, tablesWithUnseenWrites(estimated)) : [];
}

/** Of the tables whose numbers of rows differ by the servers' own account, those of which that is so. */
async function prove(count: Count, suspects: readonly string[]): Promise<readonly string[]> {
  if (suspects.length === 0) return [];
  const counted = await count(suspects);
  return counted ? tablesWithUnseenWrites(counted) : [];
}

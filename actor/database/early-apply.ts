import type { ClockPort } from "../../shared/core/clock-port.js";
import type { PointHeader } from "../core/journal-position.js";
import { decodeBatch, type JournalBatch } from "../core/journal-wire.js";
import type { RangeSum } from "../core/verification.js";
import type { ApplyResult, DatabaseEngine } from "./engine.js";
import type { Spool } from "./spool.js";

/** A source that says nothing for this long may be gone, and an open transaction keeps others waiting. */
const longestSilenceMs = 10_000;

/**
 * A point that is being written while the rest of it still arrives: a transaction that ends only when the whole point is
 * there and the word to apply it has come. Whatever goes wrong, and whenever it is given up, the database undoes it, and
 * the point can be applied from its beginning.
 */
export class EarlyApply {
  readonly attempt: string;
  readonly #clock: ClockPort;
  /** Ends the transaction where it waits for more. */
  readonly #over = new AbortController();
  readonly #result: Promise<ApplyResult | undefined>;
  #silence = new AbortController();
  #isWhole = false;
  #ranges: readonly RangeSum[] = [];

  constructor(
    io: { readonly engine: Pick<DatabaseEngine, "applyPoint">; readonly clock: ClockPort },
    point: PointHeader & { readonly completeUpToMs: number },
    arriving: Spool,
    signal: AbortSignal,
  ) {
    this.attempt = point.attempt;
    this.#clock = io.clock;
    const stop = AbortSignal.any([signal, this.#over.signal]);
    const batches = (): AsyncIterable<JournalBatch> => decoded(arriving.follow(stop));
    const { epoch, history, attempt, completeUpToMs } = point;
    const header = { epoch, history, point: point.point, attempt, completeUpToMs };
    this.#result = io.engine
      .applyPoint({ ...header, batches, ranges: () => this.#ranges }, signal)
      // It is applied from its beginning then, and that says what is wrong.
      .catch(() => undefined);
    this.noteArrival();
  }

  /** Something has come: the source is there. */
  noteArrival(): void {
    this.#silence.abort();
    this.#silence = new AbortController();
    this.#clock.sleep(longestSilenceMs, this.#silence.signal).then(
      () => {
        this.#over.abort();
      },
      () => undefined,
    );
  }

  /** The point is whole, and these ranges are to be compared. Undefined: it must be applied from its beginning. */
  async end(ranges: readonly RangeSum[], arriving: Spool): Promise<ApplyResult | undefined> {
    this.#silence.abort();
    this.#isWhole = true;
    this.#ranges = ranges;
    arriving.end();
    return this.#result;
  }

  /** Undoes what was written, unless the word to apply it has come; resolves when the transaction is over. */
  async giveUp(): Promise<void> {
    this.#silence.abort();
    if (!this.#isWhole) this.#over.abort();
    await this.#result;
  }
}

async function* decoded(frames: AsyncIterable<Buffer>): AsyncGenerator<JournalBatch> {
  for await (const frame of frames) yield decodeBatch(frame);
}

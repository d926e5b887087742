import { AppError } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";

/** Ends a reading that has given nothing for too long; without a limit it may take as long as it needs. */
export class ReadingLimit {
  readonly #clock: ClockPort;
  readonly #limitMs: number | undefined;
  readonly #over = new AbortController();
  #wait = new AbortController();

  constructor(clock: ClockPort, limitMs: number | undefined) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** Reads with a signal that ends it. Rejects with DEADLINE_EXCEEDED when that happened, whatever the reading made of it. */
  async run<T>(what: string, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.noteProgress();
    try {
      return await read(this.#over.signal);
    } catch (error) {
      if (!this.#over.signal.aborted) throw error;
      throw new AppError("DEADLINE_EXCEEDED", `${what} gave nothing within ${String(this.#limitMs)} ms`);
    } finally {
      this.#wait.abort();
    }
  }

  /** Something was read: the time begins anew. */
  noteProgress(): void {
    this.#wait.abort();
    if (this.#limitMs === undefined) return;
    this.#wait = new AbortController();
    this.#clock.sleep(this.#limitMs, this.#wait.signal).then(
      () => {
        this.#over.abort();
      },
      () => undefined,
    );
  }
}

import type { SeededRandom } from "./seeded-random.js";
import type { VirtualTime } from "./virtual-time.js";

interface Lateness {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** It comes late only; otherwise also when it should, and late once more. */
  readonly isOnlyLate: boolean;
}

/** Messages of one kind that come late, or once more: what a queue on the way, or a connection believed dead, brings about. */
export class LateMessages {
  readonly #kinds = new Map<string, Lateness>();

  constructor(
    private readonly time: VirtualTime,
    private readonly random: SeededRandom,
  ) {}

  begin(kind: string, lateness: Lateness): void {
    this.#kinds.set(kind, lateness);
  }

  /** What is on its way still comes. */
  end(kind: string): void {
    this.#kinds.delete(kind);
  }

  deliver(kind: string, run: () => void): void {
    const lateness = this.#kinds.get(kind);
    if (lateness) {
      this.time.schedule(this.random.between(lateness.fromSeconds, lateness.toSeconds) * 1000, run);
      if (lateness.isOnlyLate) return;
    }
    run();
  }
}

import { AppError } from "../../shared/core/app-error.js";
import type { SeededRandom } from "./seeded-random.js";
import type { VirtualTime } from "./virtual-time.js";

export type Place = "primary" | "secondary" | "update-server" | "witness" | "outside";

/** One-way connections between places: cut, lossy, slow. A message that is lost is lost without a sign. */
export class SimulatedNetwork {
  readonly #cuts = new Map<string, number>();
  #joined: readonly Place[] = [];
  lossProbability = 0;
  duplicateProbability = 0;
  /** A copy of a message that comes long after it, as of a connection that was believed dead. */
  lateCopyProbability = 0;
  maximumDelayMs = 20;

  constructor(
    private readonly time: VirtualTime,
    private readonly random: SeededRandom,
  ) {}

  cut(from: Place, to: Place): void {
    const key = `${from} ${to}`;
    this.#cuts.set(key, (this.#cuts.get(key) ?? 0) + 1);
  }

  mend(from: Place, to: Place): void {
    const key = `${from} ${to}`;
    this.#cuts.set(key, Math.max(0, (this.#cuts.get(key) ?? 0) - 1));
  }

  healAll(): void {
    this.#cuts.clear();
    this.lossProbability = 0;
    this.duplicateProbability = 0;
    this.lateCopyProbability = 0;
    this.maximumDelayMs = 20;
  }

  /** Messages are lost or late: nothing can be expected to come about in a set time. */
  get isUnsteady(): boolean {
    return this.lossProbability > 0 || this.maximumDelayMs > 100;
  }

  /** Two places that stand side by side: no line between them can be cut. */
  joinSites(one: Place, other: Place): void {
    this.#joined = [one, other];
  }

  isCut(from: Place, to: Place): boolean {
    if (this.#joined.includes(from) && this.#joined.includes(to)) return false;
    return (this.#cuts.get(`${from} ${to}`) ?? 0) > 0;
  }

  /** Delivers after a delay, perhaps twice, perhaps never. */
  send(from: Place, to: Place, deliver: () => void): void {
    // Also of one that is lost on its way.
    if (this.lateCopyProbability > 0 && this.random.chance(this.lateCopyProbability)) {
      this.time.schedule(this.random.between(5_000, 90_000), deliver);
    }
    if (this.isCut(from, to) || this.random.chance(this.lossProbability)) return;
    this.time.schedule(this.random.between(1, this.maximumDelayMs), deliver);
    if (this.random.chance(this.duplicateProbability)) {
      this.time.schedule(this.random.between(1, this.maximumDelayMs * 3), deliver);
    }
  }
}

/** The process that asks: what is meant for it runs only while it lives, and later when it is frozen. */
export interface Asker {
  /** Returns what takes it back. */
  schedule(delayMs: number, run: () => void): () => void;
  deliver(run: () => void): void;
}

/**
 * A question and its answer over the network: resolves or rejects once, by the answer or by the limit. `ask` runs on
 * the answering place, possibly twice, possibly after the asker has given up.
 */
export function exchange<Answer>(
  network: SimulatedNetwork,
  route: { readonly from: Place; readonly to: Place },
  asker: Asker,
  limitMs: number,
  signal: AbortSignal | undefined,
  ask: (reply: (answer: Answer | Error) => void) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const abort = (): void => {
      end(() => {
        reject(new AppError("ABORTED", "cancelled"));
      });
    };
    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      takeBackLimit();
      signal?.removeEventListener("abort", abort);
      settle();
    };
    const takeBackLimit = asker.schedule(limitMs, () => {
      end(() => {
        reject(new AppError("PEER_UNREACHABLE", `no answer from ${route.to}`));
      });
    });
    signal?.addEventListener("abort", abort, { once: true });
    network.send(route.from, route.to, () => {
      ask((answer) => {
        network.send(route.to, route.from, () => {
          asker.deliver(() => {
            end(() => {
              if (answer instanceof Error) reject(answer);
              else resolve(answer);
            });
          });
        });
      });
    });
  });
}

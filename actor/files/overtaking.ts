import type { ClockPort } from "../../shared/core/clock-port.js";
import { isAtOrBelow, parentPath } from "../core/file-entry.js";
import { topOf } from "../core/file-moves.js";
import { dirtyLimit } from "./dirty-set.js";
import { guardPass } from "./pass-end.js";

export interface OvertakingPorts {
  readonly clock: ClockPort;
  /** Takes out what is due, with when each path was first noticed. */
  readonly takeDue: () => Map<string, number>;
  /** Puts one of them back, to be taken again at this time (monotonic milliseconds). */
  readonly putBack: (path: string, firstAtMs: number, dueAtMs: number) => void;
  /** Brings over what was taken, within the pass under way. What it cannot bring over it puts back. */
  readonly bringOver: (due: ReadonlyMap<string, number>) => Promise<void>;
}

/** One large file may be overtaken by another; each keeps its file open. */
const deepest = 3;
/** A large file goes on for so long, and for as long as what overtook it has taken, before it gives way again. */
const leastTurnMs = 200;
/** What belongs to a large file on its way waits for its end. */
const ownRestMs = 1000;

/**
 * While a large file is on its way, whatever else becomes due overtakes it, between two of its pieces. The pass that it belongs to was
 * planned before that, so what went ahead is looked at once more when it has ended.
 */
export class Overtaking {
  readonly #ports: OvertakingPorts;
  /** Large files on their way, each within the one before. */
  readonly #underWay: string[] = [];
  /** What went ahead, with when it was first noticed; one more than may be remembered means: more than that. */
  readonly #ahead = new Map<string, number>();
  readonly #aheadAndAbove = new Set<string>();
  #nextAtMs = 0;

  constructor(ports: OvertakingPorts) {
    this.#ports = ports;
  }

  /** Called between two pieces of a large file. `rest` resolves when nothing of it is on the wire; undefined: nobody waits. */
  giveWay(path: string, rest: () => Promise<void>): Promise<void> | undefined {
    const due = this.#takeDue(path);
    return due.size === 0 ? undefined : this.#bringOver(path, due, rest);
  }

  /** Whether something at this path, in it or above it has gone ahead: what was planned for it before is out of date. */
  hasOvertaken(path: string): boolean {
    return this.#aheadAndAbove.has(path) || topOf(path, this.#ahead) !== undefined;
  }

  /** The pass has ended, well or not: what went ahead is to be looked at again. */
  end(): void {
    const nowMs = this.#ports.clock.monotonicMs();
    for (const [path, firstAtMs] of this.#ahead) this.#ports.putBack(path, firstAtMs, nowMs);
    this.#ahead.clear();
    this.#aheadAndAbove.clear();
  }

  #takeDue(path: string): Map<string, number> {
    const nowMs = this.#ports.clock.monotonicMs();
    if (nowMs < this.#nextAtMs || this.#underWay.length >= deepest) return new Map();
    this.#nextAtMs = nowMs + leastTurnMs;
    const due = this.#ports.takeDue();
    const large = [...this.#underWay, path];
    for (const [one, firstAtMs] of [...due]) {
      if (!large.some((file) => isAtOrBelow(file, one))) continue;
      due.delete(one);
      this.#ports.putBack(one, firstAtMs, nowMs + ownRestMs);
    }
    return due;
  }

  async #bringOver(path: string, due: ReadonlyMap<string, number>, rest: () => Promise<void>): Promise<void> {
    const { clock, putBack, bringOver } = this.#ports;
    const beganAtMs = clock.monotonicMs();
    try {
      await guardPass(rest());
    } catch (error) {
      for (const [one, firstAtMs] of due) putBack(one, firstAtMs, beganAtMs);
      throw error;
    }
    this.#underWay.push(path);
    try {
      this.#noteAhead(due);
      await guardPass(bringOver(due));
    } finally {
      this.#underWay.pop();
      const nowMs = clock.monotonicMs();
      this.#nextAtMs = nowMs + Math.max(leastTurnMs, nowMs - beganAtMs);
    }
  }

  #noteAhead(due: ReadonlyMap<string, number>): void {
    for (const [path, firstAtMs] of due) {
      if (this.#ahead.size > dirtyLimit) return;
      this.#ahead.set(path, Math.min(firstAtMs, this.#ahead.get(path) ?? firstAtMs));
      for (let above = path; above !== ""; above = parentPath(above)) this.#aheadAndAbove.add(above);
    }
  }
}

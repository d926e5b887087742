import type { FileKind } from "./file-entry.js";
import { earliestMs } from "./packed-time.js";
import { extendedBytes, stateBytes, stateKinds, tooMuchMark, type EntryState } from "./folder-record.js";

/** What a stat says in numbers; the times are milliseconds with a fraction. */
export interface NumericState {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly ino: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/**
 * Sums of doubles hold the times up to 2109 so exactly; later ones are told from memory, which costs time and nothing else.
 * What is known of a file was read between two looks at it: a change after that moves its change time by more.
 */
const sameTimeMs = 0.002;
const high = 2 ** 32;

/** Whether a stat in numbers is of a file in this state. */
export function isSameNumericState(state: EntryState, stat: NumericState): boolean {
  return (
    state.size === stat.size &&
    Number(state.ino) === stat.ino &&
    Math.abs(Number(state.ctimeNs) / 1e6 - stat.ctimeMs) <= sameTimeMs &&
    Math.abs(Number(state.mtimeNs) / 1e6 - stat.mtimeMs) <= sameTimeMs &&
    state.mode === (stat.mode & 0o7777) &&
    state.uid === stat.uid &&
    state.gid === stat.gid
  );
}

/** Compares the entries of a folder, in their order, with the states that are remembered of them, without unpacking these. */
export class StateChecker {
  readonly #states: Buffer;
  readonly #view: DataView;
  #at = 0;
  #next = 0;

  constructor(states: Buffer) {
    this.#states = states;
    this.#view = new DataView(states.buffer, states.byteOffset, states.byteLength);
  }

  /** What the next state is of; undefined when it is not that of the name. */
  nextKind(name: string): FileKind | undefined {
    this.#at = this.#next;
    if (this.#at >= this.#states.length) return undefined;
    const from = this.#at + stateBytes;
    const end = from + this.#view.getUint16(this.#at + 43, true);
    this.#next =
      end + this.#view.getUint16(this.#at + 45, true) + extendedBytes(this.#view.getUint16(this.#at + 47, true));
    return this.#states.toString("utf8", from, end) === name ? stateKinds[this.#view.getUint8(this.#at)] : undefined;
  }

  /** Whether the state that nextKind spoke of is this one; the kind is not looked at. */
  isSame(stat: NumericState): boolean {
    const [at, view] = [this.#at, this.#view];
    const kind = stateKinds[view.getUint8(at)];
    return (
      // It is to be reported each time.
      view.getUint16(at + 47, true) !== tooMuchMark &&
      this.#isTime(at + 27, stat.ctimeMs) &&
      this.#isTime(at + 19, stat.mtimeMs) &&
      view.getUint32(at + 39, true) * high + view.getUint32(at + 35, true) === stat.ino &&
      (kind !== "file" || view.getFloat64(at + 11, true) === stat.size) &&
      (kind === "link" || view.getUint16(at + 1, true) === (stat.mode & 0o7777)) &&
      view.getUint32(at + 3, true) === stat.uid &&
      view.getUint32(at + 7, true) === stat.gid
    );
  }

  #isTime(at: number, timeMs: number): boolean {
    const sinceEarliestMs = this.#view.getUint32(at + 4, true) * (high / 1e6) + this.#view.getUint32(at, true) / 1e6;
    return Math.abs(sinceEarliestMs + earliestMs - timeMs) <= sameTimeMs;
  }
}

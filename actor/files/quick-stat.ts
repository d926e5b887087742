import type { NumericState } from "../core/state-checker.js";
import { statBytes, systemCalls, type NativePath, type SystemCalls } from "./system-calls.js";

const noEntry = 2;
const high = 2 ** 32;

/** What a stat says without loss; fs.BigIntStats is one, too. */
export interface ExactState {
  readonly size: number | bigint;
  readonly mode: number | bigint;
  readonly uid: number | bigint;
  readonly gid: number | bigint;
  readonly ino: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** The last stat that was read, in numbers, in memory that is used again. The places are those of `struct statx`. */
export class QuickStat implements NumericState {
  readonly #calls: SystemCalls;
  readonly #bytes = Buffer.alloc(statBytes);
  readonly #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, statBytes);

  private constructor(calls: SystemCalls) {
    this.#calls = calls;
  }

  /** Undefined where the call cannot be had. */
  static open(calls: SystemCalls | undefined = systemCalls): QuickStat | undefined {
    return calls === undefined ? undefined : new QuickStat(calls);
  }

  /** Reads what is open. */
  readOpen(descriptor: number): "found" | "unable" {
    return this.#calls.statOpenInto(descriptor, this.#bytes) === 0 ? "found" : "unable";
  }

  /** The same exactly, as long as nothing else is read. */
  readonly exact = new ExactStat(this.#view);

  /** Reads what stands at a name in an open folder. `unable`: Node's own call must say what it is, or why not. */
  read(descriptor: number, name: NativePath): "found" | "none" | "unable" {
    const error = this.#calls.statInto(descriptor, name, this.#bytes);
    if (error === 0) return "found";
    return error === noEntry ? "none" : "unable";
  }

  get uid(): number {
    return this.#view.getUint32(20, true);
  }

  get gid(): number {
    return this.#view.getUint32(24, true);
  }

  get mode(): number {
    return this.#view.getUint16(28, true);
  }

  get ino(): number {
    return this.#long(32);
  }

  get size(): number {
    return this.#long(40);
  }

  get ctimeMs(): number {
    return this.#timeMs(96);
  }

  get mtimeMs(): number {
    return this.#timeMs(112);
  }

  #long(at: number): number {
    return this.#view.getUint32(at + 4, true) * high + this.#view.getUint32(at, true);
  }

  #timeMs(at: number): number {
    const seconds = this.#view.getInt32(at + 4, true) * high + this.#view.getUint32(at, true);
    return seconds * 1000 + this.#view.getUint32(at + 8, true) / 1e6;
  }
}

/** Reads the same memory as its QuickStat. */
class ExactStat implements ExactState {
  readonly #view: DataView;

  constructor(view: DataView) {
    this.#view = view;
  }

  get uid(): number {
    return this.#view.getUint32(20, true);
  }

  get gid(): number {
    return this.#view.getUint32(24, true);
  }

  get mode(): number {
    return this.#view.getUint16(28, true);
  }

  get ino(): bigint {
    return this.#view.getBigUint64(32, true);
  }

  get size(): bigint {
    return this.#view.getBigUint64(40, true);
  }

  get ctimeNs(): bigint {
    return this.#timeNs(96);
  }

  get mtimeNs(): bigint {
    return this.#timeNs(112);
  }

  #timeNs(at: number): bigint {
    return this.#view.getBigInt64(at, true) * 1_000_000_000n + BigInt(this.#view.getUint32(at + 8, true));
  }
}

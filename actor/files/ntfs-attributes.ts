import path from "node:path";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import {
  decodeExtended,
  encodeExtended,
  isNtfs,
  ntfsAttributes,
  ntfsCreated,
  type ExtendedReading,
} from "../core/extended-attributes.js";
import type { WindowsCalls, WindowsFacts } from "./windows-calls.js";

/**
 * Hidden, system, not indexed. Read-only is the mode; that a file is to be archived belongs to each server's own backup;
 * compressed, encrypted and sparse are no attributes that could be set.
 */
const keptAttributes = 0x2 | 0x4 | 0x2000;
/** FILE_ATTRIBUTE_NORMAL: stands alone, for none. */
const noAttributes = 0x80;

/** What Windows keeps of files beside what Node can read and set, in the form in which extended attributes travel. */
export class NtfsAttributes {
  readonly #calls: WindowsCalls;
  /** Drives that were found not to keep a time of creation as it was set (FAT, shares of other systems). */
  readonly #withoutCreated = new Set<string>();

  constructor(calls: WindowsCalls) {
    this.#calls = calls;
  }

  /** Undefined when they cannot be had. */
  read(place: string): ExtendedReading {
    const facts = this.#calls.read(place);
    if (facts === undefined) return undefined;
    const attributes = Buffer.alloc(4);
    attributes.writeUInt32LE((facts.attributes & keptAttributes) >>> 0);
    const created = Buffer.alloc(8);
    created.writeBigUInt64LE(facts.created);
    return encodeExtended([
      { name: ntfsAttributes, value: attributes },
      ...(this.#withoutCreated.has(driveOf(place)) ? [] : [{ name: ntfsCreated, value: created }]),
    ]);
  }

  /** Throws FILE_FAILED for what may not be set. Those of another system mean nothing here. */
  write(place: string, extended: string): void {
    const now = isNtfs(extended) ? this.#calls.read(place) : undefined;
    if (now === undefined) return;
    for (const { name, value } of decodeExtended(extended) ?? []) {
      if (name === ntfsAttributes && value.length === 4) this.#setAttributes(place, now, value.readUInt32LE(0));
      if (name === ntfsCreated && value.length === 8) this.#setCreated(place, now, value.readBigUInt64LE(0));
    }
  }

  #setAttributes(place: string, now: WindowsFacts, wanted: number): void {
    const others = now.attributes & ~keptAttributes & ~noAttributes;
    if ((now.attributes & keptAttributes) === (wanted & keptAttributes)) return;
    try {
      this.#calls.setAttributes(place, (others | (wanted & keptAttributes)) >>> 0 || noAttributes);
    } catch (error) {
      throw new AppError("FILE_FAILED", `Its attributes cannot be set: ${errorMessage(error)}.`, { cause: error });
    }
  }

  #setCreated(place: string, now: WindowsFacts, wanted: bigint): void {
    if (now.created === wanted || this.#withoutCreated.has(driveOf(place))) return;
    try {
      this.#calls.setTimes(place, { created: wanted });
    } catch (error) {
      throw new AppError("FILE_FAILED", `Its time of creation cannot be set: ${errorMessage(error)}.`, {
        cause: error,
      });
    }
    // Or both sides would be found different for ever.
    if (this.#calls.read(place)?.created !== wanted) this.#withoutCreated.add(driveOf(place));
  }
}

function driveOf(place: string): string {
  return path.win32.parse(path.win32.resolve(place)).root.toLowerCase();
}

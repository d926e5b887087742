import { appendFile, mkdir } from "node:fs/promises";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { readFileIfExists, writeFileAtomically } from "../../shared/atomic-file.js";
import type { ScannedEntry } from "./scanner.js";

/** A file of the source as it was when the target acknowledged it. */
export interface IndexRecord {
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  /** Empty when the content was never read here: both sides were found equal by size and time. */
  readonly sha256: string;
  /** It was changed so shortly before it was read that a later change may bear the same times. */
  readonly isFresh: boolean;
}

/**
 * What the source remembers of each file. Only a cache: it finds changes that size and time do not show, and whoever
 * loses it loses nothing else. Not safe for two writers.
 */
export interface IndexStore {
  get(path: string): IndexRecord | undefined;
  set(path: string, record: IndexRecord): void;
  delete(path: string): void;
  readonly size: number;
  /** All paths it has a record of. */
  paths(): Iterable<string>;
  /** Writes what was set since the last flush. */
  flush(): Promise<void>;
}

const line = z.tuple([
  z.string(),
  z.union([
    z.null(),
    z.tuple([
      z.int(),
      z.string().regex(/^-?\d+$/),
      z.string().regex(/^-?\d+$/),
      z.string().regex(/^\d+$/),
      z.string(),
      z.boolean(),
    ]),
  ]),
]);
type Line = z.output<typeof line>;

/** Rewritten when the file holds this many lines more than records. */
const wastedLines = 10_000;
/** So many lines are read or written at a time; then whatever else waits in this process has its turn. */
const sliceLines = 2000;

/** An index in a file of JSON lines (path and record, or null), appended to, read once, rewritten now and then. */
export class FileIndexStore implements IndexStore {
  readonly #file: string;
  readonly #records = new Map<string, IndexRecord>();
  #lines = 0;
  #unwritten: string[] = [];

  private constructor(file: string) {
    this.#file = file;
  }

  /** Reads the file, or begins an empty index. Lines that cannot be understood are left out. */
  static async open(file: string): Promise<FileIndexStore> {
    await mkdir(path.dirname(file), { recursive: true });
    const store = new FileIndexStore(file);
    await store.#load();
    return store;
  }

  get(filePath: string): IndexRecord | undefined {
    return this.#records.get(filePath);
  }

  set(filePath: string, record: IndexRecord): void {
    this.#records.set(filePath, record);
    this.#unwritten.push(encode(filePath, record));
  }

  delete(filePath: string): void {
    if (this.#records.delete(filePath)) this.#unwritten.push(JSON.stringify([filePath, null]));
  }

  get size(): number {
    return this.#records.size;
  }

  paths(): Iterable<string> {
    return this.#records.keys();
  }

  async flush(): Promise<void> {
    if (this.#unwritten.length === 0) return;
    const lines = this.#unwritten;
    this.#unwritten = [];
    this.#lines += lines.length;
    if (this.#lines > this.#records.size * 2 + wastedLines) {
      await this.#rewrite();
      return;
    }
    await appendFile(this.#file, lines.map((one) => `${one}\n`).join(""), { mode: 0o600 });
  }

  async #rewrite(): Promise<void> {
    const all: string[] = [];
    for (const [filePath, record] of this.#records) {
      all.push(`${encode(filePath, record)}\n`);
      if (all.length % sliceLines === 0) await nextTurn();
    }
    this.#lines = all.length;
    await writeFileAtomically(this.#file, all.join(""));
  }

  async #load(): Promise<void> {
    const text = (await readFileIfExists(this.#file)) ?? "";
    for (const one of text.split("\n")) {
      if (one === "") continue;
      this.#lines += 1;
      if (this.#lines % sliceLines === 0) await nextTurn();
      const decoded = decode(one);
      // A line torn by a crash costs one file a second look.
      if (decoded === undefined) continue;
      const [filePath, fields] = decoded;
      if (fields === null) this.#records.delete(filePath);
      else this.#records.set(filePath, toRecord(fields));
    }
    // A torn last line must not swallow the next one.
    if (text !== "" && !text.endsWith("\n")) await appendFile(this.#file, "\n");
  }
}

/** The record of a file just read or acknowledged. */
export function indexRecord(entry: ScannedEntry, sha256: string, readAtWallMs: number): IndexRecord {
  return {
    size: entry.size,
    mtimeNs: entry.mtimeNs,
    ctimeNs: entry.ctimeNs,
    ino: entry.ino,
    sha256,
    isFresh: entry.ctimeNs > (BigInt(Math.floor(readAtWallMs)) - freshMs) * 1_000_000n,
  };
}

/** File systems keep times in steps of up to two seconds (FAT): a second change within one leaves no trace in them. */
const freshMs = 2000n;

/** Whether nothing shows that the file was touched since the record was made. */
export function isUntouched(record: IndexRecord, entry: ScannedEntry): boolean {
  return (
    !record.isFresh &&
    record.size === entry.size &&
    record.mtimeNs === entry.mtimeNs &&
    record.ctimeNs === entry.ctimeNs &&
    record.ino === entry.ino
  );
}

function encode(filePath: string, record: IndexRecord): string {
  const { size, mtimeNs, ctimeNs, ino, sha256, isFresh } = record;
  return JSON.stringify([filePath, [size, String(mtimeNs), String(ctimeNs), String(ino), sha256, isFresh]]);
}

function decode(text: string): Line | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function toRecord([size, mtimeNs, ctimeNs, ino, sha256, isFresh]: NonNullable<Line[1]>): IndexRecord {
  return { size, mtimeNs: BigInt(mtimeNs), ctimeNs: BigInt(ctimeNs), ino: BigInt(ino), sha256, isFresh };
}

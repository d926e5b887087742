import * as fs from "node:fs";
import os from "node:os";
import { AppError, errorCode } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { leafName, parentPath } from "../core/file-entry.js";
import type { EntryState } from "../core/folder-record.js";
import { isSameNumericState, type NumericState } from "../core/state-checker.js";
import { openInside, type ConfinedFolder } from "./confined-folder.js";
import { readExtendedOpen } from "./extended-attributes.js";
import { toState } from "./folder-look.js";
import type { OpenParents } from "./open-parents.js";
import { QuickStat } from "./quick-stat.js";
import { describe, kindOf, type ScannedEntry } from "./scanner.js";

/**
 * Times move in steps (4 ms on most kernels, 10 ms at most): a file changed less than this ago could be changed again
 * while it is read and show the same times. It is read a moment later.
 */
const stepMs = 20;
/** File systems on which Linux 6.13 and later gives a change its exact time once somebody has asked for the last one. */
const exactFileSystems: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994]);
// Without O_NONBLOCK a FIFO that has taken the file's place would hold the process.
const openFlags = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;

/** How long after its last change a file of this folder can be read; 0 where no two changes bear the same time. */
export function settleMsOf(root: string): number {
  const [major = 0, minor = 0] = os.release().split(".").map(Number);
  const isNew = process.platform === "linux" && (major > 6 || (major === 6 && minor >= 13));
  try {
    return isNew && exactFileSystems.has(fs.statfsSync(root).type) ? 0 : stepMs;
  } catch {
    return stepMs;
  }
}

/** The largest file that is read and sent in one piece. */
export const wholeBytes = 4 * 1024 * 1024;

export interface SmallFileReading {
  readonly parents: OpenParents;
  readonly nowWallMs: number;
  readonly settleMs: number;
  /** Where the content goes; undefined when there is no room for so much now. */
  readonly place: (bytes: number) => Buffer | undefined;
}

/** What became of reading a small file. */
export type SmallFile =
  | { readonly kind: "read"; readonly state: EntryState; readonly content: Buffer }
  /** It was changed just now, or is being changed: read it again in a moment. */
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "no-room"; readonly bytes: number }
  | { readonly kind: "large" }
  /** No regular file stands there any more. */
  | { readonly kind: "gone" };

const large: SmallFile = { kind: "large" };
const gone: SmallFile = { kind: "gone" };

/**
 * Reads a whole small file in one synchronous stretch. `seen` is its state at the last look, if there was one: a file that
 * was not touched since is told from it by numbers, which costs half. Throws FILE_FAILED when it was changed while it was
 * read, or the system's error.
 */
export function readSmallFile(path: string, seen: EntryState | undefined, reading: SmallFileReading): SmallFile {
  try {
    const name = leafName(path);
    const parent = reading.parents.open(parentPath(path));
    const descriptor = parent.openFile(name, openFlags);
    try {
      return readOpened({ descriptor, name, parent }, seen, reading);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    if (isGone(error)) return gone;
    throw error;
  }
}

function readOpened(
  { descriptor, name, parent }: { readonly descriptor: number; readonly name: string; readonly parent: ConfinedFolder },
  seen: EntryState | undefined,
  { nowWallMs, settleMs, place }: SmallFileReading,
): SmallFile {
  const before = statOpen(descriptor);
  if (kindOf(before) !== "file") return gone;
  const { size, mtimeMs, ctimeMs } = before;
  if (size > wholeBytes) return large;
  const waitMs = settleMs - (nowWallMs - ctimeMs);
  // A time in the future says nothing; it cannot be waited for.
  if (waitMs > 0 && waitMs <= settleMs) return { kind: "wait", ms: waitMs };
  const isSeen = seen?.kind === "file" && isSameNumericState(seen, before);
  const content = place(size);
  if (content === undefined) return { kind: "no-room", bytes: size };
  const exact = isSeen ? undefined : fs.fstatSync(descriptor, { bigint: true });
  const length = fill(descriptor, content);
  const after = statOpen(descriptor);
  // Whoever makes a file larger changes its time as well.
  const isUntouched = after.size === size && after.mtimeMs === mtimeMs && after.ctimeMs === ctimeMs;
  if (length !== content.length || !isUntouched) throw changed();
  if (exact === undefined) return { kind: "read", state: seen as EntryState, content };
  // By its descriptor: it is the file that was read, whatever stands at its name now.
  const state = toState(name, exact, "", readExtendedOpen(descriptor, parent.place(name)));
  if (!isSameNumericState(state, after)) throw changed();
  return { kind: "read", state, content };
}

/** Filled anew by each call, as quickStat of confined-folder.ts. */
const openStat = QuickStat.open();

function statOpen(descriptor: number): NumericState {
  return openStat?.readOpen(descriptor) === "found" ? openStat : fs.fstatSync(descriptor);
}

/**
 * One regular file of the source, opened for a consistent read: what is read between open and requireUnchanged is one
 * state of the file, or requireUnchanged throws. Always close it.
 */
export class SourceFile {
  readonly entry: ScannedEntry;
  readonly #descriptor: number;
  readonly #parent: ConfinedFolder;
  readonly #stat: fs.BigIntStats;
  /** Changed so shortly before it was opened that its times may not tell of the next change. */
  readonly isUnsettled: boolean;

  private constructor(
    descriptor: number,
    parent: ConfinedFolder,
    path: string,
    { stat, isUnsettled }: { readonly stat: fs.BigIntStats; readonly isUnsettled: boolean },
  ) {
    this.#descriptor = descriptor;
    this.#parent = parent;
    this.#stat = stat;
    this.isUnsettled = isUnsettled;
    this.entry = describe(path, "file", stat, parent.extended(leafName(path)));
  }

  /** Undefined when no regular file stands there any more. Rejects with the system's error where it cannot be read. */
  static async open(
    root: string,
    path: string,
    clock: ClockPort,
    signal?: AbortSignal,
  ): Promise<SourceFile | undefined> {
    const parent = openParent(root, path);
    if (parent === undefined) return undefined;
    let descriptor: number | undefined;
    try {
      descriptor = fs.openSync(parent.place(leafName(path)), openFlags);
      let stat = fs.fstatSync(descriptor, { bigint: true });
      const settleMs = settleMsOf(root);
      // A time in the future says nothing.
      const isUnsettled = (): boolean => Math.abs(clock.wallMs() - Number(stat.ctimeMs)) < settleMs;
      if (isUnsettled()) {
        await clock.sleep(settleMs, signal);
        stat = fs.fstatSync(descriptor, { bigint: true });
      }
      if (stat.isFile()) return new SourceFile(descriptor, parent, path, { stat, isUnsettled: isUnsettled() });
    } catch (error) {
      if (descriptor !== undefined) fs.closeSync(descriptor);
      parent.close();
      if (isGone(error)) return undefined;
      throw error;
    }
    fs.closeSync(descriptor);
    parent.close();
    return undefined;
  }

  /** Fills the buffer from a place in the file on; gives the part that was filled: less than all of it only at the end. */
  async readInto(buffer: Buffer, offset: number): Promise<Buffer> {
    let filled = 0;
    while (filled < buffer.length) {
      const count = await readOnce(this.#descriptor, buffer, filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }

  /** Throws FILE_FAILED when the file was changed, or another one took its place, since it was opened. */
  requireUnchanged(): void {
    requireUnchanged(this.#parent, leafName(this.entry.path), this.#stat);
  }

  /** Whether it is the same file, changed since it was opened, and longer: what was there then may be its beginning still. */
  get hasGrown(): boolean {
    const there = this.#parent.look(leafName(this.entry.path));
    return there !== undefined && isGrown(there, this.#stat);
  }

  close(): void {
    this.#parent.close();
    fs.closeSync(this.#descriptor);
  }
}

/** What has its name now is looked at: another file there, or this one in another state, both show. */
function requireUnchanged(parent: ConfinedFolder, leaf: string, before: fs.BigIntStats): void {
  const there = parent.look(leaf);
  if (there === undefined || !isSameFile(there, before)) throw changed();
}

export function changed(): AppError {
  return new AppError("FILE_FAILED", "It changed while it was read.");
}

function isSameFile(a: fs.BigIntStats, b: fs.BigIntStats): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino && a.dev === b.dev;
}

function isGrown(there: fs.BigIntStats, before: fs.BigIntStats): boolean {
  return there.isFile() && there.size > before.size && there.ino === before.ino && there.dev === before.dev;
}

function fill(descriptor: number, buffer: Buffer): number {
  let filled = 0;
  while (filled < buffer.length) {
    const count = fs.readSync(descriptor, buffer, filled, buffer.length - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

function readOnce(descriptor: number, buffer: Buffer, filled: number, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(descriptor, buffer, filled, buffer.length - filled, at, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

function openParent(root: string, path: string): ConfinedFolder | undefined {
  try {
    return openInside(root, parentPath(path));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Nothing, a link or a folder stands there now; the next look finds out what. */
function isGone(error: unknown): boolean {
  const code = errorCode(error);
  return (
    code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR" || code === "FILE_PATH_REFUSED" || code === "ENXIO"
  );
}

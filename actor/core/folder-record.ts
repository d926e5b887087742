import type { ExtendedFields } from "./extended-attributes.js";
import { joinPath, type FileEntry, type FileKind } from "./file-entry.js";
import { readPackedTime, writePackedTime } from "./packed-time.js";

/**
 * What one server remembers of one folder, as bytes: a head, then the state of each entry as the system told it, then what
 * is known beyond that. The states stand together so that "nothing here was touched" is one comparison of bytes.
 */
export interface FolderRecord {
  /** Stands for all that is in the folder and below it; see folder-digest.ts. Empty when it was never worked out. */
  readonly digest: Buffer;
  /** What the digest was made of: digests of different kinds mean nothing to each other. */
  readonly digestKind: number;
  /** Files and links in the folder and below it, and their bytes. */
  readonly totals: FolderTotals;
  readonly count: number;
  readonly states: Buffer;
  readonly known: Buffer;
}

export interface FolderTotals {
  readonly files: number;
  readonly bytes: number;
}

/** The state of an entry on this server. `name` instead of a path: a record does not know where its folder stands. */
export interface EntryState extends ExtendedFields {
  readonly name: string;
  readonly kind: FileKind;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly linkTarget: string;
}

/** What is known of a file or link beyond its state. */
export interface Knowledge {
  /** BLAKE3 of the content; undefined when it was not read here in this state. */
  readonly contentHash: Buffer | undefined;
  /** It was changed so shortly before it was read that a later change may bear the same times. */
  readonly isFresh: boolean;
  /** It was touched without a sign of it in size and time: its content may be another than the peer believes. */
  readonly isDoubtful: boolean;
}

export const nothingKnown: Knowledge = { contentHash: undefined, isFresh: false, isDoubtful: false };
export const digestBytes = 16;
export const noDigest = Buffer.alloc(0);

const headBytes = 1 + 1 + 1 + 4 + 4 + digestBytes + 8 + 8;
const layout = 2;
/** Of a state without its texts; see writeState for the places. */
export const stateBytes = 49;
/** Where the length of extended attributes would stand, of those that cannot be had. */
const noExtended = 0xffff;
/** The same, of those that are too much. */
export const tooMuchMark = 0xfffe;

/** Bytes that extended attributes take, by what stands at that place. */
export function extendedBytes(length: number): number {
  return length >= tooMuchMark ? 0 : length;
}
export const knownBytes = 33;
export const stateKinds: readonly FileKind[] = ["file", "folder", "link", "other"];
const flag = { hash: 1, fresh: 2, doubtful: 4 };

/** Bytes that a state takes, from above. */
export function longestState({ name, linkTarget, extended = "" }: EntryState): number {
  return stateBytes + 3 * (name.length + linkTarget.length) + extended.length;
}

/** Writes one state; where the next one begins is returned. */
export function writeState(to: Buffer, at: number, state: EntryState): number {
  to[at] = stateKinds.indexOf(state.kind);
  to.writeUInt16LE(state.mode, at + 1);
  to.writeUInt32LE(state.uid, at + 3);
  to.writeUInt32LE(state.gid, at + 7);
  to.writeDoubleLE(state.size, at + 11);
  writePackedTime(to, state.mtimeNs, at + 19);
  writePackedTime(to, state.ctimeNs, at + 27);
  to.writeBigUInt64LE(BigInt.asUintN(64, state.ino), at + 35);
  const nameLength = to.write(state.name, at + stateBytes, "utf8");
  const linkLength = state.linkTarget === "" ? 0 : to.write(state.linkTarget, at + stateBytes + nameLength, "utf8");
  to.writeUInt16LE(nameLength, at + 43);
  to.writeUInt16LE(linkLength, at + 45);
  const { extended = "" } = state;
  const textEnd = at + stateBytes + nameLength + linkLength;
  to.writeUInt16LE(extendedMark(state) ?? extended.length, at + 47);
  return extended === "" ? textEnd : textEnd + to.write(extended, textEnd, "latin1");
}

function extendedMark({ extended, hasTooMuchExtended }: EntryState): number | undefined {
  if (extended !== undefined) return undefined;
  return hasTooMuchExtended === true ? tooMuchMark : noExtended;
}

/** Goes through states in their order without making more of them than is looked at. */
export class StateReader {
  readonly #states: Buffer;
  #at = 0;
  #index = -1;

  constructor(states: Buffer) {
    this.#states = states;
  }

  /** The next state; undefined at the end. */
  next(): EntryState | undefined {
    const from = this.#states;
    const at = this.#at;
    if (at >= from.length) return undefined;
    const nameEnd = at + stateBytes + from.readUInt16LE(at + 43);
    const end = nameEnd + from.readUInt16LE(at + 45);
    const extendedLength = from.readUInt16LE(at + 47);
    this.#at = end + extendedBytes(extendedLength);
    this.#index += 1;
    // One shape for all, written out: what is spread out of another object has one of its own, and all who read it pay (measured).
    return {
      name: from.toString("utf8", at + stateBytes, nameEnd),
      kind: stateKinds[from[at] ?? 3] ?? "other",
      mode: from.readUInt16LE(at + 1),
      uid: from.readUInt32LE(at + 3),
      gid: from.readUInt32LE(at + 7),
      size: from.readDoubleLE(at + 11),
      mtimeNs: readPackedTime(from, at + 19),
      ctimeNs: readPackedTime(from, at + 27),
      ino: from.readBigUInt64LE(at + 35),
      linkTarget: end === nameEnd ? "" : from.toString("utf8", nameEnd, end),
      extended: extendedLength >= tooMuchMark ? undefined : from.toString("latin1", end, this.#at),
      hasTooMuchExtended: extendedLength === tooMuchMark ? true : undefined,
    };
  }

  /** Where the next state begins. */
  get offset(): number {
    return this.#at;
  }

  /** Of the state last given; counted from 0. */
  get index(): number {
    return this.#index;
  }
}

/** Writes what is known of one state. */
export function writeKnowledge(to: Buffer, at: number, { contentHash, isFresh, isDoubtful }: Knowledge): void {
  const hash = contentHash === undefined ? 0 : flag.hash;
  to[at] = hash | (isFresh ? flag.fresh : 0) | (isDoubtful ? flag.doubtful : 0);
  if (contentHash === undefined) to.fill(0, at + 1, at + knownBytes);
  else contentHash.copy(to, at + 1);
}

/** What is known, one slot for each state. A folder's slot holds the digest and totals of what is in it instead. */
export class KnownSlots {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  static empty(count: number): KnownSlots {
    return new KnownSlots(Buffer.alloc(count * knownBytes));
  }

  get(index: number): Knowledge {
    const at = index * knownBytes;
    const flags = this.bytes[at] ?? 0;
    return {
      contentHash: (flags & flag.hash) === 0 ? undefined : this.bytes.subarray(at + 1, at + knownBytes),
      isFresh: (flags & flag.fresh) !== 0,
      isDoubtful: (flags & flag.doubtful) !== 0,
    };
  }

  set(index: number, known: Knowledge): void {
    writeKnowledge(this.bytes, index * knownBytes, known);
  }

  /** Whether any content has to be read once more. */
  get hasFresh(): boolean {
    for (let at = 0; at < this.bytes.length; at += knownBytes) {
      // A folder's slot begins with a byte that is never set.
      if (((this.bytes[at] ?? 0) & flag.fresh) !== 0) return true;
    }
    return false;
  }

  getFolder(index: number): { readonly digest: Buffer; readonly totals: FolderTotals } {
    const at = index * knownBytes + 1;
    const digest = this.bytes.subarray(at, at + digestBytes);
    const files = this.bytes.readDoubleLE(at + digestBytes);
    return { digest, totals: { files, bytes: this.bytes.readDoubleLE(at + digestBytes + 8) } };
  }

  setFolder(index: number, digest: Buffer, { files, bytes }: FolderTotals): void {
    const at = index * knownBytes + 1;
    if (digest.length === 0) this.bytes.fill(0, at, at + digestBytes);
    else digest.copy(this.bytes, at);
    this.bytes.writeDoubleLE(files, at + digestBytes);
    this.bytes.writeDoubleLE(bytes, at + digestBytes + 8);
  }
}

export function encodeFolderRecord(record: FolderRecord): Buffer {
  const head = Buffer.alloc(headBytes);
  head[0] = layout;
  head[1] = record.digestKind;
  head[2] = record.digest.length;
  head.writeUInt32LE(record.count, 3);
  head.writeUInt32LE(record.states.length, 7);
  record.digest.copy(head, 11);
  head.writeDoubleLE(record.totals.files, 11 + digestBytes);
  head.writeDoubleLE(record.totals.bytes, 19 + digestBytes);
  return Buffer.concat([head, record.states, record.known]);
}

/** Undefined for what was not written by encodeFolderRecord of this version: it is only a cache. */
export function decodeFolderRecord(bytes: Buffer): FolderRecord | undefined {
  if (bytes.length < headBytes || bytes[0] !== layout) return undefined;
  const count = bytes.readUInt32LE(3);
  const statesEnd = headBytes + bytes.readUInt32LE(7);
  if (bytes.length !== statesEnd + count * knownBytes) return undefined;
  return {
    digestKind: bytes[1] ?? 0,
    digest: bytes.subarray(11, 11 + Math.min(bytes[2] ?? 0, digestBytes)),
    totals: { files: bytes.readDoubleLE(11 + digestBytes), bytes: bytes.readDoubleLE(19 + digestBytes) },
    count,
    states: bytes.subarray(headBytes, statesEnd),
    known: bytes.subarray(statesEnd),
  };
}

/** A state as the rest of the code speaks of it. */
export function entryOf(folder: string, state: EntryState): FileEntry {
  const { name, kind, size, mtimeNs, mode, uid, gid } = state;
  const path = joinPath(folder, name);
  const linkTarget = kind === "link" ? state.linkTarget : undefined;
  const extended = kind === "link" ? undefined : state.extended;
  return { path, kind, size, mtimeNs, mode, uid, gid, linkTarget, extended };
}

type Touchable = Pick<EntryState, "kind" | "size" | "mtimeNs" | "ctimeNs" | "ino">;

/** Whether the file was not touched between two looks at it. */
export function isSameState(a: Touchable, b: Touchable): boolean {
  return (
    a.kind === b.kind && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino
  );
}

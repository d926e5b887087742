import { crc32 } from "node:zlib";
import {
  knownBytes,
  KnownSlots,
  longestState,
  StateReader,
  writeKnowledge,
  writeState,
  type EntryState,
  type Knowledge,
} from "../core/folder-record.js";

/** What was learnt of one entry since its folder was last looked at as a whole. */
export interface Note {
  readonly state: EntryState;
  readonly known: Knowledge;
}

/** `folder` holds its record; `note` what was learnt of one entry since; `forgotten` nothing. */
export type FrameKind = "folder" | "note" | "forgotten";
export const frameKinds: readonly FrameKind[] = ["folder", "note", "forgotten"];

/** Length of path and payload, checksum of all that follows it, kind, length of the path; then path and payload. */
export const frameHeadBytes = 4 + 4 + 1 + 2;
/** Raised when what the frames say has another meaning: all that an earlier version wrote is then left out as torn. */
const frameLayout = 2;

/** Of all of a frame that follows the checksum. */
export function frameChecksum(bytes: Buffer): number {
  return crc32(bytes, frameLayout);
}

export function encodeFrame(kind: FrameKind, name: string, payload: Buffer): Buffer {
  const nameLength = Buffer.byteLength(name, "utf8");
  const frame = Buffer.allocUnsafe(frameHeadBytes + nameLength + payload.length);
  frame.write(name, frameHeadBytes, "utf8");
  payload.copy(frame, frameHeadBytes + nameLength);
  writeHead(frame, 0, kind, nameLength, frame.length);
  return frame;
}

export function decodeNote(bytes: Buffer): Note | undefined {
  const state = new StateReader(bytes.subarray(knownBytes)).next();
  return state === undefined ? undefined : { state, known: new KnownSlots(bytes.subarray(0, knownBytes)).get(0) };
}

const firstBytes = 16 * 1024;

/** The frames of notes, one behind the other in memory that is used again: there is one for each file that is copied. */
export class NoteFrames {
  #buffer: Buffer = Buffer.allocUnsafe(firstBytes);
  #length = 0;

  /** Valid until the next call. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  add(path: string, { state, known }: Note): void {
    const longest = frameHeadBytes + 3 * path.length + knownBytes + longestState(state);
    if (this.#length + longest > this.#buffer.length) this.#grow(longest);
    const at = this.#length;
    const nameLength = this.#buffer.write(path, at + frameHeadBytes, "utf8");
    const knownAt = at + frameHeadBytes + nameLength;
    writeKnowledge(this.#buffer, knownAt, known);
    this.#length = writeState(this.#buffer, knownAt + knownBytes, state);
    writeHead(this.#buffer, at, "note", nameLength, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  #grow(wanted: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + wanted));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function writeHead(to: Buffer, at: number, kind: FrameKind, nameLength: number, end: number): void {
  to.writeUInt32LE(end - at - frameHeadBytes, at);
  to[at + 8] = frameKinds.indexOf(kind);
  to.writeUInt16LE(nameLength, at + 9);
  to.writeUInt32LE(frameChecksum(to.subarray(at + 8, end)), at + 4);
}

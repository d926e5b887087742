import type { WireOperation } from "./file-operation.js";
import { batchFlags, batchHeadBytes, batchKinds, batchNames, fixedBytes, hashBytes } from "./file-batch.js";
import { writePackedTime } from "./packed-time.js";

/** All fields that any operation has, so that one layout serves all: name and fields cost no parsing. */
interface Fields {
  readonly kind?: (typeof batchKinds)[number];
  readonly mode?: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly mtimeNs?: bigint;
  readonly size?: number;
  readonly offset?: number;
  readonly crc32?: number;
  readonly bytes?: number;
  readonly path?: string;
  readonly transfer?: string;
  readonly linkTarget?: string;
  readonly from?: string;
  readonly contentHash?: Buffer;
  readonly state?: string;
  readonly extended?: string | undefined;
}

const firstContentBytes = 64 * 1024;
const firstOperationBytes = 16 * 1024;

/**
 * Builds batches in memory that is used again and again: of many small files most of the time went into getting memory for
 * each and moving it about (measured). Contents stand first, so that a file can be read into its place before it is known
 * what to say of it; decodeBatch says how it is read.
 */
export class FileBatchWriter {
  #body: Buffer = Buffer.allocUnsafe(firstContentBytes);
  #length = batchHeadBytes;
  #operations: Buffer = Buffer.allocUnsafe(firstOperationBytes);
  #operationsLength = 0;
  #count = 0;

  /** Operations so far. */
  get count(): number {
    return this.#count;
  }

  /** What the batch takes so far. */
  get bytes(): number {
    return this.#length + this.#operationsLength;
  }

  /** Where the content of the next operation goes; it counts when `add` is called with its operation. */
  place(bytes: number): Buffer {
    if (this.#length + bytes > this.#body.length) {
      this.#body = grown(this.#body, this.#length, bytes);
    }
    return this.#body.subarray(this.#length, this.#length + bytes);
  }

  /** `contentBytes` of the place belong to the operation. */
  add(operation: WireOperation, contentBytes = 0): void {
    const fields: Fields = operation;
    const hash = fields.state === undefined ? fields.contentHash : Buffer.from(fields.state, "hex");
    const path = fields.path ?? "";
    const text = fields.transfer ?? fields.linkTarget ?? fields.from ?? "";
    const { extended } = fields;
    const longest = fixedBytes + 3 * (path.length + text.length) + hashBytes + 2 + (extended?.length ?? 0);
    if (this.#operationsLength + longest > this.#operations.length) {
      this.#operations = grown(this.#operations, this.#operationsLength, longest);
    }
    const to = this.#operations;
    const at = this.#operationsLength;
    to[at] = batchNames.indexOf(operation.do);
    to[at + 1] = batchKinds.indexOf(fields.kind ?? "file");
    to[at + 2] =
      (fields.uid === undefined ? 0 : batchFlags.owner) |
      (hash === undefined ? 0 : batchFlags.hash) |
      (extended === undefined ? 0 : batchFlags.extended);
    to.writeUInt16LE(fields.mode ?? 0, at + 3);
    to.writeUInt32LE(fields.uid ?? 0, at + 5);
    to.writeUInt32LE(fields.gid ?? 0, at + 9);
    writePackedTime(to, fields.mtimeNs ?? 0n, at + 13);
    // Of a file, of a transfer or of a content, never of two of them.
    to.writeDoubleLE(fields.size ?? fields.offset ?? fields.crc32 ?? 0, at + 21);
    to.writeUInt32LE(fields.bytes ?? 0, at + 29);
    const pathLength = to.write(path, at + fixedBytes, "utf8");
    const textLength = to.write(text, at + fixedBytes + pathLength, "utf8");
    to.writeUInt16LE(pathLength, at + 33);
    to.writeUInt16LE(textLength, at + 35);
    const hashAt = at + fixedBytes + pathLength + textLength;
    const extendedAt = hashAt + (hash?.copy(to, hashAt) ?? 0);
    this.#operationsLength = extended === undefined ? extendedAt : writeExtended(to, extended, extendedAt);
    this.#length += contentBytes;
    this.#count += 1;
  }

  /** The batch; valid until `clear`. */
  finish(): Buffer {
    const operations = this.#operations.subarray(0, this.#operationsLength);
    operations.copy(this.place(operations.length));
    this.#body.writeUInt32LE(this.#count, 0);
    this.#body.writeUInt32LE(operations.length, 4);
    return this.#body.subarray(0, this.#length + operations.length);
  }

  /** Begins an empty batch in the same memory. */
  clear(): void {
    this.#length = batchHeadBytes;
    this.#operationsLength = 0;
    this.#count = 0;
  }
}

function writeExtended(to: Buffer, extended: string, at: number): number {
  to.writeUInt16LE(extended.length, at);
  return at + 2 + to.write(extended, at + 2, "latin1");
}

/** One batch of its own; contents[i] belongs to operations[i]. */
export function encodeBatch(operations: readonly WireOperation[], contents: readonly Buffer[]): Buffer {
  const writer = new FileBatchWriter();
  for (const [index, operation] of operations.entries()) {
    const content = contents[index] ?? Buffer.alloc(0);
    content.copy(writer.place(content.length));
    writer.add(operation, content.length);
  }
  return writer.finish();
}

function grown(buffer: Buffer, used: number, wanted: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, used + wanted));
  buffer.copy(larger, 0, 0, used);
  return larger;
}

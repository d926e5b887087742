import type { FileKind } from "./file-entry.js";
import type { WireAttributes, WireOperation } from "./file-operation.js";
import { decodeExtended } from "./extended-attributes.js";
import { batchOperations, invalidMessage, segmentBytes } from "./file-wire.js";
import { readPackedTime } from "./packed-time.js";

type Name = WireOperation["do"];
export const batchNames: readonly Name[] = [
  "remove",
  "make-folder",
  "put-file",
  "put-segment",
  "finish-file",
  "drop-transfer",
  "put-link",
  "set-attributes",
  "move",
  "begin-transfer",
];
export const batchKinds: readonly FileKind[] = ["file", "folder", "link", "other"];
const transferText = /^[a-z0-9]{1,64}$/;
const longestText = 4096;
const nothing = Buffer.alloc(0);
export const hashBytes = 32;
/** Of an operation without its texts and hash; see FileBatchWriter.add for the places. */
export const fixedBytes = 37;
/** How many operations, and how many bytes they take. */
export const batchHeadBytes = 8;
export const batchFlags = { owner: 1, hash: 2, extended: 4 };

/**
 * Reads a batch: its head, the contents one after the other, the operations. contents[i] belongs to operations[i] and is
 * empty for those without. Both are pieces of the body. Refuses what does not add up.
 */
export function decodeBatch(body: Buffer | undefined): { operations: WireOperation[]; contents: Buffer[] } {
  if (body === undefined || body.length < batchHeadBytes) throw invalidMessage("the batch has no head");
  const count = body.readUInt32LE(0);
  const end = body.length - body.readUInt32LE(4);
  if (count > batchOperations) throw invalidMessage(`the batch has ${count} operations`);
  if (end < batchHeadBytes) throw invalidMessage("the operations are longer than the batch");
  const reader = new OperationReader(body, end);
  const operations: WireOperation[] = [];
  for (let index = 0; index < count; index += 1) operations.push(reader.next());
  if (!reader.isAtEnd) throw invalidMessage("the operations are not as long as announced");
  let offset = batchHeadBytes;
  const contents = operations.map((one) => {
    if (!("bytes" in one) || one.bytes === 0) return nothing;
    const content = body.subarray(offset, Math.min(offset + one.bytes, end));
    if (content.length !== one.bytes) throw invalidMessage("the batch is shorter than its contents");
    offset += one.bytes;
    return content;
  });
  if (offset !== end) throw invalidMessage("the batch is longer than its contents");
  return { operations, contents };
}

/** Bytes that an operation on a path of this length takes beside its content, from above where it has no other text. */
export function longestOperationBytes(pathLength: number): number {
  return fixedBytes + hashBytes + 3 * pathLength;
}

/** Reads where the operations stand: a buffer of its own for each part would cost more than all the rest. */
class OperationReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  next(): WireOperation {
    const bytes = this.#bytes;
    const at = this.#take(fixedBytes);
    const pathLength = bytes.readUInt16LE(at + 33);
    const textLength = bytes.readUInt16LE(at + 35);
    if (pathLength > longestText || textLength > longestText) throw invalidMessage("a name is too long");
    const path = this.#text(pathLength);
    const text = this.#text(textLength);
    const hasHash = ((bytes[at + 2] ?? 0) & batchFlags.hash) !== 0;
    const contentHash = hasHash ? bytes.subarray(this.#take(hashBytes), this.#at) : undefined;
    const hasExtended = ((bytes[at + 2] ?? 0) & batchFlags.extended) !== 0;
    const extended = hasExtended ? this.#extended() : undefined;
    return toOperation(batchNames[bytes[at] ?? 255], bytes, at, { path, text, contentHash, extended });
  }

  /** Throws for bytes that are not UTF-8: decoded they would name something else. */
  #text(length: number): string {
    if (length === 0) return "";
    const from = this.#take(length);
    const text = this.#bytes.toString("utf8", from, this.#at);
    if (text.includes("\ufffd") && !Buffer.from(text, "utf8").equals(this.#bytes.subarray(from, this.#at))) {
      throw invalidMessage("a name is not UTF-8");
    }
    return text;
  }

  #extended(): string {
    const length = this.#bytes.readUInt16LE(this.#take(2));
    const from = this.#take(length);
    const extended = this.#bytes.toString("latin1", from, this.#at);
    if (decodeExtended(extended) === undefined) throw invalidMessage("extended attributes cannot be understood");
    return extended;
  }

  #take(length: number): number {
    const from = this.#at;
    if (from + length > this.#bytes.length) throw invalidMessage("an operation is cut off");
    this.#at += length;
    return from;
  }
}

interface Parts {
  readonly path: string;
  readonly text: string;
  readonly contentHash: Buffer | undefined;
  readonly extended: string | undefined;
}

function toOperation(name: Name | undefined, head: Buffer, at: number, parts: Parts): WireOperation {
  const { path, text, contentHash } = parts;
  const kind = batchKinds[head[at + 1] ?? 255];
  const attributes = readAttributes(head, at, parts.extended);
  const { mode, mtimeNs, uid, gid, extended } = attributes;
  const number = head.readDoubleLE(at + 21);
  const bytes = head.readUInt32LE(at + 29);
  if (kind === undefined || !Number.isSafeInteger(number) || number < 0 || bytes > segmentBytes) {
    throw invalidMessage("an operation has a field that cannot be");
  }
  switch (name) {
    case "remove":
      return { do: name, path, kind };
    case "make-folder":
      return { do: name, path, mode };
    case "put-file":
      if (contentHash === undefined) throw invalidMessage("a file has no hash");
      return { do: name, path, contentHash, crc32: number, bytes, mode, mtimeNs, uid, gid, extended };
    case "put-segment":
      return { do: name, transfer: requireTransfer(text), offset: number, bytes };
    case "finish-file":
      return { do: name, path, transfer: requireTransfer(text), size: number, ...attributes };
    case "drop-transfer":
      return { do: name, transfer: requireTransfer(text) };
    case "begin-transfer":
      if (contentHash === undefined) throw invalidMessage("a transfer has no state to begin with");
      return { do: name, path, transfer: requireTransfer(text), state: contentHash.toString("hex") };
    case "put-link":
      return { do: name, path, linkTarget: text, ...attributes };
    case "set-attributes":
      return { do: name, path, kind, ...attributes };
    case "move":
      return { do: name, path, from: text, kind };
    case undefined:
      throw invalidMessage("an operation is unknown");
  }
}

function readAttributes(head: Buffer, at: number, extended: string | undefined): WireAttributes {
  const mode = head.readUInt16LE(at + 3);
  if (mode > 0o7777) throw invalidMessage(`the mode ${mode} is none`);
  const mtimeNs = readPackedTime(head, at + 13);
  const hasOwner = ((head[at + 2] ?? 0) & batchFlags.owner) !== 0;
  return {
    mode,
    mtimeNs,
    uid: hasOwner ? head.readUInt32LE(at + 5) : undefined,
    gid: hasOwner ? head.readUInt32LE(at + 9) : undefined,
    extended,
  };
}

function requireTransfer(text: string): string {
  if (transferText.test(text)) return text;
  throw invalidMessage("the name of a transfer is not allowed");
}

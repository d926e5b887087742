import type { FileKind } from "./file-entry.js";
import type { WireAttributes, WireOperation } from "./file-operation.js";
import { batchOperations, invalidMessage, segmentBytes } from "./file-wire.js";

type Name = WireOperation["do"];
const names: readonly Name[] = [
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
const kinds: readonly FileKind[] = ["file", "folder", "link", "other"];
const transferText = /^[a-z0-9]{1,64}$/;
const longestText = 4096;
const hashBytes = 32;
const fixedBytes = 37;
const flags = { owner: 1, hash: 2 };

/** All fields that any operation has, so that one layout serves all: name and fields cost no parsing. */
interface Fields {
  readonly kind?: FileKind;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtimeNs?: bigint;
  readonly size?: number;
  readonly offset?: number;
  readonly bytes?: number;
  readonly path?: string;
  readonly transfer?: string;
  readonly linkTarget?: string;
  readonly from?: string;
  readonly sha256?: Buffer;
  readonly state?: string;
}

/** A batch: how many operations and how many bytes they take, the operations, then the contents one after the other. */
export function encodeBatch(operations: readonly WireOperation[], contents: readonly Buffer[]): Buffer[] {
  const parts = operations.map(encodeOperation);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(operations.length, 0);
  head.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.length, 0),
    4,
  );
  return [Buffer.concat([head, ...parts]), ...contents.filter((content) => content.length > 0)];
}

/** Reads a batch; contents[i] belongs to operations[i] and is empty for those without. Refuses what does not add up. */
export function decodeBatch(body: Buffer | undefined): { operations: WireOperation[]; contents: Buffer[] } {
  if (body === undefined || body.length < 8) throw invalidMessage("the batch has no head");
  const count = body.readUInt32LE(0);
  const end = 8 + body.readUInt32LE(4);
  if (count > batchOperations) throw invalidMessage(`the batch has ${count} operations`);
  if (end > body.length) throw invalidMessage("the operations are longer than the batch");
  const reader = new OperationReader(body.subarray(8, end));
  const operations = Array.from({ length: count }, () => reader.next());
  if (!reader.isAtEnd) throw invalidMessage("the operations are not as long as announced");
  let offset = end;
  const contents = operations.map((one) => {
    const length = "bytes" in one ? one.bytes : 0;
    const content = body.subarray(offset, offset + length);
    if (content.length !== length) throw invalidMessage("the batch is shorter than its contents");
    offset += length;
    return content;
  });
  if (offset !== body.length) throw invalidMessage("the batch is longer than its contents");
  return { operations, contents };
}

/** Bytes that an operation takes beside its content, roughly from above. */
export function operationBytes(operation: WireOperation): number {
  const text = "path" in operation ? operation.path.length : operation.transfer.length;
  return fixedBytes + hashBytes + 3 * text;
}

function encodeOperation(operation: WireOperation): Buffer {
  const fields: Fields = operation;
  const hash = fields.state === undefined ? fields.sha256 : Buffer.from(fields.state, "hex");
  const path = fields.path ?? "";
  const text = fields.transfer ?? fields.linkTarget ?? fields.from ?? "";
  const pathLength = Buffer.byteLength(path, "utf8");
  const textLength = Buffer.byteLength(text, "utf8");
  const hashLength = hash === undefined ? 0 : hashBytes;
  const to = Buffer.allocUnsafe(fixedBytes + pathLength + textLength + hashLength);
  to[0] = names.indexOf(operation.do);
  to[1] = kinds.indexOf(fields.kind ?? "file");
  to[2] = (fields.uid === undefined ? 0 : flags.owner) | (hash === undefined ? 0 : flags.hash);
  to.writeUInt16LE(fields.mode ?? 0, 3);
  to.writeUInt32LE(fields.uid ?? 0, 5);
  to.writeUInt32LE(fields.gid ?? 0, 9);
  to.writeBigInt64LE(fields.mtimeNs ?? 0n, 13);
  // Of a file or of a transfer, never of both.
  to.writeDoubleLE(fields.size ?? fields.offset ?? 0, 21);
  to.writeUInt32LE(fields.bytes ?? 0, 29);
  to.writeUInt16LE(pathLength, 33);
  to.writeUInt16LE(textLength, 35);
  to.write(path, fixedBytes, "utf8");
  to.write(text, fixedBytes + pathLength, "utf8");
  hash?.copy(to, fixedBytes + pathLength + textLength);
  return to;
}

class OperationReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  next(): WireOperation {
    const head = this.#take(fixedBytes);
    const pathLength = head.readUInt16LE(33);
    const textLength = head.readUInt16LE(35);
    if (pathLength > longestText || textLength > longestText) throw invalidMessage("a name is too long");
    const path = readText(this.#take(pathLength));
    const text = readText(this.#take(textLength));
    const sha256 = ((head[2] ?? 0) & flags.hash) === 0 ? undefined : this.#take(hashBytes);
    return toOperation(names[head[0] ?? 255], head, { path, text, sha256 });
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    if (taken.length !== length) throw invalidMessage("an operation is cut off");
    this.#at += length;
    return taken;
  }
}

function toOperation(
  name: Name | undefined,
  head: Buffer,
  { path, text, sha256 }: { path: string; text: string; sha256: Buffer | undefined },
): WireOperation {
  const kind = kinds[head[1] ?? 255];
  const attributes = readAttributes(head);
  const number = head.readDoubleLE(21);
  const bytes = head.readUInt32LE(29);
  if (kind === undefined || !Number.isSafeInteger(number) || number < 0 || bytes > segmentBytes) {
    throw invalidMessage("an operation has a field that cannot be");
  }
  switch (name) {
    case "remove":
      return { do: name, path, kind };
    case "make-folder":
      return { do: name, path, mode: attributes.mode };
    case "put-file":
      if (sha256 === undefined) throw invalidMessage("a file has no hash");
      return { do: name, path, sha256, bytes, ...attributes };
    case "put-segment":
      return { do: name, transfer: requireTransfer(text), offset: number, bytes };
    case "finish-file":
      return { do: name, path, transfer: requireTransfer(text), size: number, ...attributes };
    case "drop-transfer":
      return { do: name, transfer: requireTransfer(text) };
    case "begin-transfer":
      if (sha256 === undefined) throw invalidMessage("a transfer has no state to begin with");
      return { do: name, path, transfer: requireTransfer(text), state: sha256.toString("hex") };
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

function readAttributes(head: Buffer): WireAttributes {
  const mode = head.readUInt16LE(3);
  if (mode > 0o7777) throw invalidMessage(`the mode ${mode} is none`);
  const attributes = { mode, mtimeNs: head.readBigInt64LE(13) };
  if (((head[2] ?? 0) & flags.owner) === 0) return attributes;
  return { ...attributes, uid: head.readUInt32LE(5), gid: head.readUInt32LE(9) };
}

/** Throws for bytes that are not UTF-8: decoded they would name something else. */
function readText(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (text.includes("\ufffd") && !Buffer.from(text, "utf8").equals(bytes)) throw invalidMessage("a name is not UTF-8");
  return text;
}

function requireTransfer(text: string): string {
  if (transferText.test(text)) return text;
  throw invalidMessage("the name of a transfer is not allowed");
}

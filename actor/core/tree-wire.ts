import { z } from "zod";
import { filePathText, invalidMessage, parse, readJson } from "./file-wire.js";
import { folderSystem } from "./folder-system.js";
import { decodeFolderRecord, type FolderRecord } from "./folder-record.js";

/** Folders compared in one message, and bytes of their records in the answer (one record may exceed it). */
export const compareFolders = 500;
export const compareBytes = 1024 * 1024;
/** Entries of one folder in one answer; a larger one comes in pieces. */
export const compareEntries = 10_000;

export const beginFields = z.strictObject({
  folder: z.string().max(63),
  epoch: z.int().min(0),
  /** FolderRules.digest of the source. */
  rules: z.string().max(64),
  /** Of an analysis that was begun: asks how far it is. */
  token: z.string().max(64).optional(),
  /** Owners are to be compared, if the target can set them. */
  hasOwner: z.boolean().optional(),
  /** Contents are to be compared: every file is read. */
  hasContent: z.boolean().optional(),
});

const number = z.number().min(0);
const beginAnswer = z.strictObject({
  token: z.string().min(1).max(64),
  /** Folders with at least this many entries were looked at; of an analysis that goes on. */
  entries: number.exactOptional(),
  hasOwner: z.boolean(),
  /** Absent where nothing could be tried. */
  system: folderSystem.exactOptional(),
  /** Absent while the analysis goes on. */
  tree: z
    .strictObject({
      digest: z.string().regex(/^[0-9a-f]{32}$/),
      files: number,
      bytes: number,
      roomBytes: z.number(),
      mode: z.int().min(0),
      mtimeNs: z.string().regex(/^-?[0-9]{1,20}$/),
      uid: number,
      gid: number,
      /** Absent: none. */
      problems: z.array(z.strictObject({ path: z.string(), because: z.string() })).exactOptional(),
    })
    .exactOptional(),
});
/** How far the target's analysis is, and in the end what stands for its whole tree. */
export type BeginAnswer = z.output<typeof beginAnswer>;

export const compareFields = z.strictObject({
  folder: z.string().max(63),
  epoch: z.int().min(0),
  token: z.string().max(64),
});

const compareQuery = z
  .array(z.strictObject({ path: filePathText, digest: z.string().max(32), skip: z.int().min(0) }))
  .max(compareFolders);
/** Folders as the source has them: the path, the digest (empty: none), and how many entries it was given already. */
export type CompareQuery = z.output<typeof compareQuery>;

export type ComparedFolder =
  | { readonly kind: "same" }
  /** There is no such folder (any more), or it cannot be read. */
  | { readonly kind: "missing" }
  | { readonly kind: "record"; readonly record: FolderRecord; readonly isLast: boolean };

const statuses = ["same", "missing", "piece", "last"] as const;

export function parseBeginAnswer(fields: unknown): BeginAnswer {
  return parse(beginAnswer, fields);
}

export function encodeCompareQuery(query: CompareQuery): Buffer {
  return Buffer.from(JSON.stringify(query));
}

export function decodeCompareQuery(body: Buffer | undefined): CompareQuery {
  return parse(compareQuery, readJson(body));
}

/** Status, length of the record, record; for as many of the folders asked for, in their order, as there was room. */
export function encodeCompared(kind: (typeof statuses)[number], record: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = statuses.indexOf(kind);
  head.writeUInt32LE(record.length, 1);
  return Buffer.concat([head, record]);
}

export function decodeCompared(body: Buffer | undefined): ComparedFolder[] {
  const folders: ComparedFolder[] = [];
  for (let at = 0; body !== undefined && at < body.length;) {
    if (body.length - at < 5) throw invalidMessage("a comparison is cut off");
    const status = statuses[body[at] ?? 255];
    const end = at + 5 + body.readUInt32LE(at + 1);
    if (end > body.length) throw invalidMessage("a folder's record is cut off");
    folders.push(toCompared(status, body.subarray(at + 5, end)));
    at = end;
  }
  return folders;
}

function toCompared(status: (typeof statuses)[number] | undefined, bytes: Buffer): ComparedFolder {
  if (status === "same" || status === "missing") return { kind: status };
  const record = status === undefined ? undefined : decodeFolderRecord(bytes);
  if (record === undefined) throw invalidMessage("a folder's record cannot be understood");
  return { kind: "record", record, isLast: status === "last" };
}

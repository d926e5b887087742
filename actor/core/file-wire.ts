import { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import type { FileEntry } from "./file-entry.js";

/** Content of one file that travels with others, or of one piece of a larger file. */
export const segmentBytes = 4 * 1024 * 1024;
/** Limits of one message; both sides keep to them. */
export const batchOperations = 1000;
export const batchBytes = 2 * 1024 * 1024;
export const pageEntries = 2000;
export const listPaths = 1000;

export const filePathText = z.string().max(4096);
const path = filePathText;
const nanoseconds = z.string().regex(/^-?[0-9]{1,20}$/);
const mode = z.int().min(0).max(0o7777);
const size = z.int().min(0);
const owner = z.int().min(0).max(0xffffffff).optional();
export const hashText = z.string().regex(/^[0-9a-f]{64}$/);

export const applyFields = z.strictObject({
  folder: z.string().max(63),
  epoch: z.int().min(0),
  token: z.string().max(64),
  sequence: z.int().min(1),
  /** The body is compressed by brotli (RFC 7932); so many bytes it has without. */
  brotliBytes: z
    .int()
    .min(1)
    .max(64 * 1024 * 1024)
    .optional(),
});

const named = z.array(z.object({ index: z.int().min(0), because: z.string() })).max(batchOperations);
const applyAnswer = z.object({
  failures: named,
  /** Done, but for attributes that the target cannot set. */
  unset: named,
});
/** What became of a batch: everything not named as failed is done and durable. */
export type ApplyAnswer = z.output<typeof applyAnswer>;

export const listFields = z.strictObject({
  folder: z.string().max(63),
  epoch: z.int().min(0),
  /** FolderRules.digest of the source. */
  rules: z.string().max(64),
  /** Of the first page; without it a new listing begins. */
  token: z.string().max(64).optional(),
});
export const listAnswer = z.object({ token: z.string().min(1).max(64), roomBytes: z.number() });
const listQuery = z.strictObject({ paths: z.array(path).max(listPaths), after: path.optional() });
export type ListQuery = z.output<typeof listQuery>;

/** An entry of the target with what is known there of its content. */
export interface ListedEntry extends FileEntry {
  /** Of a file: the content's hash in hex, if it is known and the file was not touched since. */
  readonly contentHash?: string;
  /** Of a file: it was touched on the target; size and time do not tell whether the content is the one that was sent. */
  readonly isDoubtful?: boolean;
}

const entry = z
  .strictObject({
    path,
    kind: z.enum(["file", "folder", "link", "other"]),
    size,
    mtimeNs: nanoseconds,
    mode,
    uid: owner,
    gid: owner,
    linkTarget: z.string().max(4096).optional(),
    contentHash: hashText.optional(),
    isDoubtful: z.boolean().optional(),
    /** In Base64. */
    extended: z.base64().max(100_000).optional(),
  })
  // What is absent must be absent, not undefined; JSON has only the former.
  .transform(({ extended, ...one }) => {
    const listed = { ...one, mtimeNs: BigInt(one.mtimeNs) } as ListedEntry;
    return extended === undefined
      ? listed
      : { ...listed, extended: Buffer.from(extended, "base64").toString("latin1") };
  });
const problem = z.strictObject({ path: z.string(), because: z.string() });
const listPage = z.strictObject({ entries: z.array(entry), problems: z.array(problem), isLast: z.boolean() });
export interface ListPage {
  readonly entries: readonly ListedEntry[];
  /** What stands on the target and cannot be named on the link, or not be read there. */
  readonly problems: readonly { readonly path: string; readonly because: string }[];
  readonly isLast: boolean;
}

export const settledFields = z.strictObject({
  folder: z.string().max(63),
  epoch: z.int().min(0),
  completeUpToMs: z.number().min(0),
  lastFullAnalysisAtMs: z.number().min(0),
  isComplete: z.boolean(),
});

/** More is not named: what is open then is the whole folder. */
export const openPathsLimit = 1000;
const openPathsBytes = 1024 * 1024;
const openPaths = z.array(path).max(openPathsLimit).nullable();
/** Paths that the last full analysis, and no pass since, could bring over, or left alone; null for more than are named. */
export type OpenPaths = z.output<typeof openPaths>;

export function encodeOpenPaths(paths: OpenPaths): Buffer {
  const body = Buffer.from(JSON.stringify(paths));
  return body.length > openPathsBytes || !openPaths.safeParse(paths).success ? Buffer.from("null") : body;
}

export function decodeOpenPaths(body: Buffer): OpenPaths {
  return parse(openPaths, readJson(body));
}

export function encodeListQuery(query: ListQuery): Buffer {
  return Buffer.from(JSON.stringify(query));
}

export function decodeListQuery(body: Buffer | undefined): ListQuery {
  return parse(listQuery, readJson(body));
}

export function encodeListPage(page: ListPage): Buffer {
  const entries = page.entries.map(({ path: name, kind, size: bytes, mtimeNs, mode: bits, ...rest }) => ({
    path: name,
    kind,
    size: bytes,
    mtimeNs: String(mtimeNs),
    mode: bits,
    uid: rest.uid,
    gid: rest.gid,
    linkTarget: rest.linkTarget,
    contentHash: rest.contentHash,
    isDoubtful: rest.isDoubtful,
    extended: rest.extended === undefined ? undefined : Buffer.from(rest.extended, "latin1").toString("base64"),
  }));
  return Buffer.from(JSON.stringify({ entries, problems: page.problems, isLast: page.isLast }));
}

export function decodeListPage(body: Buffer | undefined): ListPage {
  return parse(listPage, readJson(body));
}

export function encodeApplyAnswer(answer: ApplyAnswer): Buffer {
  return Buffer.from(JSON.stringify(answer));
}

export function decodeApplyAnswer(body: Buffer | undefined): ApplyAnswer {
  return parse(applyAnswer, readJson(body));
}

/** Validates what came over the link. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const first = result.error.issues[0];
  throw invalidMessage(`${first?.path.map(String).join(".") ?? ""}: ${first?.message ?? "not of the expected form"}`);
}

export function readJson(body: Buffer | undefined): unknown {
  if (body === undefined) throw invalidMessage("the body is missing");
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw invalidMessage("the body is not JSON");
  }
}

export function invalidMessage(because: string): AppError {
  return new AppError("REQUEST_INVALID", `A message about files cannot be understood: ${because}.`);
}

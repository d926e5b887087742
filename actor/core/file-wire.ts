import { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import type { FileEntry } from "./file-entry.js";

/** Content of one file that travels with others, or of one piece of a larger file. */
export const segmentBytes = 4 * 1024 * 1024;
/** Limits of one message; both sides keep to them. */
export const batchOperations = 500;
export const batchBytes = 1024 * 1024;
export const pageEntries = 2000;
export const listPaths = 1000;
const longestHeaderBytes = 4 * 1024 * 1024;

const path = z.string().max(4096);
const nanoseconds = z.string().regex(/^-?[0-9]{1,20}$/);
const mode = z.int().min(0).max(0o7777);
const size = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const transfer = z.string().regex(/^[a-z0-9]{1,64}$/);
const bytes = z.int().min(0).max(segmentBytes);

const operation = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("remove"), path, kind: z.enum(["file", "folder", "link", "other"]) }),
  z.strictObject({ do: z.literal("make-folder"), path, mode }),
  z.strictObject({ do: z.literal("put-file"), path, mode, mtimeNs: nanoseconds, size, sha256, bytes }),
  z.strictObject({ do: z.literal("put-segment"), transfer, offset: size, bytes }),
  z.strictObject({ do: z.literal("finish-file"), path, mode, mtimeNs: nanoseconds, size, sha256, transfer }),
  z.strictObject({ do: z.literal("drop-transfer"), transfer }),
  z.strictObject({ do: z.literal("put-link"), path, mtimeNs: nanoseconds, linkTarget: z.string().max(4096) }),
  z.strictObject({
    do: z.literal("set-attributes"),
    path,
    kind: z.enum(["file", "folder", "link"]),
    mode,
    mtimeNs: nanoseconds,
  }),
]);

/** One operation as it travels in a batch. `bytes` of its content follow the batch's header. */
export type WireOperation = z.output<typeof operation>;

const applyHeader = z.strictObject({ operations: z.array(operation).max(batchOperations) });

export const applyFields = z.strictObject({
  folder: z.string().max(63),
  epoch: z.int().min(0),
  token: z.string().max(64),
  sequence: z.int().min(1),
});

const applyAnswer = z.object({
  failures: z.array(z.object({ index: z.int().min(0), because: z.string() })).max(batchOperations),
});
/** What became of a batch: everything not named here is done and durable. */
export type ApplyAnswer = z.output<typeof applyAnswer>;

export const listFields = z.strictObject({
  folder: z.string().max(63),
  epoch: z.int().min(0),
  /** Of the first page; without it a new listing begins. */
  token: z.string().max(64).optional(),
});
const listQuery = z.strictObject({ paths: z.array(path).max(listPaths), after: path.optional() });
export type ListQuery = z.output<typeof listQuery>;

const entry = z
  .strictObject({
    path,
    kind: z.enum(["file", "folder", "link", "other"]),
    size,
    mtimeNs: nanoseconds,
    mode,
    linkTarget: z.string().max(4096).optional(),
  })
  .transform(({ linkTarget, ...rest }): FileEntry => ({
    ...rest,
    mtimeNs: BigInt(rest.mtimeNs),
    ...(linkTarget === undefined ? {} : { linkTarget }),
  }));
const problem = z.strictObject({ path: z.string(), because: z.string() });
const listPage = z.strictObject({ entries: z.array(entry), problems: z.array(problem), isLast: z.boolean() });
export interface ListPage {
  readonly entries: readonly FileEntry[];
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

export function encodeListQuery(query: ListQuery): Buffer {
  return Buffer.from(JSON.stringify(query));
}

export function decodeListQuery(body: Buffer | undefined): ListQuery {
  return parse(listQuery, readJson(body));
}

export function encodeListPage(page: ListPage): Buffer {
  const entries = page.entries.map((one) => ({
    path: one.path,
    kind: one.kind,
    size: one.size,
    mtimeNs: String(one.mtimeNs),
    mode: one.mode,
    ...(one.linkTarget === undefined ? {} : { linkTarget: one.linkTarget }),
  }));
  return Buffer.from(JSON.stringify({ entries, problems: page.problems, isLast: page.isLast }));
}

export function decodeListPage(body: Buffer | undefined): ListPage {
  return parse(listPage, readJson(body));
}

/** A batch: length of the header (4 bytes, big-endian), header as JSON, then the contents one after the other. */
export function encodeBatch(operations: readonly WireOperation[], contents: readonly Buffer[]): Buffer {
  const header = Buffer.from(JSON.stringify({ operations }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  return Buffer.concat([length, header, ...contents]);
}

/** Reads a batch; contents[i] belongs to operations[i] and is empty for those without. Refuses what does not add up. */
export function decodeBatch(body: Buffer | undefined): { operations: WireOperation[]; contents: Buffer[] } {
  if (body === undefined || body.length < 4) throw invalid("the batch has no header");
  const headerLength = body.readUInt32BE(0);
  if (headerLength > longestHeaderBytes || headerLength > body.length - 4)
    throw invalid("the header's length is wrong");
  const { operations } = parse(applyHeader, readJson(body.subarray(4, 4 + headerLength)));
  let offset = 4 + headerLength;
  const contents = operations.map((one) => {
    const length = "bytes" in one ? one.bytes : 0;
    const content = body.subarray(offset, offset + length);
    if (content.length !== length) throw invalid("the batch is shorter than its contents");
    offset += length;
    return content;
  });
  if (offset !== body.length) throw invalid("the batch is longer than its contents");
  return { operations, contents };
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
  throw invalid(`${first?.path.map(String).join(".") ?? ""}: ${first?.message ?? "not of the expected form"}`);
}

function readJson(body: Buffer | undefined): unknown {
  if (body === undefined) throw invalid("the body is missing");
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw invalid("the body is not JSON");
  }
}

function invalid(because: string): AppError {
  return new AppError("REQUEST_INVALID", `A message about files cannot be understood: ${because}.`);
}

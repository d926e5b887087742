import { z } from "zod";
import type { TableMarks } from "./journal-position.js";
import { splitShape, type SchemaShape } from "./journal-schema.js";
import { tableConstraints, type TableConstraints } from "./table-constraints.js";
import { differenceKinds, type CheckAnswer, type RangeSum } from "./verification.js";

/** The forms of the messages `database/…` on the link. Both sides read them strictly; bodies are JournalBatches. */
const count = z.int().min(0);
const id = z.string().regex(/^[a-z0-9-]{1,64}$/);
const idOrNone = z.string().regex(/^[a-z0-9-]{0,64}$/);
const cell = z.union([z.string(), z.null()]);

/** Small batches travel together, so that a point of many tables is no more messages than one of one. */
export const largestBundle = 1024;

const common = { database: z.string(), epoch: count, history: id };
const point = { ...common, point: count, attempt: id, completeUpToMs: z.number() };
const marks = z.record(z.string(), z.string());
const key = z.array(cell);
const range = z.object({
  table: z.string(),
  after: key.nullable(),
  upTo: key.nullable(),
  rows: count,
  sum: z.string(),
  isDetailed: z.boolean(),
});
/** Far more than one point ever compares. */
const ranges = z.array(range).max(10_000);

export const positionRequest = z.strictObject(common);
/** `seq`: number of the first batch in the body; `lengths`: bytes of each, in order. */
const bundle = { seq: count, isCompressed: z.boolean(), lengths: z.array(z.int().min(1)).max(largestBundle) };
export const stageRequest = z.strictObject({ ...point, ...bundle });
/**
 * The last bundle travels with the word to apply the point, so that a small point is one message. `total`: how many batches
 * the point has, which is not known before all of it was read.
 */
export const applyRequest = z.strictObject({ ...point, ...bundle, total: count, ranges });
/** The source's journal was empty at `completeUpToMs`, all of `point` being applied. */
export const currentRequest = z.strictObject({ ...common, point: count, completeUpToMs: z.number() });
/** `tables`: null for everything. */
export const copyBeginRequest = z.strictObject({ ...common, marks, tables: z.array(z.string()).nullable() });
export const copyEndRequest = z.strictObject(common);
export const adoptRequest = z.strictObject({ ...common, marks });
export const compareRequest = z.strictObject({ ...common, ranges });
/** No word of the session: it is asked before there is one. */
export const roomRequest = z.strictObject({ database: z.string(), epoch: count });
/** `tables`: null for all of them, as the server keeps count of them. */
export const countRequest = z.strictObject({ ...common, tables: z.array(z.string()).nullable() });
export const declareRequest = z.strictObject({ ...common, point: count, attempt: id, marks });
export const copyChunkRequest = z.strictObject({
  ...common,
  table: z.string(),
  isCompressed: z.boolean(),
  mark: z.string(),
  number: z.int().min(1),
  chunksRead: count,
  afterKey: z.array(cell).nullable(),
  lastKey: z.array(cell).nullable(),
});
export const unshippedRequest = z.strictObject({ ...common, parentPoint: count, parentAttempt: idOrNone });
export const unshippedPageRequest = z.strictObject({ ...common, page: count });

export const positionAnswer = z.object({
  history: id,
  shippedPoint: count,
  sending: z.object({ point: count, attempt: id }).nullable(),
  applied: z
    .object({
      history: id,
      point: count,
      attempt: idOrNone,
      stage: z.enum(["copying", "catching-up", "adopted", "complete"]),
      completeUpToMs: z.number(),
    })
    .nullable(),
  newestChunk: count,
});
/** Says something of each table: the body of the answer, for the fields of a large schema would be too large. */
const lines = z.record(z.string(), z.array(z.string()));
/** `types` and `rules` stand by themselves: an older source, which does not know them, would take them for columns that it lacks. */
const positionTables = z.object({
  shapes: lines,
  types: lines.optional(),
  rules: lines.optional(),
  marks,
  copied: marks,
  /** Labels; an older target says nothing of them. */
  sequences: z.array(z.string()).optional(),
  /** An older target says nothing of them, an older source does not look at them. */
  constraints: tableConstraints.optional(),
});
/** See DatabaseRoom. */
export const roomAnswer = z.object({ bytes: z.number(), roomBytes: z.number().nullable() });
/** The point that is applied; null while there is no whole one. Rows of each table are the body. */
export const countAnswer = z.object({ history: idOrNone, point: count.nullable() });
const rowsByTable = z.record(z.string(), count);
const answers = z.array(
  z.object({
    isSame: z.boolean(),
    rows: count,
    middle: key.nullable(),
    differences: z.array(z.object({ table: z.string(), key, what: z.enum(differenceKinds) })),
    unnamed: count,
  }),
);
export const applyAnswer = z.object({ outcome: z.enum(["applied", "already-applied"]), answers });
export const compareAnswer = z.object({ answers });
export const copyProgress = z.object({
  table: z.string(),
  chunk: count,
  lastKey: z.array(cell).nullable(),
  isDone: z.boolean(),
  rows: count,
});
export const copyAnswer = z.object({ tables: z.array(copyProgress) });
/** Not ended: what the copy had set aside is still being built; it is to be asked again. */
export const copyEndAnswer = z.object({ isEnded: z.boolean() });
export const unshippedAnswer = z.object({ pages: count });

export function encodePositionTables(tables: {
  readonly shapes: SchemaShape;
  readonly marks: TableMarks;
  readonly copied: TableMarks;
  readonly sequences: readonly string[];
  readonly constraints: TableConstraints;
}): Buffer {
  const split = Object.entries(tables.shapes).map(([label, shape]) => [label, splitShape(shape)] as const);
  const linesOf = (kind: "types" | "rules"): Record<string, string[]> =>
    Object.fromEntries(split.filter(([, each]) => each[kind].length > 0).map(([label, each]) => [label, each[kind]]));
  const shapes = Object.fromEntries(split.map(([label, { plain }]) => [label, plain]));
  return Buffer.from(JSON.stringify({ ...tables, shapes, types: linesOf("types"), rules: linesOf("rules") }));
}

/** Throws a SyntaxError or a ZodError when the body is not of the expected form. */
export function decodePositionTables(
  body: Buffer | undefined,
): Omit<z.output<typeof positionTables>, "types" | "rules"> {
  const { types = {}, rules = {}, ...tables } = positionTables.parse(JSON.parse(body?.toString() ?? ""));
  const whole = Object.entries(tables.shapes).map(
    ([label, shape]) => [label, [...shape, ...(types[label] ?? []), ...(rules[label] ?? [])]] as [string, string[]],
  );
  return { ...tables, shapes: Object.fromEntries<string[]>(whole) };
}

export function encodeCounts(rows: Readonly<Record<string, number>>): Buffer {
  return Buffer.from(JSON.stringify(rows));
}

/** Throws a SyntaxError or a ZodError when the body is not of the expected form. */
export function decodeCounts(body: Buffer | undefined): Readonly<Record<string, number>> {
  return rowsByTable.parse(JSON.parse(body?.toString() ?? ""));
}

/** A range as the wire has it: JSON knows no undefined. */
export function encodeRange(sum: RangeSum): z.output<typeof range> {
  return { ...sum, after: sum.after ? [...sum.after] : null, upTo: sum.upTo ? [...sum.upTo] : null };
}

export function encodeAnswers(sent: readonly CheckAnswer[]): z.output<typeof answers> {
  return sent.map(({ differences, middle, ...rest }) => ({
    ...rest,
    middle: middle ? [...middle] : null,
    differences: differences.map((difference) => ({ ...difference, key: [...difference.key] })),
  }));
}

export function decodeRange(sent: z.output<typeof range>): RangeSum {
  return { ...sent, after: sent.after ?? undefined, upTo: sent.upTo ?? undefined };
}

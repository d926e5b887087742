import { z } from "zod";

/** The forms of the messages `database/…` on the link. Both sides read them strictly; bodies are JournalBatches. */
const count = z.int().min(0);
const id = z.string().regex(/^[a-z0-9-]{1,64}$/);
const idOrNone = z.string().regex(/^[a-z0-9-]{0,64}$/);
const cell = z.union([z.string(), z.null()]);

const common = { database: z.string(), epoch: count, history: id };
const point = { ...common, point: count, attempt: id, total: count, completeUpToMs: z.number() };

export const positionRequest = z.strictObject(common);
export const stageRequest = z.strictObject({ ...point, seq: count });
export const applyRequest = z.strictObject(point);
/** The source's journal was empty at `completeUpToMs`, all of `point` being applied. */
export const currentRequest = z.strictObject({ ...common, point: count, completeUpToMs: z.number() });
export const copyRequest = z.strictObject(common);
export const copyChunkRequest = z.strictObject({
  ...common,
  number: z.int().min(1),
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
  shapes: z.record(z.string(), z.array(z.string())),
});
export const copyProgress = z.object({
  table: z.string(),
  chunk: count,
  lastKey: z.array(cell).nullable(),
  isDone: z.boolean(),
  rows: count,
});
export const copyAnswer = z.object({ tables: z.array(copyProgress) });
export const unshippedAnswer = z.object({ pages: count });

import type { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import { decodeBatch, type JournalBatch } from "../core/journal-wire.js";
import type { LinkMessage } from "../link/link.js";
import { splitBundle, unpackFrame } from "./batch-frame.js";

/** The fields of a message of the source. Whatever is not of the expected form is a REQUEST_INVALID, here and below. */
export function readFields<Form extends z.ZodType>(form: Form, message: LinkMessage): z.output<Form> {
  const parsed = form.safeParse(message.fields);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new AppError("REQUEST_INVALID", `a database message is not of the expected form: ${where}`);
}

/** The frame as it was before it was packed for the link. */
export async function bodyOf(message: LinkMessage): Promise<Buffer> {
  const isCompressed = message.fields["isCompressed"] === true;
  try {
    return await unpackFrame({ body: message.body ?? Buffer.alloc(0), isCompressed });
  } catch (error) {
    throw new AppError("REQUEST_INVALID", "a database batch cannot be unpacked", { cause: error });
  }
}

/** A message with one batch. */
export async function batchOf(message: LinkMessage): Promise<JournalBatch> {
  return decode(await bodyOf(message));
}

/** One batch of a bundle. */
export function decode(body: Buffer): JournalBatch {
  try {
    return decodeBatch(body);
  } catch (error) {
    throw new AppError("REQUEST_INVALID", "a database batch is not of the expected form", { cause: error });
  }
}

/** The batches of a bundle, as they are kept until they are applied. */
export function split(body: Buffer, lengths: readonly number[]): readonly Buffer[] {
  try {
    return splitBundle(body, lengths);
  } catch (error) {
    throw new AppError("REQUEST_INVALID", "a database message holds other batches than it says", { cause: error });
  }
}

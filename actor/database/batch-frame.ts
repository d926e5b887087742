import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";

const compress = promisify(deflateRaw);
const decompress = promisify(inflateRaw);

/** Quick rather than small: the server's disk and the link are to be the limit, not this. */
const level = 1;
/** Below this the saving is less than one packet. */
const smallestBytes = 512;
/** A compressed frame may not unfold to more than a message ever holds. */
const largestBytes = 64 * 1024 * 1024;

/** A batch as it goes over the link. */
export interface BatchFrame {
  readonly body: Buffer;
  readonly isCompressed: boolean;
}

/** Compresses where that is wanted and worth it. */
export async function packFrame(body: Buffer, isWanted: boolean): Promise<BatchFrame> {
  if (!isWanted || body.length < smallestBytes) return { body, isCompressed: false };
  const packed = await compress(body, { level });
  return packed.length < body.length * 0.9 ? { body: packed, isCompressed: true } : { body, isCompressed: false };
}

/** Rejects when the body is not what it says, or would unfold beyond the limit. */
export async function unpackFrame({ body, isCompressed }: BatchFrame): Promise<Buffer> {
  return isCompressed ? decompress(body, { maxOutputLength: largestBytes }) : body;
}

/** Cuts a body into the batches that travelled together. Throws a TypeError when the lengths are not those of the body. */
export function splitBundle(body: Buffer, lengths: readonly number[]): readonly Buffer[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total !== body.length) throw new TypeError("the batches of a message are not as long as it says");
  let offset = 0;
  return lengths.map((length) => {
    offset += length;
    return body.subarray(offset - length, offset);
  });
}

/** Puts batches together as long as they fill no message; one that is larger travels alone. */
export async function* bundles(
  batches: AsyncIterable<Buffer>,
  limits: { readonly bytes: number; readonly batches: number },
): AsyncGenerator<readonly Buffer[]> {
  let bundle: Buffer[] = [];
  let bytes = 0;
  for await (const batch of batches) {
    const isFull = bytes + batch.length > limits.bytes || bundle.length >= limits.batches;
    if (bundle.length > 0 && isFull) {
      yield bundle;
      bundle = [];
      bytes = 0;
    }
    bundle.push(batch);
    bytes += batch.length;
  }
  if (bundle.length > 0) yield bundle;
}

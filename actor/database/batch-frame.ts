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

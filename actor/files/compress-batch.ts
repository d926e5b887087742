import { promisify } from "node:util";
import { brotliCompress, brotliCompressSync, constants } from "node:zlib";

/** Quality 1 packs 260 MB/s to the size of gzip's usual level; every higher one is slower than most networks. */
const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const compress = promisify(brotliCompress);
const sampleBytes = 16 * 1024;
/** Less than a tenth saved is not worth the time on both sides. */
const worthwhileRatio = 0.9;
/** Below this the head of the message is most of it. */
const smallestBytes = 1024;

/** The batch compressed by brotli; undefined when a sample from its middle, or the whole, does not become smaller. */
export async function compressIfWorthwhile(batch: Buffer): Promise<Buffer | undefined> {
  if (batch.length < smallestBytes) return undefined;
  const from = Math.max(0, Math.floor((batch.length - sampleBytes) / 2));
  const sample = batch.subarray(from, from + sampleBytes);
  if (brotliCompressSync(sample, options).length > sample.length * worthwhileRatio) return undefined;
  const packed = await compress(batch, options);
  return packed.length > batch.length * worthwhileRatio ? undefined : packed;
}

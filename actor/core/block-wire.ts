import { z } from "zod";
import { filePathText, parse, readJson } from "./file-wire.js";

/** Large files are compared in blocks of this size. */
export const blockBytes = 65_536;
/** Blocks in one answer: 128 MiB of the file, a second or two of a slow disk. */
export const blocksAtOnce = 2048;
/** Of the hash of a block so many bytes are compared. */
export const blockHashBytes = 16;

const query = z.strictObject({
  path: filePathText,
  transfer: z.string().regex(/^[a-z0-9]{1,64}$/),
  from: z.int().min(0),
});
export type BlockQuery = z.output<typeof query>;

const answerFields = z.strictObject({
  /** What can be built on: pieces that came before, the file that is there now, or nothing. */
  basis: z.enum(["transfer", "file", "none"]),
  size: z.int().min(0),
  /** Stands for the state of the file: it must not change before it is built on. */
  state: z.string().regex(/^[0-9a-f]{64}$/),
});

export interface BlockAnswer extends z.output<typeof answerFields> {
  /** The hashes of the blocks from the one asked for on, one behind the other. */
  readonly hashes: Buffer;
}

export function encodeBlockQuery(asked: BlockQuery): Buffer {
  return Buffer.from(JSON.stringify(asked));
}

export function decodeBlockQuery(body: Buffer | undefined): BlockQuery {
  return parse(query, readJson(body));
}

export function parseBlockAnswer(fields: unknown, body: Buffer | undefined): BlockAnswer {
  return { ...parse(answerFields, fields), hashes: body ?? Buffer.alloc(0) };
}

/** A run of bytes of a file that the target does not have. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/**
 * Which runs of a chunk must be sent: blocks whose hash is another one than the basis', and blocks beyond it unless they are
 * all zeros, which a file is made of where nothing was written. `hashes` begin with the chunk's first block.
 */
export function differingRuns(chunk: Buffer, hashes: Buffer, hashBlock: (block: Buffer) => Buffer): Run[] {
  const runs: Run[] = [];
  for (let from = 0; from < chunk.length; from += blockBytes) {
    const block = chunk.subarray(from, from + blockBytes);
    const at = (from / blockBytes) * blockHashBytes;
    const known = hashes.subarray(at, at + blockHashBytes);
    if (known.length === 0 ? isZero(block) : known.equals(hashBlock(block))) continue;
    const last = runs.at(-1);
    const to = from + block.length;
    if (last?.to === from) runs[runs.length - 1] = { from: last.from, to };
    else runs.push({ from, to });
  }
  return runs;
}

const zeros = Buffer.alloc(blockBytes);

function isZero(block: Buffer): boolean {
  return block.equals(zeros.subarray(0, block.length));
}

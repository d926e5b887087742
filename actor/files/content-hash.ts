import { blake3 } from "@noble/hashes/blake3";
import { createRequire } from "node:module";
import { blockHashBytes } from "../core/block-wire.js";

/** Takes a content piece by piece; its digest is what hashContent gives for all of it. */
export interface ContentHash {
  readonly update: (piece: Uint8Array) => void;
  readonly digest: () => Buffer;
}

/** The part of `@napi-rs/blake-hash` that is used. */
interface BlakeLibrary {
  readonly blake3: (content: Uint8Array) => Buffer;
  readonly Blake3Hasher: new () => { update: (content: Uint8Array) => unknown; digestBuffer: () => Buffer };
}

/** One way to make the hash. */
interface Hashing {
  readonly hash: (content: Uint8Array) => Buffer;
  readonly create: () => ContentHash;
}

/** In JavaScript, for every processor; a hundred times as slow. */
export const portableHashing: Hashing = {
  hash: (content) => asBuffer(blake3(content)),
  create: () => {
    const hasher = blake3.create({});
    return { update: (piece) => void hasher.update(piece), digest: () => asBuffer(hasher.digest()) };
  },
};

const nativeHashing = loadNativeHashing();
const hashing = nativeHashing ?? portableHashing;

/** Whether the processor's vectors are used: without them the same comes out much more slowly. */
export const isHashNative = nativeHashing !== undefined;

/** The BLAKE3 of a content, 32 bytes: what both sides remember of a file, and compare. */
export const hashContent: (content: Uint8Array) => Buffer = hashing.hash;

export const createContentHash: () => ContentHash = hashing.create;

/** Half of it: 128 bits are out of reach for who wants two blocks with the same. */
export function hashBlock(block: Uint8Array): Buffer {
  return hashContent(block).subarray(0, blockHashBytes);
}

function loadNativeHashing(): Hashing | undefined {
  try {
    // Not imported: where it has nothing for the processor the import itself would fail, and with it the actor.
    const library = createRequire(import.meta.url)("@napi-rs/blake-hash") as BlakeLibrary;
    const create = (): ContentHash => {
      const hasher = new library.Blake3Hasher();
      return { update: (piece) => void hasher.update(piece), digest: () => hasher.digestBuffer() };
    };
    return { hash: library.blake3, create };
  } catch {
    return undefined;
  }
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

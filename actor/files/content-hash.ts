import { createRequire } from "node:module";
import { Blake3 } from "../core/blake3.js";
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

const library = loadLibrary();

/** Whether the processor's vectors are used: without the library the same comes out much more slowly. */
export const isHashNative = library !== undefined;

/** The BLAKE3 of a content, 32 bytes: what both sides remember of a file, and compare. */
export const hashContent: (content: Uint8Array) => Buffer =
  library?.blake3 ?? ((content) => new Blake3().update(content).digest());

/** Half of it: 128 bits are out of reach for who wants two blocks with the same. */
export function hashBlock(block: Uint8Array): Buffer {
  return hashContent(block).subarray(0, blockHashBytes);
}

export function createContentHash(): ContentHash {
  if (library === undefined) return new Blake3();
  const hasher = new library.Blake3Hasher();
  return { update: (piece) => void hasher.update(piece), digest: () => hasher.digestBuffer() };
}

function loadLibrary(): BlakeLibrary | undefined {
  try {
    // Not imported: where it has nothing for the processor the import itself would fail, and with it the actor.
    return createRequire(import.meta.url)("@napi-rs/blake-hash") as BlakeLibrary;
  } catch {
    return undefined;
  }
}

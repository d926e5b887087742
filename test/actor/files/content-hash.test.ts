import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  createContentHash,
  hashBlock,
  hashContent,
  isHashNative,
  portableHashing,
} from "../../../actor/files/content-hash.js";

/** The input of the official test vectors: bytes that count from 0 to 250 again and again. */
function counting(bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, index) => index % 251));
}

// https://github.com/BLAKE3-team/BLAKE3/blob/master/test_vectors/test_vectors.json, the first 32 bytes of "hash".
const vectors: readonly (readonly [number, string])[] = [
  [0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"],
  [1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"],
  [1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"],
  [1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"],
  [1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"],
  [2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"],
  [31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"],
  [102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"],
];

test.each(vectors)(
  "the official vector of %i bytes comes out with and without the processor's vectors",
  (bytes, hash) => {
    expect(portableHashing.hash(counting(bytes)).toString("hex")).toBe(hash);
    expect(hashContent(counting(bytes)).toString("hex")).toBe(hash);
  },
);

test("a content that comes in pieces of any size has the hash of the whole", () => {
  const pieces = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 8 });
  fc.assert(
    fc.property(pieces, (lengths) => {
      const whole = counting(lengths.reduce((sum, length) => sum + length, 0));
      for (const hash of [portableHashing.create(), createContentHash()]) {
        let at = 0;
        for (const length of lengths) hash.update(whole.subarray(at, (at += length)));
        expect(hash.digest()).toEqual(hashContent(whole));
      }
    }),
    { numRuns: 40 },
  );
});

test("the processor's vectors are used where the package has them", () => {
  expect(isHashNative).toBe(true);
});

test("a block is known by the first half of its hash", () => {
  expect(hashBlock(counting(65_536))).toEqual(hashContent(counting(65_536)).subarray(0, 16));
});

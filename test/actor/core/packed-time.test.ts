import { expect, test } from "@jest/globals";
import { readPackedTime, writePackedTime } from "../../../actor/core/packed-time.js";

const second = 1_000_000_000n;

function pack(timeNs: bigint): bigint {
  const bytes = Buffer.alloc(10);
  writePackedTime(bytes, timeNs, 1);
  return readPackedTime(bytes, 1);
}

test.each([
  { when: "now, to the nanosecond", timeNs: 1_795_000_000_123_456_789n },
  { when: "1970", timeNs: 0n },
  { when: "the earliest of ext4", timeNs: -2_147_483_648n * second },
  { when: "the latest of ext4, beyond what a signed number of nanoseconds holds", timeNs: 15_032_385_535n * second },
])("a time comes back: $when", ({ timeNs }) => {
  expect(pack(timeNs)).toBe(timeNs);
});

test("a time that no usual file system holds becomes the nearest one, and stays that", () => {
  const [late, early] = [pack(10n ** 20n), pack(-(10n ** 20n))];
  expect(late).toBeGreaterThan(15_032_385_535n * second);
  expect(early).toBeLessThan(-2_147_483_648n * second);
  expect(pack(late)).toBe(late);
  expect(pack(early)).toBe(early);
});

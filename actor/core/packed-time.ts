/** Before 1901, the earliest time of ext4. */
const earliestNs = -2_200_000_000_000_000_000n;
/** The same in milliseconds, for who compares times as doubles. */
export const earliestMs = -2_200_000_000_000;
const latestNs = earliestNs + 2n ** 64n - 1n;

/**
 * Writes a time of a file in eight bytes, exact to the nanosecond from 1900 to 2484: more than ext4 (1901 to 2446) and XFS
 * hold, where a signed number of nanoseconds since 1970 would end in 2262. What is outside becomes the nearest end.
 */
export function writePackedTime(to: Buffer, timeNs: bigint, at: number): void {
  const within = timeNs < earliestNs ? earliestNs : timeNs > latestNs ? latestNs : timeNs;
  to.writeBigUInt64LE(within - earliestNs, at);
}

/** What writePackedTime has written. */
export function readPackedTime(from: Buffer, at: number): bigint {
  return from.readBigUInt64LE(at) + earliestNs;
}

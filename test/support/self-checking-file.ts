import { createHash } from "node:crypto";
import type { SeededRandom } from "../simulation/seeded-random.js";

/** Each record holds its file's version, its own place and a checksum: 63 characters and an end of line. */
const recordBytes = 64;

/** Content that shows whether it is whole: every beginning of it is whole too, a mixture of two never is. */
export function selfCheckingContent(random: SeededRandom, records: number): Buffer {
  return selfCheckingRecords(random.id(), 0, records);
}

/** Records of a version from a place on: what an append adds to a file. */
export function selfCheckingRecords(version: string, from: number, count: number): Buffer {
  const lines: string[] = [];
  for (let index = from; index < from + count; index += 1) {
    const text = `${version}:${index}:`;
    lines.push(`${(text + checksum(text)).padEnd(recordBytes - 1, ".")}\n`);
  }
  return Buffer.from(lines.join(""));
}

/** The version and the number of records that a file begins with; undefined for an empty one. */
export function versionOf(content: Buffer): { readonly version: string; readonly records: number } | undefined {
  if (content.length === 0) return undefined;
  const [version = ""] = content.toString("latin1", 0, recordBytes).split(":");
  return { version, records: Math.floor(content.length / recordBytes) };
}

export function lengthOfRecords(records: number): number {
  return records * recordBytes;
}

/** Why a content is torn; undefined when it is whole. */
export function tornBecause(content: Buffer): string | undefined {
  if (content.length % recordBytes !== 0) return `${content.length} bytes are no whole number of records`;
  const version = versionOf(content)?.version ?? "";
  for (let index = 0; index * recordBytes < content.length; index += 1) {
    const record = content.subarray(index * recordBytes, (index + 1) * recordBytes);
    if (!record.equals(selfCheckingRecords(version, index, 1))) {
      return `record ${index} of version ${version} is ${JSON.stringify(record.toString("latin1"))}`;
    }
  }
  return undefined;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 24);
}

import { z } from "zod";

/** Beside `.deleted`, in SpareSync's own folder: one JSON object per line, the last one about a path counts. */
export const deletedRecordsFile = "deleted.jsonl";

const record = z.object({
  /** Where it stands in `.deleted`. */
  path: z.string(),
  /** Where it stood in the folder; the same unless an older version had to make way. */
  of: z.string().optional(),
  /** Where it stood on this server before a reverse synchronisation renamed it; the same as `of` without it. */
  stood: z.string().optional(),
  deletedAtMs: z.number(),
  reason: z.string(),
  /** It stood there in `.deleted` and had to make way: what an earlier line says of that path holds for this one. */
  from: z.string().optional(),
  /** Replaced by a reverse synchronisation: kept until a person has looked, whatever the settings say. */
  isHeld: z.literal(true).optional(),
});
/** When and why something came to `.deleted`. The file itself keeps its own times. */
export type DeletedRecord = z.output<typeof record>;

export function encodeDeletedRecord({ path, of, stood, from, deletedAtMs, reason, isHeld }: DeletedRecord): string {
  return `${JSON.stringify({ path, of, stood, from, deletedAtMs, reason, isHeld })}\n`;
}

/**
 * Reads all records; what cannot be read (a line torn by a crash) counts as never written. None of those returned has
 * `from`: they stand for themselves.
 */
export function decodeDeletedRecords(text: string): Map<string, DeletedRecord> {
  const records = new Map<string, DeletedRecord>();
  for (const line of text.split("\n")) addDeletedRecord(records, line);
  return records;
}

/** The same with one more line, the next one. */
export function addDeletedRecord(records: Map<string, DeletedRecord>, line: string): void {
  const one = decodeLine(line);
  if (one !== undefined) records.set(one.path, movedRecord(one, records));
}

function movedRecord({ from, ...own }: DeletedRecord, records: ReadonlyMap<string, DeletedRecord>): DeletedRecord {
  const before = from === undefined ? undefined : records.get(from);
  return before === undefined ? own : { ...before, path: own.path, of: before.of ?? before.path };
}

function decodeLine(line: string): DeletedRecord | undefined {
  if (line === "") return undefined;
  try {
    return record.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Something that stands in `.deleted`, with the bytes that it occupies. */
export interface KeptFile extends DeletedRecord {
  readonly bytes: number;
}

export interface KeepLimits {
  /** What was deleted at or before this time has been kept long enough. */
  readonly latestMs: number;
  readonly largestBytes: number;
}

export interface PurgePlan {
  readonly goes: readonly KeptFile[];
  readonly stays: readonly KeptFile[];
}

/**
 * What of `.deleted` goes: all that was kept long enough, by the time of its deletion, and what is larger than the limit by
 * itself; then, while the rest is larger than the limit, the oldest first. What is held stays, for a person who has not looked yet,
 * and is not counted: nothing else has to go for it.
 */
export function planPurge(kept: readonly KeptFile[], { latestMs, largestBytes }: KeepLimits): PurgePlan {
  const oldestFirst = [...kept].sort((a, b) => a.deletedAtMs - b.deletedAtMs);
  const isDue = (one: KeptFile): boolean => one.deletedAtMs <= latestMs || one.bytes > largestBytes;
  let bytes = kept.reduce((sum, one) => (one.isHeld === true || isDue(one) ? sum : sum + one.bytes), 0);
  const goes: KeptFile[] = [];
  const stays: KeptFile[] = [];
  for (const one of oldestFirst) {
    if (one.isHeld !== true && isDue(one)) goes.push(one);
    else if (one.isHeld === true || bytes <= largestBytes) stays.push(one);
    else {
      goes.push(one);
      bytes -= one.bytes;
    }
  }
  return { goes, stays };
}

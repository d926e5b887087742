import type { Cell } from "./journal-wire.js";

/** A range of a table's rows in the order of what names them. `rows`: how many the source takes at most. */
export interface RangeCheck {
  readonly table: string;
  /** The range begins behind this key; undefined: at the beginning. */
  readonly after: readonly Cell[] | undefined;
  /** The range ends with this key; undefined: where `rows` have been taken. */
  readonly upTo: readonly Cell[] | undefined;
  readonly rows: number;
  /** Send the hash of each row as well, to find out which of them differ. */
  readonly isDetailed: boolean;
  /** How long the source may read it; undefined: as long as it takes. */
  readonly limitMs?: number;
}

/** What the source read of a range. Sums are compared for equality only. */
export interface RangeSum {
  readonly table: string;
  readonly after: readonly Cell[] | undefined;
  /** undefined: to the end of the table. */
  readonly upTo: readonly Cell[] | undefined;
  readonly rows: number;
  readonly sum: string;
  readonly isDetailed: boolean;
}

export const differenceKinds = ["different", "missing on the target", "only on the target"] as const;

export interface RowDifference {
  readonly table: string;
  /** What names the row: its key, or the image of a row without one. */
  readonly key: readonly Cell[];
  readonly what: (typeof differenceKinds)[number];
}

/** What the target found of a range. Differences are named only for a detailed range. */
export interface CheckAnswer {
  readonly isSame: boolean;
  /** How many the target has. */
  readonly rows: number;
  /** Of a range that differs, and of which the target has more rows than the source: the key of the row half way. */
  readonly middle: readonly Cell[] | null;
  /** No more than one answer can carry. */
  readonly differences: readonly RowDifference[];
  /** Differences beyond those named. */
  readonly unnamed: number;
}

/** More rows than any table has: a range without an end. */
export const wholeTable = 2 ** 40;

/** A range that differs is halved until neither side has more rows of it than this; then they are named. */
export const namedRows = 2_000;

/** Larger than the differences of `namedRows` with keys of ordinary length, and half of what a message's fields hold. */
const answerBytes = 512 * 1024;

/** What is to be compared first of a range that differs; undefined where its rows can be named. */
export function firstHalf({ table, after, rows }: RangeSum, answer: CheckAnswer): RangeCheck | undefined {
  if (Math.max(rows, answer.rows) <= namedRows) return undefined;
  const part = { table, after, isDetailed: false };
  if (answer.middle) return { ...part, upTo: answer.middle, rows: wholeTable };
  return { ...part, upTo: undefined, rows: Math.ceil(rows / 2) };
}

/** What of a range lies behind its first half, whatever that was; undefined where nothing does. */
export function secondHalf({ table, upTo }: RangeSum, { upTo: after }: RangeSum): RangeCheck | undefined {
  if (!after || isSameKey(after, upTo)) return undefined;
  return { table, after, upTo, rows: wholeTable, isDetailed: false };
}

export function isSameKey(one: readonly Cell[], other: readonly Cell[] | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The differences that one answer can carry. */
export function fittingDifferences(all: readonly RowDifference[]): readonly RowDifference[] {
  let bytes = 0;
  const end = all.findIndex((difference) => {
    bytes += Buffer.byteLength(JSON.stringify(difference)) + 1;
    return bytes > answerBytes;
  });
  return end < 0 ? all : all.slice(0, end);
}

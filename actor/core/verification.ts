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
  readonly differences: readonly RowDifference[];
}

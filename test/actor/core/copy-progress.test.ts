import { expect, test } from "@jest/globals";
import { copiedShare, describeCopy, type TableProgress } from "../../../actor/core/copy-progress.js";

const small = { table: "public.small", isDone: true, rows: 10, sentBytes: 100 };
const large = { table: "public.large", isDone: false, rows: 500, sentBytes: 40_000 };
const empty = { table: "public.empty", isDone: false, rows: 0, sentBytes: 0 };
const sizes = [
  { table: "public.small", rows: 10, bytes: 1_000 },
  { table: "public.large", rows: 1_000, bytes: 99_000 },
];

test.each<{ when: string; tables: TableProgress[]; sizes: typeof sizes; share: number }>([
  { when: "half of a large table is half of nearly all", tables: [small, large], sizes, share: 0.505 },
  { when: "the small one alone is next to nothing", tables: [small, { ...large, rows: 0 }], sizes, share: 0.01 },
  {
    when: "without a number of rows what was sent counts",
    tables: [small, large],
    sizes: sizes.map((size) => ({ ...size, rows: 0 })),
    share: 0.41,
  },
  {
    when: "an estimate that was too small ends nothing",
    tables: [small, { ...large, rows: 5_000 }],
    sizes,
    share: 0.9901,
  },
  { when: "whole tables count where no size is known", tables: [small, large], sizes: [], share: 0.5 },
  {
    when: "an empty table is next to nothing",
    tables: [small, { ...large, isDone: true }, empty],
    sizes,
    share: 0.99999,
  },
  { when: "nothing to copy is all of it", tables: [], sizes, share: 1 },
])("how far a copy is: $when", ({ tables, sizes: known, share }) => {
  expect(copiedShare(tables, known)).toBeCloseTo(share, 4);
});

test("the table under way, what was sent in each second, and the rest at the pace since the copy was taken up again", () => {
  const time = { elapsedMs: 10_000, shareBefore: 0.305 };
  expect(describeCopy([small, large], sizes, time)).toEqual({
    table: "public.large",
    rows: 510,
    doneFiles: 1,
    totalFiles: 2,
    doneBytes: 50_500,
    totalBytes: 100_000,
    bytesPerSecond: 4_010,
    secondsLeft: 25,
  });
  const begun = describeCopy([small, large], sizes, { ...time, elapsedMs: 10 });
  expect(begun).toMatchObject({ bytesPerSecond: 0, secondsLeft: 0 });
});

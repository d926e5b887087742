import { describe, expect, test } from "@jest/globals";
import { compareRanges, joinHashes } from "../../../actor/database/compare-ranges.js";
import type { Cell } from "../../../actor/core/journal-wire.js";
import type { RangeSum } from "../../../actor/core/verification.js";

type Rows = readonly (readonly [key: string, hash: string])[];

const table = { definition: { schema: "public", name: "t" } };
const range = { table: "public.t", after: undefined, upTo: undefined, rows: 2, sum: "7" };

/** A target whose range holds `inRange`, and elsewhere in the table `elsewhere`. */
async function answerOf(
  check: RangeSum,
  theirs: Rows,
  here: { readonly sum: string; readonly inRange: Rows; readonly elsewhere?: Rows },
) {
  const all = [...here.inRange, ...(here.elsewhere ?? [])];
  const hashesOfKey = (key: Cell): string =>
    all.filter(([own]) => own === key).reduce((joined, [, hash]) => joinHashes(joined, hash), "");
  const own = {
    tableOf: () => table,
    sumOf: () => Promise.resolve({ rows: here.inRange.length, sum: here.sum }),
    endOf: (_: unknown, { rows }: { readonly rows: number }) => Promise.resolve(here.inRange[rows - 1]?.slice(0, 1)),
    hashesOf: () => Promise.resolve(here.inRange),
    hashesByKey: (_: unknown, keys: readonly (readonly Cell[])[]) =>
      Promise.resolve(keys.map(([key]) => hashesOfKey(key ?? null))),
  };
  const [answer] = await compareRanges(own, [check], () => Promise.resolve(theirs));
  return answer;
}

describe("a range on the target", () => {
  const theirs: Rows = [
    ["1", "a"],
    ["2", "b"],
  ];

  test("is the same when number of rows and sum are", async () => {
    const here = { sum: "7", inRange: theirs };
    expect(await answerOf({ ...range, isDetailed: false }, [], here)).toMatchObject({ isSame: true, differences: [] });
  });

  test.each([
    { when: "another sum", sum: "8", inRange: theirs },
    { when: "a row more", sum: "7", inRange: [...theirs, ["3", "c"]] as Rows },
  ])("is another one by $when, and names no row unless asked to", async ({ sum, inRange }) => {
    const answer = await answerOf({ ...range, isDetailed: false }, [], { sum, inRange });
    expect(answer).toMatchObject({ isSame: false, differences: [] });
  });

  test.each([
    { when: "changed", inRange: [["1", "x"], theirs[1]!] as Rows, key: ["1"], what: "different" },
    { when: "gone", inRange: [theirs[0]!] as Rows, key: ["2"], what: "missing on the target" },
    { when: "added", inRange: [...theirs, ["3", "c"]] as Rows, key: ["3"], what: "only on the target" },
    { when: "there twice", inRange: [...theirs, ["2", "b"]] as Rows, key: ["2"], what: "different" },
  ])("names a row that is $when", async ({ inRange, key, what }) => {
    const answer = await answerOf({ ...range, isDetailed: true }, theirs, { sum: "8", inRange });
    expect(answer).toMatchObject({ isSame: false, differences: [{ table: "public.t", key, what }] });
  });

  test("is the same when a row of it merely stands in another range there", async () => {
    const here = { sum: "8", inRange: [theirs[0]!] as Rows, elsewhere: [theirs[1]!] as Rows };
    expect(await answerOf({ ...range, isDetailed: true }, theirs, here)).toMatchObject({
      isSame: true,
      differences: [],
    });
  });

  test.each([
    { when: "it has more rows than the source", here: 5_000, there: 10, middle: ["02499"] },
    { when: "the source has more, and halves its own", here: 5_000, there: 5_001, middle: null },
    { when: "it is small enough to be named", here: 2_000, there: 10, middle: null },
  ])("tells its middle where it differs: $when", async ({ here, there, middle }) => {
    const inRange: Rows = Array.from({ length: here }, (_, at) => [String(at).padStart(5, "0"), "a"]);
    const answer = await answerOf({ ...range, rows: there, isDetailed: false }, [], { sum: "8", inRange });
    expect(answer).toEqual({ isSame: false, rows: here, middle, differences: [], unnamed: 0 });
  });

  test("names no more rows than an answer carries, and counts the others", async () => {
    const inRange: Rows = Array.from({ length: 2_000 }, (_, at) => [String(at).padStart(900, "k"), "a"]);
    const answer = await answerOf({ ...range, isDetailed: true }, [], { sum: "8", inRange });
    expect(answer?.differences.length).toBeGreaterThan(400);
    expect(answer?.unnamed).toBe(2_000 - (answer?.differences.length ?? 0));
    expect(JSON.stringify(answer).length).toBeLessThan(600 * 1024);
  });
});

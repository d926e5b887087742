import { describe, expect, test } from "@jest/globals";
import { median, quantile, spread } from "../../bench/statistics.js";

describe("statistics of a bench", () => {
  test.each([
    { when: "of an odd number the middle one", values: [9, 1, 2], middle: 2 },
    { when: "of an even number the mean of the middle two", values: [4, 1, 2, 100], middle: 3 },
    { when: "of one itself", values: [7], middle: 7 },
    { when: "of none nothing", values: [], middle: Number.NaN },
  ])("the median is $when", ({ values, middle }) => {
    expect(median(values)).toBe(middle);
  });

  test("a quantile lies between its neighbours", () => {
    expect(quantile([10, 20, 30, 40, 50], 0.95)).toBeCloseTo(48);
    expect(quantile([10, 20], 0)).toBe(10);
  });

  test("the spread is the width of the middle half as a share of the median", () => {
    expect(spread([8, 9, 10, 11, 12])).toBeCloseTo(0.2);
    expect(spread([0, 0, 0])).toBe(0);
  });
});

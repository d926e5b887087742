import { describe, expect, test } from "@jest/globals";
import { BurstGauge } from "../../../actor/files/burst-gauge.js";

describe("the gauge of bursts", () => {
  function countTooMany(events: number, msBetween: number): number {
    const gauge = new BurstGauge();
    return Array.from({ length: events }, (_, n) => gauge.isTooMany(5000 + n * msBetween)).filter(Boolean).length;
  }

  test.each([
    { when: "a thousand come at once", events: 1000, msBetween: 0, tooMany: 0 },
    { when: "one more comes at once", events: 1001, msBetween: 0, tooMany: 1 },
    { when: "very many more come at once", events: 20_000, msBetween: 0, tooMany: 1 },
    { when: "as many come evenly over a long time", events: 20_000, msBetween: 1, tooMany: 0 },
    { when: "a burst lasts three seconds", events: 6000, msBetween: 0.5, tooMany: 3 },
  ])("says $tooMany times that it was too much when $when", ({ events, msBetween, tooMany }) => {
    expect(countTooMany(events, msBetween)).toBe(tooMany);
  });
});

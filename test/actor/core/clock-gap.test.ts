import { expect, test } from "@jest/globals";
import { judgeClockGap } from "../../../actor/core/clock-gap.js";

test.each([
  { when: "the pause was as long as it should be", monotonic: 1000, wall: 1000, slept: 0, stepped: 0 },
  { when: "the machine was busy for five seconds", monotonic: 6000, wall: 6000, slept: 0, stepped: 0 },
  { when: "the process was frozen", monotonic: 61_000, wall: 61_000, slept: 60_000, stepped: 0 },
  { when: "the machine was suspended", monotonic: 1000, wall: 61_000, slept: 60_000, stepped: 60_000 },
  { when: "the clock was set forward a little", monotonic: 1000, wall: 3000, slept: 0, stepped: 2000 },
  { when: "the clock was set back", monotonic: 1000, wall: -3_599_000, slept: 0, stepped: -3_600_000 },
  { when: "the clock is being adjusted", monotonic: 1000, wall: 2000, slept: 0, stepped: 0 },
  { when: "frozen, and the clock set back meanwhile", monotonic: 61_000, wall: 1000, slept: 60_000, stepped: -60_000 },
])("slept $slept ms, clock moved $stepped ms, when $when", ({ monotonic, wall, slept, stepped }) => {
  const before = { monotonicMs: 500, wallMs: 1e12 };
  const after = { monotonicMs: 500 + monotonic, wallMs: 1e12 + wall };
  expect(judgeClockGap(before, after, 1000)).toEqual({ sleptMs: slept, steppedMs: stepped });
});

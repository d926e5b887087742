import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  emptyReplayWindow,
  nextReplayWindow,
  replayWindowSize,
  type ReplayWindow,
} from "../../../actor/core/replay-window.js";

/** Which of the counters are accepted, in this order. */
function accepted(counters: readonly number[]): number[] {
  let window: ReplayWindow = emptyReplayWindow;
  return counters.filter((counter) => {
    const next = nextReplayWindow(window, counter);
    window = next ?? window;
    return next !== undefined;
  });
}

const size = replayWindowSize;

describe("nextReplayWindow", () => {
  test.each([
    { when: "they arrive in order", counters: [1, 2, 3], takes: [1, 2, 3] },
    { when: "one comes twice", counters: [1, 1, 2, 2, 1], takes: [1, 2] },
    { when: "they overtake each other", counters: [3, 1, 2, 1, 3], takes: [3, 1, 2] },
    { when: "some are left out", counters: [5, 9, 6], takes: [5, 9, 6] },
    { when: "one is just inside the window", counters: [size, 1], takes: [size, 1] },
    { when: "one is just behind the window", counters: [size + 1, 1], takes: [size + 1] },
    { when: "a seen one is moved to the window's edge", counters: [1, size, 1], takes: [1, size] },
    { when: "a seen one falls out", counters: [1, size + 1, 1], takes: [1, size + 1] },
    { when: "the window jumps by its size", counters: [1, 2, size + 2, 3, 2], takes: [1, 2, size + 2, 3] },
    { when: "the counter leaps", counters: [1, Number.MAX_SAFE_INTEGER, 1, 2], takes: [1, Number.MAX_SAFE_INTEGER] },
    { when: "they are no counters", counters: [0, -1, 1.5, Number.NaN, Infinity, 2 ** 53], takes: [] },
  ])("when $when, takes $takes", ({ counters, takes }) => {
    expect(accepted(counters)).toEqual(takes);
  });

  test("agrees with a memory of everything, but for what fell behind the window", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 * size }), { maxLength: 300 }), (counters) => {
        const seen = new Set<number>();
        let highest = 0;
        const expected = counters.filter((counter) => {
          if (seen.has(counter) || counter <= highest - size) return false;
          seen.add(counter);
          highest = Math.max(highest, counter);
          return true;
        });
        expect(accepted(counters)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  test("never holds more bits than the window has", () => {
    let window: ReplayWindow = emptyReplayWindow;
    for (let counter = 1; counter < 5 * size; counter += 1) window = nextReplayWindow(window, counter)!;
    expect(window.seen).toBe((1n << BigInt(size)) - 1n);
  });
});

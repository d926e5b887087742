import { describe, expect, test } from "@jest/globals";
import type { Acknowledgement } from "../../demo/client.js";
import { firstAfter, longestGapSeconds } from "../../demo/recovery-times.js";

function row(atMs: number): Acknowledgement {
  return { kind: "row", id: String(atMs), content: "", server: "primary", sentAtMs: atMs - 1, atMs };
}

describe("times measured by the client", () => {
  test.each([
    { when: "nothing was acknowledged", times: [], fromMs: 0, seconds: 0 },
    { when: "the gap lies before the moment", times: [0, 5000, 5100], fromMs: 5000, seconds: 0.1 },
    { when: "the gap lies around the moment", times: [0, 4000, 4100], fromMs: 1000, seconds: 4 },
    { when: "the gap lies after the moment", times: [0, 100, 2200, 2300], fromMs: 150, seconds: 2.1 },
  ])("the longest gap counts when $when", ({ times, fromMs, seconds }) => {
    expect(longestGapSeconds(times.map(row), fromMs)).toBeCloseTo(seconds, 5);
  });

  test("the first acknowledgement after a moment is found", () => {
    expect(firstAfter([row(1), row(5), row(9)], 5)?.atMs).toBe(9);
    expect(firstAfter([row(1)], 5)).toBeUndefined();
  });
});

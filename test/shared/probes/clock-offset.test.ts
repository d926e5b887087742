import { describe, expect, test } from "@jest/globals";
import { estimateClockOffset } from "../../../shared/probes/clock-offset.js";

describe("estimateClockOffset", () => {
  test.each([
    { when: "the clocks agree", peerWallMs: 1_000_100, offsetSeconds: 0 },
    { when: "the peer is ahead", peerWallMs: 1_031_100, offsetSeconds: 31 },
    { when: "the peer is behind", peerWallMs: 998_100, offsetSeconds: -2 },
  ])("$when: $offsetSeconds s", ({ peerWallMs, offsetSeconds }) => {
    expect(estimateClockOffset({ sentAtWallMs: 1_000_000, roundTripMs: 200, peerWallMs })).toEqual({
      offsetSeconds,
      roundTripSeconds: 0.2,
    });
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { laterPause, noPause, pauseAt, type KeptPause } from "../../../actor/core/pause.js";

const patches = { untilMs: 2000, setAtMs: 1000, setBy: "olga", reason: "patches" };

describe("a pause", () => {
  test.each([
    { when: "just before its end", pause: patches, nowMs: 1999, holds: true },
    { when: "at its end", pause: patches, nowMs: 2000, holds: false },
    { when: "there is none", pause: null, nowMs: 1999, holds: false },
  ])("holds: $holds, $when", ({ pause, nowMs, holds }) => {
    expect(pauseAt({ pause }, nowMs)).toBe(holds ? patches : undefined);
  });
});

type Remembered = Pick<KeptPause, "sequence" | "pause">;

describe("of what two servers remember", () => {
  const first = { sequence: 1, pause: patches };
  test.each<{
    readonly when: string;
    readonly own: Remembered;
    readonly told: Remembered;
    readonly wins: "own" | "told";
  }>([
    { when: "the other has changed it since", own: first, told: { sequence: 2, pause: null }, wins: "told" },
    { when: "what it says is older", own: { sequence: 2, pause: null }, told: first, wins: "own" },
    { when: "one paused and one ended it while apart", own: { sequence: 1, pause: null }, told: first, wins: "told" },
    {
      when: "both paused while apart",
      own: first,
      told: { sequence: 1, pause: { ...patches, untilMs: 1999 } },
      wins: "own",
    },
    {
      when: "the other pauses for longer",
      own: first,
      told: { sequence: 1, pause: { ...patches, untilMs: 10_000 } },
      wins: "told",
    },
    { when: "nothing was ever paused", own: noPause, told: noPause, wins: "own" },
  ])("$wins wins when $when", ({ own, told, wins }) => {
    expect(laterPause(own, told)).toBe(wins === "own" ? own : told);
  });

  test("both go on with the same, whatever they remember", () => {
    const kept = fc.record({
      sequence: fc.integer({ min: 0, max: 2 }),
      pause: fc.option(
        fc.record({
          untilMs: fc.integer({ min: 1, max: 3 }),
          setAtMs: fc.constant(0),
          setBy: fc.constantFrom("olga", "otto"),
          reason: fc.constantFrom("a", "b"),
        }),
      ),
    });
    fc.assert(
      fc.property(kept, kept, (a, b) => {
        expect(laterPause(a, b)).toEqual(laterPause(b, a));
      }),
    );
  });
});

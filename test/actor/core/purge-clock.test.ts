import { expect, test } from "@jest/globals";
import { nextPurgeClock, type PurgeClock } from "../../../actor/core/purge-clock.js";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start: PurgeClock = { trusted: { monotonicMs: 5, wallMs: 1000 * dayMs } };

test.each([
  { when: "both clocks went on alike", monotonicMs: 40 * dayMs, wallMs: 40 * dayMs, aheadMs: 0 },
  { when: "the wall clock was put back", monotonicMs: hourMs, wallMs: -30 * dayMs, aheadMs: 0 },
  { when: "it was put ahead by a day", monotonicMs: hourMs, wallMs: hourMs + dayMs, aheadMs: 0 },
  { when: "it was put ahead by more", monotonicMs: hourMs, wallMs: hourMs + dayMs + 1, aheadMs: dayMs + 1 },
])("a clock is believed, or not, when $when", ({ monotonicMs, wallMs, aheadMs }) => {
  const { trusted } = start;
  const now = { monotonicMs: trusted.monotonicMs + monotonicMs, wallMs: trusted.wallMs + wallMs };
  expect(nextPurgeClock(start, now).aheadMs).toBe(aheadMs);
});

test("a clock that leapt is believed when it is back, or after a day on its new time", () => {
  const at = (hours: number, aheadMs: number): { monotonicMs: number; wallMs: number } => ({
    monotonicMs: 5 + hours * hourMs,
    wallMs: 1000 * dayMs + hours * hourMs + aheadMs,
  });
  const leapt = nextPurgeClock(start, at(1, 30 * dayMs));
  expect(leapt.aheadMs).toBe(30 * dayMs);
  expect(nextPurgeClock(leapt.clock, at(2, 0))).toEqual({ clock: { trusted: at(2, 0) }, aheadMs: 0 });
  const still = nextPurgeClock(leapt.clock, at(24, 30 * dayMs));
  expect(still).toEqual({ clock: leapt.clock, aheadMs: 30 * dayMs });
  expect(nextPurgeClock(still.clock, at(25, 30 * dayMs))).toEqual({
    clock: { trusted: at(25, 30 * dayMs) },
    aheadMs: 0,
  });
});

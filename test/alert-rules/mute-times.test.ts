import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { muteTimes, type MuteTime } from "../../alert-rules/mute-times.js";
import { serviceIntervalAt } from "../../shared/core/service-intervals.js";
import { weekdays } from "../../shared/core/settings/service-interval-settings.js";

/** A Monday, midnight UTC. */
const mondayMs = Date.parse("2026-11-16T00:00:00Z");

/** As Alertmanager reads it: the weekday is one of the list, and the time is from the start on and before the end. */
function isMuted(mutes: readonly MuteTime[], weekday: number, minuteOfDay: number): boolean {
  const time = `${String(Math.floor(minuteOfDay / 60)).padStart(2, "0")}:${String(minuteOfDay % 60).padStart(2, "0")}`;
  return mutes.some(
    ({ times: [{ start_time: start, end_time: end }], weekdays: days }) =>
      days.includes(weekdays[weekday]!) && time >= start && time < end,
  );
}

describe("muteTimes", () => {
  test("an interval over midnight is two, the second on the days after", () => {
    const intervals = [{ name: "backup", days: ["friday", "sunday"] as const, start: "23:30", end: "01:15" }];
    expect(
      muteTimes({ timeZone: "Europe/Vienna", intervals: intervals.map((one) => ({ ...one, days: [...one.days] })) }),
    ).toEqual([
      {
        times: [{ start_time: "23:30", end_time: "24:00" }],
        weekdays: ["friday", "sunday"],
        location: "Europe/Vienna",
      },
      {
        times: [{ start_time: "00:00", end_time: "01:15" }],
        weekdays: ["saturday", "monday"],
        location: "Europe/Vienna",
      },
    ]);
  });

  test("they mute exactly while the actor is in a service interval", () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":"));
    const interval = fc.record({
      name: fc.constant("a"),
      days: fc.subarray([...weekdays], { minLength: 1 }),
      start: time,
      end: fc.oneof(time, fc.constant("00:00")),
    });
    fc.assert(
      fc.property(
        fc.array(interval, { maxLength: 3 }),
        fc.integer({ min: 0, max: 7 * 1440 - 1 }),
        (intervals, minute) => {
          const settings = { timeZone: "UTC", intervals };
          const isIn = serviceIntervalAt(settings, mondayMs + minute * 60_000) !== undefined;
          expect(isMuted(muteTimes(settings), Math.floor(minute / 1440), minute % 1440)).toBe(isIn);
        },
      ),
      { numRuns: 500 },
    );
  });
});

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { isTimeZone } from "../../../shared/core/local-time.js";
import { coverWholeWeek, serviceIntervalAt } from "../../../shared/core/service-intervals.js";
import {
  serviceIntervalSettings,
  weekdays,
  type ServiceIntervals,
} from "../../../shared/core/settings/service-interval-settings.js";

type Interval = Partial<ServiceIntervals["intervals"][number]>;

function service(timeZone: string, ...intervals: Interval[]): ServiceIntervals {
  return serviceIntervalSettings.parse({
    timeZone,
    intervals: intervals.map((one, index) => ({ name: `interval-${index}`, ...one })),
  });
}

const at = (text: string): number => Date.parse(text);
const nightly = service("Europe/Vienna", { name: "nightly", start: "23:00", end: "02:30" });
const sundays = service("America/New_York", { name: "sundays", days: ["sunday"], start: "20:00", end: "04:00" });

describe("a service interval", () => {
  test.each([
    { when: "just before it starts", now: "2026-01-10T21:59:59.999Z", ends: undefined },
    { when: "it starts", now: "2026-01-10T22:00:00Z", ends: "2026-01-11T01:30:00Z" },
    { when: "after midnight", now: "2026-01-11T00:15:30Z", ends: "2026-01-11T01:30:00Z" },
    { when: "in its last moment", now: "2026-01-11T01:29:59.999Z", ends: "2026-01-11T01:30:00Z" },
    { when: "it has ended", now: "2026-01-11T01:30:00Z", ends: undefined },
    { when: "it is summer: an hour earlier in UTC", now: "2026-07-10T21:00:00Z", ends: "2026-07-11T00:30:00Z" },
    { when: "02:30 is skipped: ends where the clocks jump", now: "2026-03-28T22:00:00Z", ends: "2026-03-29T01:00:00Z" },
    { when: "02:00 comes twice: the first time", now: "2026-10-25T00:10:00Z", ends: "2026-10-25T00:30:00Z" },
    { when: "02:30 comes twice: between both times", now: "2026-10-25T00:45:00Z", ends: undefined },
    { when: "02:00 comes twice: the second time", now: "2026-10-25T01:10:00Z", ends: "2026-10-25T01:30:00Z" },
  ])("each night over midnight, when $when", ({ now, ends }) => {
    const found = serviceIntervalAt(nightly, at(now));
    expect(found).toEqual(ends === undefined ? undefined : { name: "nightly", endsAtMs: at(ends) });
  });

  test.each([
    { when: "it is Sunday evening there and Monday in UTC", now: "2026-01-12T02:00:00Z", isIn: true },
    { when: "it is early on Monday there", now: "2026-01-12T08:59:00Z", isIn: true },
    { when: "it has ended on Monday", now: "2026-01-12T09:00:00Z", isIn: false },
    { when: "it is Saturday evening there and Sunday in UTC", now: "2026-01-11T03:00:00Z", isIn: false },
    { when: "it is early on Sunday there: Saturday's would end then", now: "2026-01-11T07:00:00Z", isIn: false },
  ])("each Sunday, by the weekday on which it starts, when $when", ({ now, isIn }) => {
    expect(serviceIntervalAt(sundays, at(now)) !== undefined).toBe(isIn);
  });

  test("of several at a time the one that ends last is named", () => {
    const both = service("UTC", { start: "01:00", end: "03:00" }, { start: "02:00", end: "05:00" });
    expect(serviceIntervalAt(both, at("2026-01-01T02:10:00Z"))).toEqual({
      name: "interval-1",
      endsAtMs: at("2026-01-01T05:00:00Z"),
    });
  });

  test("that ends when it starts lasts a whole day", () => {
    const mondays = service("UTC", { days: ["monday"], start: "06:00", end: "06:00" });
    expect(serviceIntervalAt(mondays, at("2026-01-05T07:00:00Z"))?.endsAtMs).toBe(at("2026-01-06T06:00:00Z"));
    expect(serviceIntervalAt(mondays, at("2026-01-05T05:59:00Z"))).toBeUndefined();
  });
});

/** Zones that change at other hours, at midnight, by half an hour, in the other half of the year, never. */
const zones = [
  ...["Europe/Vienna", "America/New_York", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe"],
  ...["America/Santiago", "Asia/Kolkata", "Africa/Casablanca", "UTC"],
] as const;
const names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** What a clock on the wall shows, by another way than the program's. */
const wall = new Map(
  zones.map((timeZone) => {
    const format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
    });
    return [
      timeZone,
      (ms: number): { day: number; minute: number } => {
        const [, day, hour, minute] = /(\w{3}).*?(\d\d):(\d\d)/.exec(format.format(ms))!;
        return { day: names.indexOf(day!), minute: (Number(hour) % 24) * 60 + Number(minute) };
      },
    ] as const;
  }),
);

const clockTime = fc.integer({ min: 0, max: 95 }).map((quarter) => {
  const pad = (value: number): string => String(value).padStart(2, "0");
  return `${pad(Math.floor(quarter / 4))}:${pad((quarter % 4) * 15)}`;
});

/** Half of all moments lie within a day of some zone's change of the clocks in 2026. */
const changes = [
  "2026-03-29T01:00Z",
  "2026-03-08T07:00Z",
  "2026-10-25T01:00Z",
  "2026-11-01T06:00Z",
  "2026-04-04T15:00Z",
];
const aroundChange = fc
  .tuple(fc.constantFrom(...changes), fc.integer({ min: -1440, max: 1440 }))
  .map(([text, minutes]) => at(text) + minutes * 60_000);
const anyMoment = fc.oneof(fc.integer({ min: at("2026-01-01T00:00Z"), max: at("2026-12-31T00:00Z") }), aroundChange);

function isInterval(timeZone: (typeof zones)[number], { days, start, end }: Required<Interval>, ms: number): boolean {
  const { day, minute } = wall.get(timeZone)!(ms);
  const toMinute = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const [from, until] = [toMinute(start), toMinute(end)];
  // The minutes since the start that lies last before now, by the clock on the wall, and the day it was on.
  const since = (minute - from + 1440) % 1440;
  const startDay = minute >= from ? day : (day + 6) % 7;
  return days.includes(weekdays[startDay]!) && since < ((until - from + 1440) % 1440 || 1440);
}

test("over every change of the clocks a moment is in it when the clock on the wall says so, and it ends when that ends", () => {
  const someDays = fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...zones), someDays, clockTime, clockTime, anyMoment, (zone, days, start, end, ms) => {
      const interval = { name: "some", days, start, end };
      const found = serviceIntervalAt(service(zone, interval), ms);
      expect(found !== undefined).toBe(isInterval(zone, interval, ms));
      if (!found) return;
      let firstAfter = Math.floor(ms / 60_000) * 60_000 + 60_000;
      while (isInterval(zone, interval, firstAfter)) firstAfter += 60_000;
      expect(found.endsAtMs).toBe(firstAfter);
    }),
    { numRuns: 500, seed: 20261122 },
  );
});

test("intervals that leave no minute of the week are found", () => {
  expect(coverWholeWeek(service("UTC"))).toBe(false);
  expect(coverWholeWeek(service("UTC", { start: "00:00", end: "00:00" }))).toBe(true);
  expect(coverWholeWeek(service("UTC", { start: "06:00", end: "18:00" }, { start: "18:00", end: "06:00" }))).toBe(true);
  expect(coverWholeWeek(service("UTC", { start: "06:00", end: "18:00" }, { start: "18:01", end: "06:00" }))).toBe(
    false,
  );
});

test.each([
  ["Europe/Vienna", true],
  ["UTC", true],
  ["+02:00", false],
  ["Europe/Atlantis", false],
  ["", false],
])("%j is a named time zone: %j", (name, isOne) => {
  expect(isTimeZone(name)).toBe(isOne);
  expect(serviceIntervalSettings.safeParse({ timeZone: name }).success).toBe(isOne);
});

test.each(["24:00", "7:30", "12:60", "noon"])("%j is no time of day", (start) => {
  expect(() => service("UTC", { start, end: "01:00" })).toThrow("time of day");
});

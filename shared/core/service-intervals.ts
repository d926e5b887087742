import { createLocalClock, type LocalTime } from "./local-time.js";
import { weekdays, type ServiceIntervals } from "./settings/service-interval-settings.js";

type ServiceInterval = ServiceIntervals["intervals"][number];

/** The service interval of a moment. */
export interface ServiceIntervalNow {
  readonly name: string;
  /** Unix milliseconds: the first moment after it. */
  readonly endsAtMs: number;
}

const minuteMs = 60_000;
const minutesOfDay = 24 * 60;
/** An interval that begins again where it ends is followed for so many days. */
const longestDays = 8;

/**
 * The interval in which a moment (Unix milliseconds) lies; of several the one that ends last. A moment lies in an
 * interval when the clock on the wall shows a time from `start` on and before `end`, as Alertmanager's time intervals
 * have it. So where clocks are set forward a time that is skipped is in no interval, and where they are set back one
 * that comes twice is in it both times.
 */
export function serviceIntervalAt(
  { timeZone, intervals }: ServiceIntervals,
  instantMs: number,
): ServiceIntervalNow | undefined {
  if (intervals.length === 0) return undefined;
  const clock = createLocalClock(timeZone);
  const now = clock(instantMs);
  return intervals
    .filter((interval) => isWithin(interval, now))
    .map((interval) => ({ name: interval.name, endsAtMs: findEnd(interval, clock, instantMs) }))
    .sort((a, b) => b.endsAtMs - a.endsAtMs)[0];
}

/** Whether there is no time of an ordinary week outside the intervals: a failover would never begin. */
export function coverWholeWeek({ intervals }: ServiceIntervals): boolean {
  if (intervals.length === 0) return false;
  for (let minute = 0; minute < 7 * minutesOfDay; minute += 1) {
    const local = { weekday: Math.floor(minute / minutesOfDay), minuteOfDay: minute % minutesOfDay, offsetMs: 0 };
    if (!intervals.some((interval) => isWithin(interval, local))) return false;
  }
  return true;
}

function isWithin({ days, start, end }: ServiceInterval, { weekday, minuteOfDay }: LocalTime): boolean {
  const [from, until] = [minuteOf(start), minuteOf(end)];
  const startsOn = (day: number): boolean => days.some((name) => weekdays.indexOf(name) === (day + 7) % 7);
  if (from < until) return startsOn(weekday) && minuteOfDay >= from && minuteOfDay < until;
  return (startsOn(weekday) && minuteOfDay >= from) || (startsOn(weekday - 1) && minuteOfDay < until);
}

function findEnd(interval: ServiceInterval, clock: (instantMs: number) => LocalTime, instantMs: number): number {
  let atMs = instantMs;
  while (atMs - instantMs <= longestDays * minutesOfDay * minuteMs) {
    const local = clock(atMs);
    if (!isWithin(interval, local)) return atMs;
    const minutesLeft = (minuteOf(interval.end) - local.minuteOfDay + minutesOfDay) % minutesOfDay || minutesOfDay;
    const endMs = Math.floor(atMs / minuteMs) * minuteMs + minutesLeft * minuteMs;
    // The clocks are set before it ends: what they show then decides whether it goes on.
    atMs = clock(endMs).offsetMs === local.offsetMs ? endMs : findChange(clock, atMs, endMs);
  }
  return atMs;
}

/** The first second with another offset than at `fromMs`; `untilMs` has another. */
function findChange(clock: (instantMs: number) => LocalTime, fromMs: number, untilMs: number): number {
  const { offsetMs } = clock(fromMs);
  let [same, other] = [Math.floor(fromMs / 1000), Math.ceil(untilMs / 1000)];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (clock(middle * 1000).offsetMs === offsetMs) same = middle;
    else other = middle;
  }
  return other * 1000;
}

function minuteOf(timeOfDay: string): number {
  const [hours, minutes] = timeOfDay.split(":").map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/** A moment as clocks on the wall of a time zone show it. */
export interface LocalTime {
  /** 0 = Monday. */
  readonly weekday: number;
  readonly minuteOfDay: number;
  /** Milliseconds by which the local clock is ahead of UTC; it changes where clocks are set forward or back. */
  readonly offsetMs: number;
}

/** Whether it is a name of the IANA data base that this runtime knows. Offsets such as +02:00 know no summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    clockOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Reads moments (Unix milliseconds) in one time zone. RangeError when there is no such zone. */
export function createLocalClock(timeZone: string): (instantMs: number) => LocalTime {
  const clock = clockOf(timeZone);
  return (instantMs) => {
    const parts = new Map(clock.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const asUtcMs = Date.UTC(
      part("year"),
      part("month") - 1,
      part("day"),
      part("hour"),
      part("minute"),
      part("second"),
    );
    return {
      weekday: (new Date(asUtcMs).getUTCDay() + 6) % 7,
      minuteOfDay: part("hour") * 60 + part("minute"),
      offsetMs: asUtcMs - Math.floor(instantMs / 1000) * 1000,
    };
  };
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const number = "numeric";
  const date = { year: number, month: number, day: number } as const;
  const time = { hour: number, minute: number, second: number, hourCycle: "h23" } as const;
  return new Intl.DateTimeFormat("en-US", { timeZone, ...date, ...time });
}

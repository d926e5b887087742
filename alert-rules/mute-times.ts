import { weekdays, type ServiceIntervals } from "../shared/core/settings/service-interval-settings.js";

/** A time interval of Alertmanager; its times are of the wall clock of its location, `end` is not part of it. */
export interface MuteTime {
  readonly times: readonly [{ readonly start_time: string; readonly end_time: string }];
  readonly weekdays: readonly string[];
  readonly location: string;
}

const startOfDay = "00:00";
const endOfDay = "24:00";

/** Service intervals in Alertmanager's form, which knows none over midnight: such a one becomes two. */
export function muteTimes({ timeZone, intervals }: ServiceIntervals): readonly MuteTime[] {
  return intervals.flatMap(({ days, start, end }) => {
    const muteTime = (on: readonly string[], from: string, until: string): MuteTime => ({
      times: [{ start_time: from, end_time: until }],
      weekdays: on,
      location: timeZone,
    });
    if (start < end) return [muteTime(days, start, end)];
    const before = muteTime(days, start, endOfDay);
    return end === startOfDay ? [before] : [before, muteTime(days.map(dayAfter), startOfDay, end)];
  });
}

function dayAfter(day: (typeof weekdays)[number]): string {
  return weekdays[(weekdays.indexOf(day) + 1) % weekdays.length] ?? day;
}

import { z } from "zod";
import { isTimeZone } from "../local-time.js";
import { itemName } from "./data-settings.js";
import { setting } from "./setting.js";

/** In the order of ISO 8601; a date's weekday is an index into it. */
export const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day from 00:00 to 23:59 with both digits of the hour, such as 02:30");

const serviceInterval = z.strictObject({
  name: setting(itemName, { purpose: "Name of the interval in status, decisions and logs.", scope: "pair" }),
  days: setting(
    z
      .array(z.enum(weekdays))
      .min(1)
      .max(7)
      .default([...weekdays]),
    { purpose: "The days on which it starts; left out: every day.", scope: "pair" },
  ),
  start: setting(timeOfDay, { purpose: "Local time at which it starts, such as 23:30.", scope: "pair" }),
  end: setting(timeOfDay, {
    purpose: "Local time at which it ends; not later than start: on the next day.",
    scope: "pair",
  }),
});

/** Regular times in which the managed system may be away without a failover; synchronisation goes on in them. */
export const serviceIntervalSettings = z.strictObject({
  timeZone: setting(z.string().refine(isTimeZone, "a named time zone, such as Europe/Vienna or UTC").default("UTC"), {
    purpose: "Time zone of the intervals, by its name in the IANA data base.",
    scope: "pair",
  }),
  intervals: z.array(serviceInterval).max(50).default([]),
});
export type ServiceIntervals = z.output<typeof serviceIntervalSettings>;

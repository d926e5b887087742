import { type Sample } from "../../shared/core/metric-catalogue.js";
import { eventNames } from "../../shared/core/event-catalogue.js";
import { statusCollector } from "../collector.js";

/** When each event last happened: an alert on the age of a kept time misses neither the first event nor one during a restart. */
export const events = statusCollector("events", ({ events: times }) => {
  const known: Readonly<Record<string, number>> = Object.fromEntries(eventNames.map((code) => [code, 0]));
  return Object.entries({ ...known, ...times }).map(([event, value]): Sample => ({
    name: "sparesync_event_last_timestamp_seconds",
    labels: { event },
    value,
  }));
});

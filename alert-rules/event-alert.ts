import type { MessageCode } from "../shared/core/message-catalogue.js";
import { type AlertDefinition, eventSeconds, onPrimary, onSecondary } from "./alert.js";

/**
 * An alert that something has happened. It looks at the age of a kept time: `changes()` and `increase()` would miss the
 * first event, and one that comes together with a restart. A time of 0, never, is long ago.
 */
export function eventAlert(code: MessageCode, summary: string, description: string): AlertDefinition {
  const series = (labels: string): string => `sparesync_event_last_timestamp_seconds{event="${code}",${labels}}`;
  const expressionOfDelay = (waitsSeconds: number): string => {
    const window = eventSeconds + waitsSeconds;
    // Over all of the window: a scrape that fails, or an actor that starts again, must not end the alert and begin it anew.
    const kept = `max_over_time(sparesync_event_last_timestamp_seconds{event="${code}"}[${window}s])`;
    return `time() - max by (pair) (${kept}) < ${window}`;
  };
  return {
    code,
    expression: expressionOfDelay(0),
    expressionOfDelay,
    summary,
    description,
    fires: [
      {
        when: "at the first event ever, for five minutes",
        series: { [series(onPrimary)]: "0x39 600x60", [series(onSecondary)]: "0x99" },
        since: 600,
        until: 600 + eventSeconds,
        labels: { pair: "shop" },
      },
    ],
    staysQuiet: [
      {
        when: "it has never happened, or in another pair",
        series: {
          [series(onPrimary)]: "0x99",
          [`sparesync_event_last_timestamp_seconds{event="Other",${onPrimary}}`]: "600x99",
        },
        at: [300, 600, 900],
      },
    ],
  };
}

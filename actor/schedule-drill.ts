import { errorMessage } from "../shared/core/app-error.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { Actor } from "./actor-api.js";
import { scheduleByCalendar } from "./schedule-job.js";

/** Holds a drill by the calendar, on whichever server is the spare then. An empty schedule: only when asked for. */
export function scheduleDrill(schedule: string, actor: Pick<Actor, "beginDrill">, log: LoggerPort): { cancel(): void } {
  return scheduleByCalendar("drill.schedule", schedule, () => {
    actor.beginDrill("the schedule").catch((error: unknown) => {
      // On the active server this is the usual answer; it is worth a line for whoever wonders.
      log.info("drill-not-held", { because: errorMessage(error) });
    });
  });
}

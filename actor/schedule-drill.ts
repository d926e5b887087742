import { scheduleJob, type Job } from "node-schedule";
import { AppError, errorMessage } from "../shared/core/app-error.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { Actor } from "./actor-api.js";

/** Holds a drill by the calendar, on whichever server is the spare then. An empty schedule: only when asked for. */
export function scheduleDrill(schedule: string, actor: Pick<Actor, "beginDrill">, log: LoggerPort): { cancel(): void } {
  if (schedule === "") return { cancel: () => undefined };
  // The declared type hides that there is no job for a moment that never comes, such as 31 February.
  const job = scheduleJob(schedule, () => {
    actor.beginDrill("the schedule").catch((error: unknown) => {
      // On the active server this is the usual answer; it is worth a line for whoever wonders.
      log.info("drill-not-held", { because: errorMessage(error) });
    });
  }) as Job | null;
  if (!job) {
    throw new AppError("SETTINGS_INVALID", `drill.schedule: "${schedule}" names no moment that ever comes`, {
      hint: "Write a cron line such as 0 3 * * 0: minute, hour, day of the month, month, day of the week.",
    });
  }
  return {
    cancel: () => {
      job.cancel();
    },
  };
}

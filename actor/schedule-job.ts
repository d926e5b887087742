import { scheduleJob, type Job } from "node-schedule";
import { AppError } from "../shared/core/app-error.js";

/**
 * Runs something at each moment of a cron line, in the server's local time; never for an empty one. `run` must not throw.
 * SETTINGS_INVALID, with the setting's name, for a line whose moment never comes.
 */
export function scheduleByCalendar(settingName: string, line: string, run: () => void): { cancel(): void } {
  if (line === "") return { cancel: () => undefined };
  // The declared type hides that there is no job for a moment that never comes, such as 31 February.
  const job = scheduleJob(line, run) as Job | null;
  if (!job) {
    throw new AppError("SETTINGS_INVALID", `${settingName}: "${line}" names no moment that ever comes`, {
      hint: "Write a cron line such as 0 3 * * 0: minute, hour, day of the month, month, day of the week.",
    });
  }
  return {
    cancel: () => {
      job.cancel();
    },
  };
}

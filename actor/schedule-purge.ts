import { scheduleJob } from "node-schedule";
import { errorMessage } from "../shared/core/app-error.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { FileSync } from "./files/file-sync.js";

/** Every hour: what `.deleted` has kept long enough leaves, or what is too much; a day of changes can be very much. */
const hourly = "10 * * * *";

export function schedulePurge(files: FileSync, log: LoggerPort): { cancel(): void } {
  const stopping = new AbortController();
  const job = scheduleJob(hourly, () => {
    files.purgeDeleted(stopping.signal).then(
      () => {
        log.info("deleted-files-purged", {});
      },
      (error: unknown) => {
        log.warn("deleted-files-not-purged", { because: errorMessage(error) });
      },
    );
  });
  return {
    cancel: () => {
      stopping.abort();
      job.cancel();
    },
  };
}

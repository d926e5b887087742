import { scheduleJob } from "node-schedule";
import { errorMessage } from "../shared/core/app-error.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { FileSync } from "./files/file-sync.js";

/** Every night at ten past three, local time: what `.deleted` has kept long enough leaves. */
const nightly = "10 3 * * *";

export function schedulePurge(files: FileSync, log: LoggerPort): { cancel(): void } {
  const stopping = new AbortController();
  const job = scheduleJob(nightly, () => {
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

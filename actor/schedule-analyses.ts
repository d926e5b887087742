import { errorMessage } from "../shared/core/app-error.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { FolderSettings } from "../shared/core/settings/settings.js";
import type { FileSync } from "./files/file-sync.js";
import { scheduleByCalendar } from "./schedule-job.js";

export interface AnalysisCalendar {
  readonly folders: readonly Pick<FolderSettings, "name" | "fullAnalysisAt">[];
  readonly contentAnalysisAt: string;
}

/** Has folders compared in full, or by content, at the moments of the settings; on the server that is not their source nothing happens. */
export function scheduleAnalyses(
  { folders, contentAnalysisAt }: AnalysisCalendar,
  files: Pick<FileSync, "requestAnalysis">,
  log: LoggerPort,
): { cancel(): void } {
  const request = (hasContent: boolean, names: readonly string[]): void => {
    files.requestAnalysis(hasContent, names).catch((error: unknown) => {
      log.warn("files-analysis-not-noted", { because: errorMessage(error) });
    });
  };
  const jobs = folders.map(({ name, fullAnalysisAt }) =>
    scheduleByCalendar(`folders, ${name}: fullAnalysisAt`, fullAnalysisAt, () => {
      request(false, [name]);
    }),
  );
  const names = folders.map(({ name }) => name);
  jobs.push(
    scheduleByCalendar("fileTransfer.contentAnalysisAt", contentAnalysisAt, () => {
      request(true, names);
    }),
  );
  return {
    cancel: () => {
      for (const job of jobs) job.cancel();
    },
  };
}

import type { LoggerPort } from "../shared/core/logger-port.js";

/** Notes how a collector fared; `because` is empty where it delivered all of it. */
export type FailureLog = (collector: string, because: string) => void;

/**
 * Logs when a collector begins to fail and when it works again. A condition that lasts is shown by the metric; as a line
 * at every scrape it would fill the log.
 */
export function createFailureLog(log: LoggerPort): FailureLog {
  const failing = new Set<string>();
  return (collector, because) => {
    const isFailing = because !== "";
    if (failing.has(collector) === isFailing) return;
    if (isFailing) {
      failing.add(collector);
      log.warn("scrape-collector-failed", { collector, because });
    } else {
      failing.delete(collector);
      log.info("scrape-collector-works", { collector });
    }
  };
}

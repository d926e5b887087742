/** Prometheus must have the whole answer before its own limit. */
const marginSeconds = 0.5;
/** For those who say no limit, such as a person with curl: less than Prometheus' default of 10 s. */
const defaultSeconds = 5;
const longestSeconds = 60;

/** How long a scrape may take, by the header `X-Prometheus-Scrape-Timeout-Seconds`. */
export function scrapeLimitSeconds(header: string | undefined): number {
  const asked = Number(header);
  if (header === undefined || !Number.isFinite(asked) || asked <= 0) return defaultSeconds;
  // With a limit near the margin at least half of it is left to answer something.
  return Math.min(longestSeconds, Math.max(asked - marginSeconds, asked / 2));
}

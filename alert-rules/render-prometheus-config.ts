import { stringify } from "yaml";
import type { ServerName } from "../shared/core/server-name.js";
import { prometheusDuration } from "./prometheus-duration.js";

/** One exporter. */
export interface ScrapeTarget {
  readonly side: ServerName;
  readonly pair: string;
  /** `host:port` of the exporter's listener. */
  readonly address: string;
}

export interface PrometheusConfigOptions {
  readonly targets: readonly ScrapeTarget[];
  readonly rulesFile: string;
  /** `host:port` of each Alertmanager. */
  readonly alertmanagers: readonly string[];
  readonly scrapeSeconds: number;
}

/** Prometheus gives up at this even when it would have more time until the next scrape. */
const longestScrapeSeconds = 10;

/** Prometheus' configuration for the exporters of one or more pairs; `pair` and `side` are set here and nowhere else. */
export function renderPrometheusConfig(options: PrometheusConfigOptions): string {
  const interval = prometheusDuration(options.scrapeSeconds);
  const config = {
    global: {
      scrape_interval: interval,
      scrape_timeout: prometheusDuration(Math.min(longestScrapeSeconds, options.scrapeSeconds)),
      evaluation_interval: interval,
    },
    rule_files: [options.rulesFile],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [...options.alertmanagers] }] }] },
    scrape_configs: [
      {
        job_name: "sparesync",
        static_configs: options.targets.map(({ side, pair, address }) => ({
          targets: [address],
          labels: { pair, side },
        })),
      },
    ],
  };
  return stringify(config, { lineWidth: 0 });
}

import { stringify } from "yaml";
import type { ServerName } from "../shared/core/server-name.js";
import { prometheusDuration } from "./prometheus-duration.js";

/** One exporter. */
export interface ScrapeTarget {
  readonly side: ServerName;
  readonly pair: string;
  /** `host:port` of the exporter's listener. */
  readonly address: string;
  /** What Prometheus needs for an exporter that does not answer everybody. */
  readonly access?: ScrapeAccess;
}

/** Files as Prometheus' machine sees them. */
export interface ScrapeAccess {
  /** The exporter's certificate, or its authority's; undefined: plain HTTP. */
  readonly caFile?: string;
  readonly user?: { readonly name: string; readonly passwordFile: string };
}

export interface PrometheusConfigOptions {
  readonly targets: readonly ScrapeTarget[];
  readonly rulesFile: string;
  /** `host:port` of each Alertmanager. */
  readonly alertmanagers: readonly string[];
  readonly scrapeSeconds: number;
}

const jobName = "sparesync";

/** Prometheus gives up at this even when it would have more time until the next scrape. */
const longestScrapeSeconds = 10;

/** Prometheus' configuration for the exporters of one or more pairs; `pair` and `side` are set here and nowhere else. */
export function renderPrometheusConfig(options: PrometheusConfigOptions): string {
  const interval = prometheusDuration(options.scrapeSeconds);
  const open = options.targets.filter(({ access }) => access === undefined);
  const guarded = options.targets.filter(({ access }) => access !== undefined);
  const config = {
    global: {
      scrape_interval: interval,
      scrape_timeout: prometheusDuration(Math.min(longestScrapeSeconds, options.scrapeSeconds)),
      evaluation_interval: interval,
    },
    rule_files: [options.rulesFile],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [...options.alertmanagers] }] }] },
    scrape_configs: [
      ...(open.length === 0 ? [] : [{ job_name: jobName, static_configs: open.map(renderTarget) }]),
      ...guarded.map(renderGuardedJob),
    ],
  };
  return stringify(config, { lineWidth: 0 });
}

function renderTarget({ side, pair, address }: ScrapeTarget) {
  return { targets: [address], labels: { pair, side } };
}

/** Certificates and passwords belong to a job, so each such exporter is one; its series carry the name of all the others. */
function renderGuardedJob(target: ScrapeTarget) {
  const { caFile, user } = target.access ?? {};
  return {
    job_name: `${jobName}-${target.pair}-${target.side}`,
    ...(caFile !== undefined && { scheme: "https", tls_config: { ca_file: caFile } }),
    ...(user !== undefined && { basic_auth: { username: user.name, password_file: user.passwordFile } }),
    static_configs: [renderTarget(target)],
    relabel_configs: [{ target_label: "job", replacement: jobName }],
  };
}

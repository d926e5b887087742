import { isDeepStrictEqual } from "node:util";
import { parseAlertOverride } from "../shared/core/alert-override.js";
import { formatHostAndPort, type HostAndPort } from "../shared/core/host-and-port.js";
import { otherServer, type ServerName, serverNames } from "../shared/core/server-name.js";
import type { Settings } from "../shared/core/settings/settings.js";
import { type AlertOverrides, type PairRules, renderAlertRules, repeatOfOnceSeconds } from "./render-alert-rules.js";
import { type ActorWebhook, type Integrations, renderAlertmanagerConfig } from "./render-alertmanager-config.js";
import { renderPrometheusConfig, type ScrapeTarget } from "./render-prometheus-config.js";

/** One pair as monitoring sees it: the settings of one of its servers, or of both. */
export interface MonitoredPair {
  readonly pair: string;
  /** Pair-wide settings are read from this one. */
  readonly settings: Settings;
  readonly bySide: Partial<Readonly<Record<ServerName, Settings>>>;
  /** What each exporter's web configuration asks of Prometheus. */
  readonly scrapes: Readonly<Record<ServerName, ScrapeNeeds>>;
}

/** What Prometheus must do to be answered; neither: plain HTTP for everybody. */
export interface ScrapeNeeds {
  readonly isTls: boolean;
  /** Undefined: nobody has to sign in. */
  readonly user: string | undefined;
}

export interface MonitoringOptions {
  /** `host:port` of each Alertmanager. */
  readonly alertmanagers: readonly string[];
  readonly scrapeSeconds: number;
  /** Where the machine of Prometheus and Alertmanager keeps tokens and certificates. */
  readonly secretsFolder: string;
  readonly people: Integrations | undefined;
  readonly watchdog: Integrations | undefined;
}

/** A file to be written, with its content. */
export type MonitoringFiles = Readonly<Record<"sparesync-rules.yml" | "alertmanager.yml" | "prometheus.yml", string>>;

/** Rules, routes and scrape configuration for these pairs. */
export function renderMonitoringFiles(pairs: readonly MonitoredPair[], options: MonitoringOptions): MonitoringFiles {
  const routing = pairs.map(({ pair, settings }) => ({
    pair,
    overrides: overridesOf(settings),
    serviceIntervals: settings.serviceIntervals,
  }));
  const [first, ...others] = pairs.map(({ settings }) => ruleOptions(settings));
  const isOneForAll = others.every((own) => isDeepStrictEqual(own, first));
  const rules = pairs.map(({ pair, settings }) => ({ pair, ...ruleOptions(settings) }));
  return {
    // What is about no pair leads where the first pair's alerts do.
    "sparesync-rules.yml": renderAlertRules({ ...first, ...(!isOneForAll && { pairs: rules }) }),
    "alertmanager.yml": renderAlertmanagerConfig({
      webhooks: pairs.flatMap((pair) => webhooksOf(pair, options)),
      pairs: routing,
      ...(options.people !== undefined && { people: options.people }),
      ...(options.watchdog !== undefined && { watchdog: options.watchdog }),
    }),
    "prometheus.yml": renderPrometheusConfig({
      targets: pairs.flatMap((pair) => targetsOf(pair, options)),
      rulesFile: "sparesync-rules.yml",
      alertmanagers: options.alertmanagers,
      scrapeSeconds: options.scrapeSeconds,
    }),
  };
}

function ruleOptions(settings: Settings): Omit<PairRules, "pair"> {
  const { runbookUrl, grafanaUrl } = settings.notifications;
  return { overrides: overridesOf(settings), runbookUrl, grafanaUrl };
}

/** The overrides of the settings, in the order of their codes, so that two pairs can be compared. */
function overridesOf({ notifications }: Settings): AlertOverrides {
  const parsed = notifications.overrides
    .map(parseAlertOverride)
    .filter((override) => typeof override !== "string")
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, delaySeconds, repeatSeconds = repeatOfOnceSeconds }) => [code, { delaySeconds, repeatSeconds }]);
  return Object.fromEntries(parsed) as AlertOverrides;
}

/** Where a server is reached from outside: where it listens, unless that is at all of its addresses. */
function reachable({ settings, bySide }: MonitoredPair, side: ServerName, listen: HostAndPort): string {
  if (!anyAddress.has(listen.host)) return formatHostAndPort(listen);
  const seenByOther = bySide[otherServer(side)]?.link.peer.host;
  const host = seenByOther ?? settings.managedSystem.publicAddresses[side].host;
  return formatHostAndPort({ host, port: listen.port });
}

const anyAddress = new Set(["0.0.0.0", "::"]);

/** A listener of one side; of a server whose settings are not at hand, at its link's host with the port of the other. */
function listenerOf(pair: MonitoredPair, side: ServerName, listener: "exporter" | "admin"): string {
  const own = pair.bySide[side];
  if (own !== undefined) return reachable(pair, side, own[listener].listen);
  const { link, [listener]: others } = pair.settings;
  return formatHostAndPort({ host: link.peer.host, port: others.listen.port });
}

function targetsOf(pair: MonitoredPair, { secretsFolder }: MonitoringOptions): readonly ScrapeTarget[] {
  return serverNames.map((side) => {
    const { isTls, user } = pair.scrapes[side];
    const place = `${secretsFolder}/sparesync-${pair.pair}`;
    const access = {
      ...(isTls && { caFile: `${place}-${side}-exporter.pem` }),
      ...(user !== undefined && { user: { name: user, passwordFile: `${place}-${side}-scrape-password` } }),
    };
    const isGuarded = isTls || user !== undefined;
    return { side, pair: pair.pair, address: listenerOf(pair, side, "exporter"), ...(isGuarded && { access }) };
  });
}

function webhooksOf(pair: MonitoredPair, { secretsFolder }: MonitoringOptions): readonly ActorWebhook[] {
  return serverNames.map((side) => {
    const { transport, webhookClientsFile } = (pair.bySide[side] ?? pair.settings).admin;
    const place = `${secretsFolder}/sparesync-${pair.pair}-${side}`;
    return {
      url: `${transport}://${listenerOf(pair, side, "admin")}/webhooks/alertmanager`,
      signIn:
        webhookClientsFile === undefined
          ? { bearerTokenFile: `${place}-token` }
          : { certificateFile: `${place}-client.pem`, privateKeyFile: `${place}-client-key.pem` },
      ...(transport === "https" && { caFile: `${place}-admin.pem` }),
      pair: pair.pair,
    };
  });
}

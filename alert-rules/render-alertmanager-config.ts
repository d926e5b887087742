import { stringify } from "yaml";
import type { AlertCode } from "../shared/core/alert-catalogue.js";
import type { ServiceIntervals } from "../shared/core/settings/service-interval-settings.js";
import { alerts } from "./alerts.js";
import { type Inhibition, inhibitions } from "./inhibition.js";
import { muteTimes } from "./mute-times.js";
import { prometheusDuration } from "./prometheus-duration.js";
import { type AlertOverrides, alertTiming, repeatOfOnceSeconds } from "./render-alert-rules.js";

/** One actor that is told of alerts which ask for a failover. */
export interface ActorWebhook {
  /** `https://<admin listener>/webhooks/alertmanager` */
  readonly url: string;
  /** How Alertmanager shows who it is: files as its machine sees them. */
  readonly signIn:
    { readonly bearerTokenFile: string } | { readonly certificateFile: string; readonly privateKeyFile: string };
  /** The actor's own certificate where no public authority signed it. */
  readonly caFile?: string;
  /** Whose alerts it is told; undefined: there is only one pair. */
  readonly pair?: string;
}

/** What is particular to one pair. */
export interface PairRouting {
  readonly pair: string;
  readonly overrides: AlertOverrides;
  /** Times in which its application may be away. */
  readonly serviceIntervals: ServiceIntervals;
}

/** Alertmanager's own integrations (`email_configs`, …) with their content. */
export type Integrations = Readonly<Record<string, readonly object[]>>;

export interface AlertmanagerConfigOptions {
  /** Both actors of each pair: either may be the one that is left. */
  readonly webhooks: readonly ActorWebhook[];
  readonly overrides?: AlertOverrides;
  /** How often a group is looked at again; Alertmanager's deadline for the webhook as well. */
  readonly groupIntervalSeconds?: number;
  readonly pairs?: readonly PairRouting[];
  /** How people are reached. */
  readonly people?: Integrations;
  /** How the service is reached that calls when the watchdog stays away. */
  readonly watchdog?: Integrations;
}

const heading =
  "# Generated. Give the receivers `people` and `people-events` a mail or chat address, and `watchdog` a service outside.\n";
const headingWithPeople = "# Generated.\n";

/** What a service interval mutes: the application may be away and a server restarted, but data are never left behind. */
export const mutedCodes = ["MainAppInvisible", "MissingConnection"] as const satisfies readonly AlertCode[];

/** Alertmanager's configuration: people get all alerts, each repeated at its frequency; the actors those that ask. */
export function renderAlertmanagerConfig(options: AlertmanagerConfigOptions): string {
  const groupIntervalSeconds = options.groupIntervalSeconds ?? 30;
  const actors = groupByPair(options.webhooks);
  const config = {
    route: {
      receiver: "people",
      // One notification per problem and pair. Grouping wider would delay a new problem behind an old one's interval.
      group_by: ["alertname", "pair", "side"],
      group_wait: "0s",
      group_interval: prometheusDuration(groupIntervalSeconds),
      repeat_interval: "4h",
      routes: [...actorRoutes(actors, groupIntervalSeconds), watchdogRoute, ...peopleRoutes(options)],
    },
    inhibit_rules: inhibitions.map(renderInhibition),
    ...renderTimeIntervals(options),
    receivers: [
      { name: "people", ...withResolved(options.people, true) },
      // What has happened does not end: "resolved" would only say that five minutes have passed.
      { name: "people-events", ...withResolved(options.people, false) },
      // An end told would look like one more sign of life.
      { name: "watchdog", ...withResolved(options.watchdog, false) },
      ...[...actors].map(([pair, webhooks]) => ({
        name: actorReceiver(pair),
        webhook_configs: webhooks.map(renderWebhook),
      })),
    ],
  };
  return (options.people === undefined ? heading : headingWithPeople) + stringify(config, { lineWidth: 0 });
}

type Actors = ReadonlyMap<string | undefined, readonly ActorWebhook[]>;

function groupByPair(webhooks: readonly ActorWebhook[]): Actors {
  const pairs = [...new Set(webhooks.map(({ pair }) => pair))];
  return new Map(pairs.map((pair) => [pair, webhooks.filter((webhook) => webhook.pair === pair)]));
}

function actorReceiver(pair: string | undefined): string {
  return pair === undefined ? "sparesync-actors" : `sparesync-actors-${pair}`;
}

function actorRoutes(actors: Actors, groupIntervalSeconds: number) {
  return [...actors.keys()].map((pair) => ({
    // First, and going on: asking the actors does not replace telling people.
    receiver: actorReceiver(pair),
    matchers: ['action="switchover"', ...(pair === undefined ? [] : [`pair="${pair}"`])],
    continue: true,
    group_by: ["alertname", "pair"],
    // Sent again long before the repeat for people: an actor that was away must hear of it when it is back.
    repeat_interval: prometheusDuration(Math.max(300, groupIntervalSeconds)),
  }));
}

const watchdogRoute = { receiver: "watchdog", matchers: ['code="Watchdog"'], repeat_interval: "1m" };

/** The frequency stands on the alert itself, so pairs with different overrides share the routes. */
function peopleRoutes({ overrides, pairs = [] }: AlertmanagerConfigOptions) {
  const codes = alerts.map(({ code }) => code).filter((code) => code !== "Watchdog");
  const everybodys = repeatsOf(codes, [overrides ?? {}, ...pairs.map((pair) => pair.overrides)]);
  const muted = pairs
    .filter(({ serviceIntervals }) => serviceIntervals.intervals.length > 0)
    .flatMap((pair) => repeatsOf(mutedCodes, [pair.overrides]).map((repeat) => mutedRoute(pair.pair, repeat)));
  return [
    { receiver: "people-events", matchers: ['kind="event"'], repeat_interval: prometheusDuration(repeatOfOnceSeconds) },
    ...muted,
    ...everybodys.map((repeat) => ({ receiver: "people", matchers: [`repeat="${repeat}"`], repeat_interval: repeat })),
  ];
}

function repeatsOf(codes: readonly AlertCode[], sets: readonly AlertOverrides[]): readonly string[] {
  const repeats = sets.flatMap((overrides) => codes.map((code) => alertTiming(code, overrides).repeatSeconds));
  return [...new Set(repeats)].sort((a, b) => a - b).map(prometheusDuration);
}

function mutedRoute(pair: string, repeat: string) {
  return {
    receiver: "people",
    matchers: [`pair="${pair}"`, `code=~"${mutedCodes.join("|")}"`, `repeat="${repeat}"`],
    repeat_interval: repeat,
    mute_time_intervals: [intervalName(pair)],
  };
}

function intervalName(pair: string): string {
  return `service-intervals-${pair}`;
}

function renderTimeIntervals({ pairs = [] }: AlertmanagerConfigOptions) {
  const named = pairs
    .map(({ pair, serviceIntervals }) => ({ name: intervalName(pair), time_intervals: muteTimes(serviceIntervals) }))
    .filter(({ time_intervals }) => time_intervals.length > 0);
  return named.length === 0 ? {} : { time_intervals: named };
}

function renderInhibition({ because, silent, reason, equal }: Inhibition) {
  return {
    source_matchers: [`code=~"${because.join("|")}"`],
    target_matchers: [`code=~"${silent.join("|")}"`, ...(reason === undefined ? [] : [`reason="${reason}"`])],
    equal: [...equal],
  };
}

function withResolved(integrations: Integrations | undefined, sendResolved: boolean) {
  return Object.fromEntries(
    Object.entries(integrations ?? {}).map(([kind, configs]) => [
      kind,
      configs.map((config) => ({ ...config, send_resolved: sendResolved })),
    ]),
  );
}

function renderWebhook({ url, signIn, caFile }: ActorWebhook) {
  const tls = {
    ...(caFile !== undefined && { ca_file: caFile }),
    ...("certificateFile" in signIn && { cert_file: signIn.certificateFile, key_file: signIn.privateKeyFile }),
  };
  return {
    url,
    // "Resolved" also comes when Prometheus dies: the actors never act on it.
    send_resolved: false,
    http_config: {
      ...("bearerTokenFile" in signIn && {
        authorization: { type: "Bearer", credentials_file: signIn.bearerTokenFile },
      }),
      follow_redirects: false,
      ...(Object.keys(tls).length > 0 && { tls_config: tls }),
    },
  };
}

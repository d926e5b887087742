import type { MonitoredPair, ScrapeNeeds } from "../../alert-rules/monitoring-files.js";
import { parseWebConfig } from "../../exporter/core/parse-web-config.js";
import { readFileIfExists } from "../../shared/atomic-file.js";
import { isLoopbackHost } from "../../shared/core/loopback.js";
import { type ServerName, serverNames } from "../../shared/core/server-name.js";
import { comparePairSettings } from "../../shared/core/settings/pair-settings.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import { readSettings } from "../../shared/settings-file.js";
import { UsageError } from "../cli-io.js";

/** The pairs of these settings files, in the order in which they are first named. */
export async function groupPairs(files: readonly string[]): Promise<readonly MonitoredPair[]> {
  const pairs = new Map<string, Settings[]>();
  for (const file of files) {
    const { settings } = await readSettings(file);
    const ofPair = pairs.get(settings.pair) ?? [];
    if (ofPair.some(({ server }) => server === settings.server)) {
      throw new UsageError(`${file}: the ${settings.server} of the pair ${settings.pair} was given already`);
    }
    pairs.set(settings.pair, [...ofPair, settings]);
  }
  return await Promise.all(
    [...pairs].flatMap(([pair, all]) => {
      const [settings] = all;
      return settings === undefined ? [] : [describePair(pair, settings, all)];
    }),
  );
}

async function describePair(pair: string, settings: Settings, all: readonly Settings[]): Promise<MonitoredPair> {
  const bySide: MonitoredPair["bySide"] = Object.fromEntries(all.map((one) => [one.server, one]));
  const needsOf = (side: ServerName): Promise<ScrapeNeeds> => readScrapeNeeds(bySide[side] ?? settings);
  return {
    pair,
    settings,
    bySide,
    scrapes: { primary: await needsOf("primary"), secondary: await needsOf("secondary") },
  };
}

/** What `sparesync init` writes, where the web configuration lies on another machine than this one. */
const usualNeeds: ScrapeNeeds = { isTls: true, user: "prometheus" };

async function readScrapeNeeds({ exporter }: Settings): Promise<ScrapeNeeds> {
  if (exporter.openToEverybody) return { isTls: false, user: undefined };
  const text = await readFileIfExists(exporter.webConfigFile).catch(() => undefined);
  if (text === undefined) return usualNeeds;
  const { tls_server_config: tls, basic_auth_users: users } = parseWebConfig(text, exporter.webConfigFile);
  return { isTls: tls !== undefined, user: Object.keys(users ?? {})[0] };
}

export interface PairsDescription {
  readonly lines: readonly string[];
  /** What an administrator should look at before using the files. */
  readonly notices: readonly string[];
}

export function describePairs(pairs: readonly MonitoredPair[]): PairsDescription {
  return {
    lines: pairs.map(({ pair, bySide }) => `pair ${pair}, by the settings of its ${Object.keys(bySide).join(" and ")}`),
    notices: pairs.flatMap(noticesOf),
  };
}

function noticesOf({ pair, settings, bySide }: MonitoredPair): readonly string[] {
  const { primary, secondary } = bySide;
  const missing = serverNames
    .filter((side) => bySide[side] === undefined)
    .map((side) => `${pair}: the ${side} is taken to listen at the same ports; give its settings, too, to be exact`);
  const unreachable = [primary, secondary]
    .filter((settings) => settings !== undefined)
    .filter(({ admin, exporter }) => isLoopbackHost(admin.listen.host) || isLoopbackHost(exporter.listen.host))
    .map(({ server }) => `${pair}: the ${server} listens on a loopback address, so only its own machine reaches it`);
  const differing =
    primary === undefined || secondary === undefined ? [] : comparePairSettings(primary, secondary).slice(0, 5);
  const withoutLink = (["runbookUrl", "grafanaUrl"] as const)
    .filter((name) => settings.notifications[name] === "")
    .map((name) => `${pair}: notifications.${name} is not set, so its alerts lead to a path that nobody can open`);
  return [
    ...missing,
    ...unreachable,
    ...withoutLink,
    ...(differing.length > 0 ? [`${pair}: pair-wide settings differ: ${differing.join(", ")}`] : []),
  ];
}

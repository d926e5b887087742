import { serviceIntervalSettings } from "../../shared/core/settings/service-interval-settings.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import { serverNames } from "../../shared/core/server-name.js";
import { plantedBugs, type PlantedBug } from "./planted-bugs.js";
import type { Phrase, Telling } from "./story.js";

type Given = Phrase<(telling: Telling, ...words: string[]) => void>;
type Failover = Partial<Settings["failover"]>;

const failover =
  (settings: (words: readonly string[]) => Failover) =>
  ({ world }: Telling, ...words: string[]): void => {
    world.failoverSettings = { ...world.failoverSettings, ...settings(words) };
  };

const vantage = (site: "elsewhere" | "secondary"): Failover => ({
  acceptSingleVantage: false,
  vantages: [{ kind: "metrics", name: "office", site, url: "http://x/", metric: "m" }],
});

/** How a scenario may begin, other than with a primary that serves and settings that let the spare take over. */
export const givens: readonly Given[] = [
  [
    /^the secondary serves after a switchover$/,
    ({ world }) => {
      world.beginSwitched();
    },
  ],
  [
    /^there is the planted bug that (.+)$/,
    ({ world }, bug = "") => {
      plantedBugs[bug as PlantedBug](world);
    },
  ],
  [
    /^the (primary|secondary) serves at the beginning$/,
    ({ world }, name) => {
      if (name === "secondary") world.beginSwitched();
    },
  ],
  [/^another name server follows the update server$/, ({ world }) => void (world.nameServer.isFollowed = true)],
  [/^there is a witness$/, ({ world }) => void (world.hasWitness = true)],
  [/^no guard runs$/, ({ world }) => void (world.hasGuard = false)],
  [
    /^the update server stands (elsewhere|at the primary|at the secondary)$/,
    ({ world }, where = "") => {
      const updateServerSite = where.replace("at the ", "") as "elsewhere" | "primary" | "secondary";
      for (const name of serverNames)
        world.plantedSettings[name] = { ...world.plantedSettings[name], updateServerSite };
    },
  ],
  [/^an outage of (\d+) s is allowed$/, failover(([s]) => ({ allowedUnavailabilitySeconds: Number(s) }))],
  [
    /^only (Alertmanager|the watch) may ask$/,
    failover(([who]) => ({ askedBy: who === "the watch" ? "watch" : "alertmanager" })),
  ],
  [/^the spare only observes$/, failover(() => ({ observeOnly: true }))],
  [/^automatic switching is off$/, failover(() => ({ automatic: false }))],
  [/^one vantage is not enough$/, failover(() => ({ acceptSingleVantage: false }))],
  [/^a second vantage looks from the office$/, failover(() => vantage("elsewhere"))],
  [/^a second vantage looks from beside the spare$/, failover(() => vantage("secondary"))],
  [/^no assumption is accepted$/, failover(() => ({ acceptAssumption: false }))],
  [/^a failover blocks the next one for (\d+) s$/, failover(([s]) => ({ blockSeconds: Number(s) }))],
  [/^at most (\d+) s of changes may be lost$/, failover(([s]) => ({ maximumRecoveryPointSeconds: Number(s) }))],
  [/^a stop in order counts as a loss$/, failover(() => ({ whenPeerStopped: true }))],
  [/^a connected primary is left alone$/, failover(() => ({ whenConnected: false }))],
  [
    /^there is a service interval from second 60 to 120$/,
    ({ world }) => {
      const intervals = [{ name: "cron", start: "00:01", end: "00:02" }];
      world.pairSettings = { serviceIntervals: serviceIntervalSettings.parse({ intervals }) };
    },
  ],
];

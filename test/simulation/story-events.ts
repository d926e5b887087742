import type { ServerName } from "../../shared/core/server-name.js";
import { serverNames } from "../../shared/core/server-name.js";
import { breakables, type Breakable, type SimulatedHost } from "./simulated-host.js";
import type { Place } from "./simulated-network.js";
import { operatorEvents } from "./story-operators.js";
import type { Phrase, Telling } from "./story.js";
import type { World } from "./world.js";

export type StoryEvent = Phrase<(telling: Telling, ...words: string[]) => void>;

const server = "(primary|secondary)";
const place = "(primary|secondary|update server|witness)";

/** A sentence about one server. */
function ofHost(words: string, act: (host: SimulatedHost, world: World, ...rest: string[]) => unknown): StoryEvent {
  return [
    new RegExp(`^${words.replace("SERVER", server)}$`),
    ({ world }, name = "", ...rest) => void act(world.host(name as ServerName), world, ...rest),
  ];
}

function toPlace(name: string): Place {
  return name === "update server" ? "update-server" : name === "internet" ? "outside" : (name as Place);
}

const bothWays = (from: string, to: string): readonly (readonly [Place, Place])[] => [
  [toPlace(from), toPlace(to)],
  [toPlace(to), toPlace(from)],
];

const everyWayOf = (name: string): readonly (readonly [Place, Place])[] =>
  ["primary", "secondary", "update server"].filter((other) => other !== name).flatMap((other) => bothWays(name, other));

function change(world: World, does: "cut" | "mend", ways: readonly (readonly [Place, Place])[]): void {
  for (const [from, to] of ways) world.network[does](from, to);
}

const machines: readonly StoryEvent[] = [
  ofHost("the SERVER loses power", (host) => {
    host.powerOff();
  }),
  ofHost("the SERVER comes back", (host) => host.powerOn()),
  ofHost("the SERVER loses power and comes back after (\\d+) s", (host, world, seconds) => {
    world.killAndRestart(host, Number(seconds) * 1000);
  }),
  ofHost("the SERVER freezes", (host) => {
    host.freeze();
  }),
  ofHost("the SERVER is suspended", (host) => {
    host.suspend();
  }),
  ofHost("the SERVER wakes", (host, world) => {
    world.thaw(host);
  }),
  ofHost("the SERVER comes back with an empty state directory", (host, world) => {
    host.powerOff();
    world.loseState(host.name);
    return host.powerOn();
  }),
  ofHost("the SERVER comes back with a fence of (\\d+) s", (host, world, seconds) => {
    host.powerOff();
    world.plantedSettings[host.name] = { ...world.plantedSettings[host.name], selfFenceSeconds: Number(seconds) };
    return host.powerOn();
  }),
  ofHost("the SERVER comes back with the update server at the (primary|secondary)", (host, world, site) => {
    host.powerOff();
    const updateServerSite = site as ServerName;
    world.plantedSettings[host.name] = { ...world.plantedSettings[host.name], updateServerSite };
    return host.powerOn();
  }),
  ofHost("the disk of the SERVER is full", (host) => (host.isDiskFailing = true)),
  ofHost("the disk of the SERVER has room again", (host) => (host.isDiskFailing = false)),
  ofHost("the clock of the SERVER jumps by (-?\\d+) s", (host, _world, seconds) => {
    host.wallOffsetMs += Number(seconds) * 1000;
  }),
];

const processes: readonly StoryEvent[] = [
  ofHost("the actor of the SERVER is killed", (host) => {
    host.killActorAlone();
  }),
  ofHost("the actor of the SERVER is frozen", (host) => {
    host.freezeActor();
  }),
  ofHost("the actor of the SERVER goes on", (host) => {
    host.thawActor();
  }),
  ofHost("the actor of the SERVER starts", (host) => host.reviveActor()),
  ofHost("the actor of the SERVER is stopped in order", (host) => {
    const { actor } = host;
    void actor?.stop("story").then(() => {
      if (host.actor === actor && host.isPoweredOn) host.killActorAlone();
    });
  }),
  ofHost("the guard of the SERVER is killed", (host) => {
    host.killGuard();
  }),
  ofHost("the guard of the SERVER starts", (host) => {
    host.startGuard();
  }),
  ofHost("the application of the SERVER dies", (host) => {
    host.killApp();
  }),
  ofHost("the application of the SERVER is started again by its supervisor", (host) => {
    host.isAppRunning = true;
  }),
  ofHost("the SERVER registers itself under the name", (host, world) => {
    world.nameServer.registerItself(host.name);
  }),
  ofHost("the application of the SERVER runs by itself", (host) => (host.isPartRunning = true)),
  ofHost("the application of the SERVER does not start", (host) => (host.isStartBroken = true)),
  ofHost("the application of the SERVER starts again", (host) => (host.isStartBroken = false)),
  ofHost("the application of the SERVER takes (\\d+) s to start", (host, _world, seconds) => {
    host.extraStartMs = Number(seconds) * 1000;
  }),
  ofHost("the application of the SERVER is quick to start again", (host) => (host.extraStartMs = 0)),
  ofHost("the database of the SERVER cannot be promoted", (host) => (host.isPromotionBroken = true)),
  ofHost("the database of the SERVER can be promoted", (host) => (host.isPromotionBroken = false)),
  ofHost("the database of the SERVER takes (\\d+) s for its role", (host, _world, seconds) => {
    host.extraRoleMs = Number(seconds) * 1000;
  }),
  ofHost("the data of the SERVER stop with an error", (host) => (host.dataProblem = "a table without a key")),
  ofHost("the data of the SERVER are mended", (host) => (host.dataProblem = "")),
  ofHost("the SERVER breaks: (.+)", (host, _world, what) => host.broken.add(breakable(what))),
  ofHost("the SERVER is mended: (.+)", (host, _world, what) => host.broken.delete(breakable(what))),
];

function breakable(word = ""): Breakable {
  const found = breakables.find((one) => one === word);
  if (!found) throw new Error(`"${word}" is none of: ${breakables.join(", ")}`);
  return found;
}

const network: readonly StoryEvent[] = [
  [
    /^the link is cut$/,
    ({ world }) => {
      change(world, "cut", bothWays("primary", "secondary"));
    },
  ],
  [
    /^the link mends$/,
    ({ world }) => {
      change(world, "mend", bothWays("primary", "secondary"));
    },
  ],
  [
    new RegExp(`^no message comes from the ${place} to the ${place}$`),
    ({ world }, from = "", to = "") => {
      world.network.cut(toPlace(from), toPlace(to));
    },
  ],
  [
    new RegExp(`^messages come from the ${place} to the ${place} again$`),
    ({ world }, from = "", to = "") => {
      world.network.mend(toPlace(from), toPlace(to));
    },
  ],
  [
    new RegExp(`^the ${place} is cut off$`),
    ({ world }, name = "") => {
      change(world, "cut", everyWayOf(name));
    },
  ],
  [
    new RegExp(`^the ${place} is connected again$`),
    ({ world }, name = "") => {
      change(world, "mend", everyWayOf(name));
    },
  ],
  [
    new RegExp(`^the ${server} loses the (update server|internet)$`),
    ({ world }, name = "", other = "") => {
      change(world, "cut", bothWays(name, other));
    },
  ],
  [
    new RegExp(`^the ${server} reaches the (update server|internet) again$`),
    ({ world }, name = "", other = "") => {
      change(world, "mend", bothWays(name, other));
    },
  ],
  [
    /^(\d+) % of all messages are lost$/,
    ({ world }, percent) => void (world.network.lossProbability = Number(percent) / 100),
  ],
  [
    /^(\d+) % of all messages come twice$/,
    ({ world }, percent) => void (world.network.duplicateProbability = Number(percent) / 100),
  ],
  [
    /^each hand-over arrives (\d+) s late$/,
    ({ world }, seconds) => {
      const lateSeconds = Number(seconds);
      world.lateMessages.begin("operations/hand-over", {
        fromSeconds: lateSeconds,
        toSeconds: lateSeconds + 1,
        isOnlyLate: true,
      });
    },
  ],
  [
    /^copies of (\d+) % of all messages come late$/,
    ({ world }, percent) => void (world.network.lateCopyProbability = Number(percent) / 100),
  ],
  [
    /^messages take up to (\d+) s$/,
    ({ world }, seconds) => void (world.network.maximumDelayMs = Number(seconds) * 1000),
  ],
  [
    /^the network is whole$/,
    ({ world }) => {
      world.network.healAll();
    },
  ],
  [
    /^a black hole opens$/,
    ({ world }) => {
      world.isBlackHole = true;
      world.network.cut("primary", "update-server");
    },
  ],
  [
    /^the update server freezes$/,
    ({ world }) => {
      world.nameServer.freeze();
    },
  ],
  [
    /^the update server wakes$/,
    ({ world }) => {
      world.nameServer.thaw();
    },
  ],
  [
    /^the update server is frozen for (\d+) s$/,
    ({ world }, seconds) => {
      world.nameServer.freeze();
      world.time.schedule(Number(seconds) * 1000, () => {
        world.nameServer.thaw();
      });
    },
  ],
  [/^the update server refuses updates$/, ({ world }) => void (world.nameServer.turnsUpdatesAway = true)],
  [/^the update server takes updates$/, ({ world }) => void (world.nameServer.turnsUpdatesAway = false)],
  [
    /^the update server is restored from an old backup$/,
    ({ world }) => void (world.nameServer.record = { epoch: 0, active: "secondary", operationId: "old" }),
  ],
  [
    /^the other name server shows a claim that nobody made$/,
    ({ world }) => void (world.nameServer.forgedRecord = { epoch: 99, active: "secondary", operationId: "forged" }),
  ],
  [/^the other name server shows the truth again$/, ({ world }) => void (world.nameServer.forgedRecord = undefined)],
  [/^the record of the update server is deleted$/, ({ world }) => void (world.nameServer.record = undefined)],
];

const alerts: readonly StoryEvent[] = [
  [
    new RegExp(`^Alertmanager posts (?:the alert )?(\\d+) times to the ${server}$`),
    (telling, count, name) => {
      post(telling, name, Number(count), {});
    },
  ],
  [
    new RegExp(`^an alert of another pair is posted (\\d+) times to the ${server}$`),
    (telling, count, name) => {
      post(telling, name, Number(count), { pair: "another" });
    },
  ],
  [
    new RegExp(`^an alert that is no request is posted (\\d+) times to the ${server}$`),
    (telling, count, name) => {
      post(telling, name, Number(count), { action: "page" });
    },
  ],
  [
    new RegExp(`^the end of the alert is posted (\\d+) times to the ${server}$`),
    (telling, count, name) => {
      post(telling, name, Number(count), {}, "resolved");
    },
  ],
];

/** The same incident each time in one scenario: it begins when it is first posted. */
function post(
  { world, answers }: Telling,
  name = "",
  count: number,
  labels: Readonly<Record<string, string>>,
  status: "firing" | "resolved" = "firing",
): void {
  world.incidentAtMs ??= world.epochMs + world.time.nowMs;
  const alert = {
    fingerprint: "incident",
    startsAt: new Date(world.incidentAtMs).toISOString(),
    status,
    labels: { action: "switchover", pair: "simulated", ...labels },
  } as const;
  for (let copy = 0; copy < count; copy += 1) {
    void world
      .host(name as ServerName)
      .takeAlert(alert)
      .then((outcome) => {
        answers.push({ kind: `alert ${outcome ?? "lost"}`, text: "", operationId: "" });
      });
  }
}

const others: readonly StoryEvent[] = [
  ofHost("seen from the SERVER the name points elsewhere", (host) => (host.addressSeen = "192.0.2.99")),
  ofHost("the version of the SERVER is another", (host) => (host.version = "simulated-2")),
  [
    /^everything is mended$/,
    ({ world }) => {
      world.network.healAll();
      world.nameServer.thaw();
      world.nameServer.turnsUpdatesAway = false;
      world.isBlackHole = false;
      for (const name of serverNames) {
        const host = world.host(name);
        host.broken.clear();
        host.isStartBroken = false;
        host.isPromotionBroken = false;
        host.isDiskFailing = false;
        host.thawActor();
        void host.powerOn();
        void host.reviveActor();
      }
    },
  ],
];

/** What may happen in a scenario. */
export const events: readonly StoryEvent[] = [
  ...machines,
  ...processes,
  ...network,
  ...alerts,
  ...operatorEvents,
  ...others,
];

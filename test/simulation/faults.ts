import { serverNames } from "../../shared/core/server-name.js";
import { breakables } from "./simulated-host.js";
import type { SeededRandom } from "./seeded-random.js";
import type { Place } from "./simulated-network.js";
import { lateFaults } from "./late-faults.js";
import { settingsFaults } from "./settings-faults.js";
import { witnessFaults } from "./witness-faults.js";
import type { World } from "./world.js";

/** Begins now and ends when told to. */
export type Fault = (world: World, random: SeededRandom) => { readonly text: string; readonly end: () => void };

const places: readonly Place[] = ["primary", "secondary", "update-server"];

/** What a scenario picks from. */
export const faultKinds = {
  "one-way-cut": (world, random) => {
    const from = random.pick(places);
    const to = random.pick(places.filter((place) => place !== from));
    world.network.cut(from, to);
    return {
      text: `${from} -> ${to}`,
      end: () => {
        world.network.mend(from, to);
      },
    };
  },
  isolation: (world, random) => {
    const place = random.pick(places);
    const others = places.filter((other) => other !== place);
    for (const other of others) {
      world.network.cut(place, other);
      world.network.cut(other, place);
    }
    return {
      text: place,
      end: () => {
        for (const other of others) {
          world.network.mend(place, other);
          world.network.mend(other, place);
        }
      },
    };
  },
  loss: (world, random) => {
    world.network.lossProbability = random.between(0.05, 0.6);
    world.network.duplicateProbability = random.between(0, 0.3);
    return {
      text: world.network.lossProbability.toFixed(2),
      end: () => {
        world.network.lossProbability = 0;
        world.network.duplicateProbability = 0;
      },
    };
  },
  delay: (world, random) => {
    world.network.maximumDelayMs = random.between(500, 20_000);
    return {
      text: `${world.network.maximumDelayMs.toFixed(0)} ms`,
      end: () => {
        world.network.maximumDelayMs = 20;
      },
    };
  },
  "power-off": (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.powerOff();
    return { text: host.name, end: () => void host.powerOn() };
  },
  "state-directory-lost": (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.powerOff();
    world.loseState(host.name);
    return { text: host.name, end: () => void host.powerOn() };
  },
  "promotion-broken": (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.isPromotionBroken = true;
    return {
      text: host.name,
      end: () => {
        host.isPromotionBroken = false;
      },
    };
  },
  freeze: (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.freeze();
    return {
      text: host.name,
      end: () => {
        if (host.isFrozen) world.thaw(host);
      },
    };
  },
  "update-server-frozen": (world) => {
    world.nameServer.freeze();
    return {
      text: "",
      end: () => {
        world.nameServer.thaw();
      },
    };
  },
  "application-dies": (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.killApp();
    return { text: host.name, end: () => undefined };
  },
  "operator-switch": (world, random) => {
    const kind = random.pick(["switch-to-secondary", "switch-to-primary", "failover"] as const);
    const host = world.host(random.pick(serverNames));
    void host.request(kind);
    return { text: `${kind} at ${host.name}`, end: () => undefined };
  },
  "actor-killed": (world, random) => {
    const host = world.host(random.pick(serverNames));
    if (host.isPoweredOn) host.killActorAlone();
    return { text: host.name, end: () => void host.reviveActor() };
  },
  "actor-frozen": (world, random) => {
    const host = world.host(random.pick(serverNames));
    if (host.isPoweredOn) host.freezeActor();
    return {
      text: host.name,
      end: () => {
        host.thawActor();
      },
    };
  },
  "guard-killed": (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.killGuard();
    return {
      text: host.name,
      end: () => {
        if (world.hasGuard) host.startGuard();
      },
    };
  },
  "actor-stopped": (world, random) => {
    const host = world.host(random.pick(serverNames));
    const { actor } = host;
    let isOver = false;
    void actor?.stop("simulation").then(() => {
      if (host.actor === actor && host.isPoweredOn) host.killActorAlone();
      // One that was frozen ends its stop only after it was thawed, and is started again all the same.
      if (isOver) void host.reviveActor();
    });
    return {
      text: host.name,
      end: () => {
        isOver = true;
        void host.reviveActor();
      },
    };
  },
  suspended: (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.suspend();
    return {
      text: host.name,
      end: () => {
        if (host.isFrozen) world.thaw(host);
      },
    };
  },
  "suspended-shortly": (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.suspend();
    world.time.schedule(random.between(1, 18) * 1000, () => {
      if (host.isFrozen) world.thaw(host);
    });
    return { text: host.name, end: () => undefined };
  },
  "wall-clock-jump": (world, random) => {
    const host = world.host(random.pick(serverNames));
    const jumpMs = random.between(-900_000, 900_000);
    host.wallOffsetMs += jumpMs;
    return {
      text: `${host.name} ${(jumpMs / 1000).toFixed(0)} s`,
      end: () => {
        host.wallOffsetMs -= jumpMs;
      },
    };
  },
  "disk-fails": (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.isDiskFailing = true;
    return {
      text: host.name,
      end: () => {
        host.isDiskFailing = false;
      },
    };
  },
  "update-server-refuses": (world) => {
    world.nameServer.turnsUpdatesAway = true;
    return {
      text: "",
      end: () => {
        world.nameServer.turnsUpdatesAway = false;
      },
    };
  },
  "application-slow": (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.extraStartMs = random.between(5_000, 60_000);
    return {
      text: `${host.name} ${host.extraStartMs.toFixed(0)} ms`,
      end: () => {
        host.extraStartMs = 0;
      },
    };
  },
  "application-broken": (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.isStartBroken = true;
    return {
      text: host.name,
      end: () => {
        host.isStartBroken = false;
      },
    };
  },
  "database-slow": (world, random) => {
    const host = world.host(random.pick(serverNames));
    host.extraRoleMs = random.between(500, 20_000);
    return {
      text: host.name,
      end: () => {
        host.extraRoleMs = 0;
      },
    };
  },
  "killed-while-switching": (world, random) => {
    const kind = random.pick(["switch-to-secondary", "switch-to-primary"] as const);
    void world.host(random.pick(serverNames)).request(kind);
    const victim = world.host(random.pick(serverNames));
    const when = random.pick(["before", "after"] as const);
    victim.killAtEffect = { number: victim.effects + Math.floor(random.between(1, 40)), when };
    return {
      text: `${kind}, ${victim.name} ${when} an effect`,
      end: () => {
        victim.killAtEffect = undefined;
      },
    };
  },
  "repeated-alerts": (world, random) => {
    const host = world.host(random.pick(serverNames));
    const startsAt = new Date(host.wallMs() - random.between(-60_000, 600_000)).toISOString();
    const labels = { action: "switchover", pair: random.pick(["simulated", "another"]) };
    const status = random.pick(["firing", "resolved"] as const);
    const fingerprint = random.id();
    for (let copy = 0; copy < 20; copy += 1) {
      world.time.schedule(random.between(0, 60_000), () => {
        void host.takeAlert({ fingerprint, startsAt, status, labels });
      });
    }
    return { text: `${status} since ${startsAt} at the ${host.name}`, end: () => undefined };
  },
  "both-operators": (world, random) => {
    const kinds = serverNames.map(() => random.pick(["switch-to-secondary", "switch-to-primary", "failover"] as const));
    for (let copy = 0; copy < 3; copy += 1) {
      for (const [index, name] of serverNames.entries()) {
        void world.host(name).request(kinds[index]!);
      }
    }
    return { text: kinds.join(), end: () => undefined };
  },
  "turned-off": (world, random) => {
    const host = world.host(random.pick(serverNames));
    void host.actor?.setEnabled(false, "operator", "simulation").catch(() => undefined);
    return {
      text: host.name,
      end: () => void host.actor?.setEnabled(true, "operator", "simulation").catch(() => undefined),
    };
  },
  "operator-forces": (world, random) => {
    const to = random.pick(serverNames);
    const asked = { requestedBy: "operator", reason: "simulation", isDryRun: false } as const;
    const kind = to === "primary" ? "force-to-primary" : "force-to-secondary";
    void world
      .host(to)
      .actor?.requestOperation({ ...asked, kind })
      .catch(() => undefined);
    return { text: kind, end: () => undefined };
  },
  "operator-aborts": (world, random) => {
    const host = world.host(random.pick(serverNames));
    void host.request(random.pick(["switch-to-secondary", "switch-to-primary"] as const));
    world.time.schedule(random.between(0, 20_000), () => {
      const running = host.actor?.operations().find(({ endedAtMs }) => endedAtMs === 0);
      if (running) void host.actor?.abortOperation(running.id, "operator").catch(() => undefined);
    });
    return { text: host.name, end: () => undefined };
  },
  pause: (world, random) => {
    const host = world.host(random.pick(serverNames));
    void host.actor?.pause("operator", "simulation", random.between(10, 200)).catch(() => undefined);
    return { text: host.name, end: () => void host.actor?.resume("operator").catch(() => undefined) };
  },
  "marked-checked": (world, random) => {
    const host = world.host(random.pick(serverNames));
    void host.actor?.markChecked("operator").catch(() => undefined);
    return { text: host.name, end: () => undefined };
  },
  broken: (world, random) => {
    const host = world.host(random.pick(serverNames));
    const what = random.pick(breakables);
    host.broken.add(what);
    return {
      text: `${what} of the ${host.name}`,
      end: () => {
        host.broken.delete(what);
      },
    };
  },
  "internet-lost": (world, random) => {
    const place = random.pick(serverNames);
    world.network.cut(place, "outside");
    return {
      text: place,
      end: () => {
        world.network.mend(place, "outside");
      },
    };
  },
  "late-copies": (world, random) => {
    world.network.lateCopyProbability = random.between(0.05, 0.4);
    return {
      text: world.network.lateCopyProbability.toFixed(2),
      end: () => {
        world.network.lateCopyProbability = 0;
      },
    };
  },
  ...lateFaults,
  ...witnessFaults,
  ...settingsFaults,
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faultKinds;
export const faultNames = Object.keys(faultKinds).filter(
  (name) => !(name in witnessFaults) && !(name in settingsFaults),
) as FaultName[];
/** What a pair with a witness has on top. */
export const witnessFaultNames = Object.keys(witnessFaults) as FaultName[];

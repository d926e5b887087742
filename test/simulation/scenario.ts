import { serverNames } from "../../shared/core/server-name.js";
import type { Place } from "./simulated-network.js";
import { SeededRandom } from "./seeded-random.js";
import { World } from "./world.js";

export interface ScenarioResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly dualActiveSeconds: number;
  readonly thawOverlapSeconds: number;
  readonly failovers: number;
  readonly switchovers: number;
  readonly acknowledged: number;
  readonly lostInFailover: number;
  readonly steps: readonly string[];
  readonly faults: readonly string[];
}

/** Faults end here; what remains must come to rest by itself. */
const faultsEndSeconds = 300;
/** Longer than TSIG's fudge, the longest wait and every patience that may be under way. */
const restSeconds = 1200;
/** Nothing under way for this long: nothing will come any more. */
const restfulSeconds = 90;

export interface ScenarioOptions {
  /** Plants a bug or changes the start. */
  readonly prepare?: (world: World) => void;
  /** Only these faults; all of them when left out. */
  readonly faults?: readonly FaultName[];
}

/** A run from a seed: random faults on two servers, their network and their update server, then rest, then judgement. */
export async function runScenario(seed: number, options: ScenarioOptions = {}): Promise<ScenarioResult> {
  const world = new World(seed);
  options.prepare?.(world);
  const faults = planFaults(world, new SeededRandom(seed ^ 0x5eed), options.faults ?? faultNames);
  await world.start();
  await world.runUntil(faultsEndSeconds);
  healEverything(world);
  let restfulSinceMs = Infinity;
  await world.runUntil(restSeconds, () => {
    restfulSinceMs = isAtRest(world) ? Math.min(restfulSinceMs, world.time.nowMs) : Infinity;
    return world.time.nowMs - restfulSinceMs > restfulSeconds * 1000;
  });
  judgeRest(world);
  world.violations.push(...world.nameServer.violations);
  if (world.dualActiveSeconds > 0) {
    world.violations.push(`both servers served at once for ${world.dualActiveSeconds.toFixed(3)} s`);
  }
  return {
    seed,
    violations: world.violations,
    dualActiveSeconds: world.dualActiveSeconds,
    thawOverlapSeconds: world.thawOverlapSeconds,
    failovers: world.failovers,
    switchovers: world.switchovers,
    acknowledged: world.acknowledged,
    lostInFailover: world.lostInFailover,
    steps: [...world.steps],
    faults,
  };
}

type Fault = (world: World, random: SeededRandom) => { readonly text: string; readonly end: () => void };

const places: readonly Place[] = ["primary", "secondary", "update-server"];

/** Each begins now and ends when told to. */
const faultKinds = {
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
    host.isAppRunning = false;
    return { text: host.name, end: () => undefined };
  },
  "operator-switch": (world, random) => {
    const kind = random.pick(["switch-to-secondary", "switch-to-primary", "failover"] as const);
    const host = world.host(random.pick(serverNames));
    void host.actor?.requestOperation({ kind, requestedBy: "operator", reason: "simulation", isDryRun: false });
    return { text: `${kind} at ${host.name}`, end: () => undefined };
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faultKinds;
const faultNames = Object.keys(faultKinds) as FaultName[];

function planFaults(world: World, random: SeededRandom, names: readonly FaultName[]): string[] {
  const planned: string[] = [];
  const number = Math.floor(random.between(1, 9));
  for (const host of serverNames) {
    world.host(host).driftRatio = random.between(0.999, 1.001);
    world.host(host).wallOffsetMs = random.between(-5000, 5000);
  }
  for (let index = 0; index < number; index += 1) {
    const name = random.pick(names);
    const atSeconds = random.between(20, faultsEndSeconds - 20);
    const lastsSeconds = random.between(1, random.chance(0.3) ? 150 : 50);
    world.time.schedule(atSeconds * 1000, () => {
      const fault = faultKinds[name](world, random);
      planned.push(`${atSeconds.toFixed(1)} s: ${name} ${fault.text} for ${lastsSeconds.toFixed(1)} s`);
      world.time.schedule(lastsSeconds * 1000, fault.end);
    });
  }
  return planned;
}

function healEverything(world: World): void {
  world.network.healAll();
  world.nameServer.thaw();
  for (const name of serverNames) {
    const host = world.host(name);
    if (host.isFrozen) world.thaw(host);
    void host.powerOn();
  }
}

function isAtRest(world: World): boolean {
  return serverNames.every((name) => {
    const host = world.host(name);
    const operation = host.actor?.operations().find(({ endedAtMs }) => endedAtMs === 0);
    const isOwner = world.nameServer.record?.active === name;
    return host.actor !== undefined && operation === undefined && host.isAppRunning === isOwner;
  });
}

/** With everything mended, exactly the owner serves, the name points to it, and no operation is stuck. */
function judgeRest(world: World): void {
  const owner = world.nameServer.record?.active;
  const isAppDead = owner !== undefined && !world.host(owner).isAppRunning;
  for (const name of serverNames) {
    const operation = world.host(name).actor?.operations()[0];
    if (operation && operation.endedAtMs === 0) {
      world.violations.push(
        `operation ${operation.kind} on the ${name} is still ${operation.state}: ${operation.because}`,
      );
    }
  }
  // An application that died while its owner could not hand over is the business of a person; a fenced one is not.
  const isFencedForEver = isAppDead && world.host(owner).actor?.status().isFenced === true;
  if (isFencedForEver) world.violations.push(`the ${owner} owns the name and stays fenced`);
  if (owner && world.nameServer.address !== owner) {
    world.violations.push(`the name points to the ${world.nameServer.address}, owner is the ${owner}`);
  }
}

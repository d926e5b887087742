import { serverNames } from "../../shared/core/server-name.js";
import type { Coverage } from "./coverage.js";
import { faultKinds, faultNames, witnessFaultNames, type FaultName } from "./faults.js";
import { plantedBugs, type PlantedBug } from "./planted-bugs.js";
import { SeededRandom } from "./seeded-random.js";
import { World } from "./world.js";

export interface ScenarioResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly dualActiveSeconds: number;
  readonly thawOverlapSeconds: number;
  readonly assumptionOverlapSeconds: number;
  /** Two served as the documents say of a pair that rests on the assumption. */
  readonly documentedExceptionSeconds: number;
  readonly failovers: number;
  readonly switchovers: number;
  readonly acknowledged: number;
  readonly lostInFailover: number;
  /** The longest time for which the name pointed to the fenced server with nothing in the way. */
  readonly longestNameSeconds: number;
  readonly coverage: { readonly [Kind in keyof Coverage]: readonly string[] };
  /** What was planned, in the order of the plan; empty where a fault was left out. */
  readonly faults: readonly string[];
  readonly hasWitness: boolean;
}

/** Faults end here; what remains must come to rest by itself. */
const faultsEndSeconds = 200;
/** Longer than TSIG's fudge, the longest wait and every patience that may be under way. */
const restSeconds = 1200;
/** Nothing under way for this long: nothing will come any more. */
const restfulSeconds = 60;

export interface ScenarioOptions {
  /** Changes the start. */
  readonly plant?: PlantedBug;
  /** Only these faults; all of them when left out. */
  readonly faults?: readonly FaultName[];
  /** A pair that rests on the assumption of rule 6 instead of a proof. */
  readonly isAssumption?: boolean;
  /** Left out: a share of the runs with all faults has one. */
  readonly hasWitness?: boolean;
  /** Leaves out the planned faults with these numbers, from 0; everything else stays as it was. */
  readonly without?: ReadonlySet<number>;
}

/** A run from a seed: random faults on two servers, their network and their update server, then rest, then judgement. */
export async function runScenario(seed: number, options: ScenarioOptions = {}): Promise<ScenarioResult> {
  const world = new World(seed);
  world.isAssumption = options.isAssumption === true;
  if (options.plant !== undefined) plantedBugs[options.plant](world);
  world.hasWitness = options.hasWitness ?? hasWitnessBySeed(seed, options);
  // Drawn apart, so that a pair without a witness runs as it did before there was one.
  const ofWitness = world.hasWitness ? planWitnessFaults(seed) : [];
  const plan = [...planFaults(world, new SeededRandom(seed ^ 0x5eed), options.faults ?? faultNames), ...ofWitness];
  const faults = plan.map((fault, index) => (options.without?.has(index) ? "" : scheduleFault(world, fault)));
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
    assumptionOverlapSeconds: world.assumptionOverlapSeconds,
    documentedExceptionSeconds: world.documentedException.seconds,
    failovers: world.failovers,
    switchovers: world.switchovers,
    acknowledged: world.acknowledged,
    lostInFailover: world.lostInFailover,
    longestNameSeconds: world.invariants.longestNameSeconds,
    coverage: coverageOf(world),
    hasWitness: world.hasWitness,
    faults: faults.map((fault) => (typeof fault === "string" ? fault : fault.text)),
  };
}

const witnessSalt = 0x717e55;

function hasWitnessBySeed(seed: number, { plant, faults }: ScenarioOptions): boolean {
  return plant === undefined && faults === undefined && new SeededRandom(seed ^ (witnessSalt + 1)).chance(0.25);
}

interface PlannedFault {
  readonly name: FaultName;
  readonly atSeconds: number;
  readonly lastsSeconds: number;
  /** Of its own, so that leaving out one fault leaves the others as they are. */
  readonly seed: number;
}

function planFaults(world: World, random: SeededRandom, names: readonly FaultName[]): PlannedFault[] {
  const number = Math.floor(random.between(1, 9));
  for (const host of serverNames) {
    world.host(host).driftRatio = random.between(0.999, 1.001);
    world.host(host).wallOffsetMs = random.between(-5000, 5000);
  }
  return drawFaults(number, random, names);
}

function planWitnessFaults(seed: number): PlannedFault[] {
  const random = new SeededRandom(seed ^ witnessSalt);
  return drawFaults(Math.floor(random.between(0, 4)), random, witnessFaultNames);
}

function drawFaults(number: number, random: SeededRandom, names: readonly FaultName[]): PlannedFault[] {
  return Array.from({ length: number }, () => ({
    name: random.pick(names),
    atSeconds: random.between(20, faultsEndSeconds - 20),
    lastsSeconds: random.between(1, random.chance(0.3) ? 150 : 50),
    seed: random.between(0, 2 ** 32),
  }));
}

/** The text is complete when the run is over: what a fault meets is drawn when it begins. */
function scheduleFault(world: World, { name, atSeconds, lastsSeconds, seed }: PlannedFault): { text: string } {
  const planned = { text: "" };
  world.time.schedule(atSeconds * 1000, () => {
    const fault = faultKinds[name](world, new SeededRandom(seed));
    planned.text = `${atSeconds.toFixed(1)} s: ${name} ${fault.text} for ${lastsSeconds.toFixed(1)} s`;
    world.time.schedule(lastsSeconds * 1000, fault.end);
  });
  return planned;
}

function coverageOf(world: World): ScenarioResult["coverage"] {
  for (const name of serverNames) {
    for (const { criteria } of world.host(name).decided) world.coverage.noteCriteria(criteria);
  }
  const { transitions, steps, criteria } = world.coverage;
  return { transitions: [...transitions], steps: [...steps], criteria: [...criteria] };
}

function healEverything(world: World): void {
  world.network.healAll();
  world.nameServer.thaw();
  for (const name of serverNames) {
    const host = world.host(name);
    if (host.isFrozen) world.thaw(host);
    host.isDiskFailing = false;
    host.isStartBroken = false;
    host.isPromotionBroken = false;
    host.broken.clear();
    host.extraStartMs = 0;
    host.extraRoleMs = 0;
    host.thawActor();
    void host.powerOn();
    if (world.hasGuard) host.startGuard();
    void host.reviveActor();
  }
  world.nameServer.turnsUpdatesAway = false;
  world.nameServer.turnsQuestionsAway = false;
  world.nameServer.staleAddress = undefined;
  world.isBlackHole = false;
  world.witness.slowMs = 0;
  callOperator(world);
}

/** A person turns SpareSync on, has errors checked, and has what asks a person tried again or given back: all is mended. */
function callOperator(world: World): void {
  for (const name of serverNames) {
    const { actor } = world.host(name);
    if (!actor) continue;
    void actor.setEnabled(true, "operator", "rest").catch(() => undefined);
    const errors = actor.status().configurationErrors.map(({ reason }) => reason);
    if (errors.includes("ownership-not-remembered")) void actor.adopt("operator", "rest").catch(() => undefined);
    else if (errors.length > 0) void actor.markChecked("operator").catch(() => undefined);
    const stuck = actor.operations().find(({ state }) => state === "asks-a-person");
    if (!stuck) continue;
    if (world.random.chance(0.5)) void actor.retryOperation(stuck.id, "operator").catch(() => undefined);
    else void world.host(name).request(`switch-to-${stuck.from}`);
  }
  world.time.schedule(60_000, () => {
    callOperator(world);
  });
}

function isAtRest(world: World): boolean {
  return serverNames.every((name) => {
    const host = world.host(name);
    const operation = host.actor?.operations().find(({ endedAtMs }) => endedAtMs === 0);
    const isOwner = world.nameServer.record?.active === name;
    const isAppAsItShould = host.isAppRunning === isOwner || (isOwner && host.isAppKilled);
    return host.actor !== undefined && operation === undefined && isAppAsItShould;
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
  // An application that was killed is the business of its supervisor or of a person; everything else is ours.
  if (isAppDead && !world.host(owner).isAppKilled) {
    world.violations.push(`the ${owner} owns the name and its application stays stopped`);
  }
  if (owner && world.host(owner).data.isGateClosed) {
    world.violations.push(`the ${owner} owns the name and its database refuses the application`);
  }
  // A name that a host has taken back is corrected once the owner's application runs again: till then nobody serves.
  const isCorrectedLater = isAppDead && world.host(owner).isAppKilled && world.nameServer.isTakenBack;
  if (owner && world.nameServer.address !== owner && !isCorrectedLater) {
    world.violations.push(`the name points to the ${world.nameServer.address}, owner is the ${owner}`);
  }
}

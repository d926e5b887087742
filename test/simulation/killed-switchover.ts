import { serverNames, type ServerName } from "../../shared/core/server-name.js";
import type { OperationKind } from "../../shared/core/status.js";
import { World } from "./world.js";

export interface KilledSwitchover {
  readonly kind: "switch-to-secondary" | "switch-to-primary";
  /** Undefined: nobody. */
  readonly killed: ServerName | undefined;
  readonly effect: number;
  readonly when: "before" | "after";
}

/**
 * One switchover, in which one server is killed once, just before or just after its n-th effect, and comes back three
 * seconds later. Whatever the moment, the result is the same as without the kill.
 */
export async function switchWithKill({
  kind,
  killed,
  effect,
  when,
}: KilledSwitchover): Promise<{ readonly problems: string[]; readonly effects: Record<ServerName, number> }> {
  const world = new World(4711);
  if (kind === "switch-to-primary") world.beginSwitched();
  await world.start();
  await world.runUntil(15);
  const before = effectsOf(world);
  const host = killed && world.host(killed);
  if (host) host.killAtEffect = { number: host.effects + effect, when };
  await request(world, kind);
  const to = kind === "switch-to-primary" ? "primary" : "secondary";
  const isTurnedAway = await world.runUntil(world.time.nowMs / 1000 + 25, () => isNotReady(world));
  // The operator was told that the other server does not answer just now, and asks again.
  if (isTurnedAway) await request(world, kind);
  const isDone = await world.runUntil(world.time.nowMs / 1000 + 400, () => isOver(world, to));
  const after = effectsOf(world);
  await world.runUntil(world.time.nowMs / 1000 + 20);
  const problems = [...world.violations, ...world.nameServer.violations];
  if (!isDone)
    problems.push(`not over: ${JSON.stringify(serverNames.map((name) => world.host(name).actor?.operations()[0]))}`);
  if (world.dualActiveSeconds > 0) problems.push(`both served for ${world.dualActiveSeconds} s`);
  if (world.servingHosts().join() !== to) problems.push(`serving: ${world.servingHosts().join() || "none"}`);
  if (world.nameServer.address !== to) problems.push(`the name points to the ${world.nameServer.address}`);
  const effects = { primary: after.primary - before.primary, secondary: after.secondary - before.secondary };
  return { problems, effects };
}

function effectsOf(world: World): Record<ServerName, number> {
  return { primary: world.host("primary").effects, secondary: world.host("secondary").effects };
}

/** Asks until the request is taken: the server that is asked may be the one that was just killed. */
async function request(world: World, kind: OperationKind): Promise<void> {
  const to = kind === "switch-to-primary" ? "primary" : "secondary";
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const owner = world.nameServer.record?.active;
    if (owner === to) return;
    const taken = { is: false };
    const asked =
      owner &&
      world.host(owner).actor?.requestOperation({ kind, requestedBy: "test", reason: "test", isDryRun: false });
    void asked?.then((answer) => {
      taken.is = answer.kind === "accepted" || answer.kind === "running";
    });
    if (await world.runUntil(world.time.nowMs / 1000 + 2, () => taken.is)) return;
  }
}

function isNotReady(world: World): boolean {
  const last = world.host("primary").actor?.operations()[0] ?? world.host("secondary").actor?.operations()[0];
  return last?.state === "undone" && last.because.startsWith("check-readiness");
}

function isOver(world: World, to: ServerName): boolean {
  const isEnded = serverNames.every((name) => {
    const operations = world.host(name).actor?.operations();
    return operations?.every((operation) => operation.endedAtMs > 0) === true;
  });
  return (
    isEnded && world.host(to).isServing() && world.nameServer.record?.active === to && world.servingHosts().length === 1
  );
}

import { describe, expect, test } from "@jest/globals";
import { serverNames, type ServerName } from "../../shared/core/server-name.js";
import type { OperationKind } from "../../shared/core/status.js";
import { World } from "./world.js";

/**
 * One switchover, in which one server is killed once, just before or just after its n-th effect, and comes back three
 * seconds later. Whatever the moment, the result is the same as without the kill.
 */
async function switchWithKill(
  kind: OperationKind,
  killed: ServerName | undefined,
  effect: number,
  when: "before" | "after",
): Promise<{ readonly problems: string[]; readonly effects: Record<ServerName, number> }> {
  const world = new World(4711);
  await world.start();
  await world.runUntil(30);
  if (kind === "switch-to-primary") {
    await request(world, "switch-to-secondary");
    await world.runUntil(120, () => isOver(world, "secondary"));
    await world.runUntil(world.time.nowMs / 1000 + 20);
  }
  const before = effectsOf(world);
  const host = killed && world.host(killed);
  if (host) host.killAtEffect = { number: host.effects + effect, when };
  await request(world, kind);
  const to = kind === "switch-to-primary" ? "primary" : "secondary";
  const isDone = await world.runUntil(world.time.nowMs / 1000 + 400, () => isOver(world, to));
  const after = effectsOf(world);
  await world.runUntil(world.time.nowMs / 1000 + 30);
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
    const owner = world.nameServer.record!.active;
    if (owner === to) return;
    const taken = { is: false };
    const asked = world
      .host(owner)
      .actor?.requestOperation({ kind, requestedBy: "test", reason: "test", isDryRun: false });
    void asked?.then((answer) => {
      taken.is = answer.kind === "accepted" || answer.kind === "running";
    });
    if (await world.runUntil(world.time.nowMs / 1000 + 2, () => taken.is)) return;
  }
}

function isOver(world: World, to: ServerName): boolean {
  const isEnded = serverNames.every((name) => {
    const operations = world.host(name).actor?.operations();
    return operations !== undefined && operations.every((operation) => operation.endedAtMs > 0);
  });
  return (
    isEnded && world.host(to).isServing() && world.nameServer.record?.active === to && world.servingHosts().length === 1
  );
}

describe.each(["switch-to-secondary", "switch-to-primary"] as const)("a server that is killed during %s", (kind) => {
  test.each(serverNames)(
    "comes to the same result at every effect of the %s",
    async (killed) => {
      const undisturbed = await switchWithKill(kind, undefined, 0, "before");
      expect(undisturbed.problems).toEqual([]);
      const failures: string[] = [];
      const effects = undisturbed.effects[killed];
      expect(effects).toBeGreaterThan(20);
      for (let effect = 1; effect <= effects; effect += 1) {
        for (const when of ["before", "after"] as const) {
          const { problems } = await switchWithKill(kind, killed, effect, when);
          failures.push(...problems.map((problem) => `killed ${when} effect ${effect}: ${problem}`));
        }
      }
      expect(failures).toEqual([]);
    },
    300_000,
  );
});

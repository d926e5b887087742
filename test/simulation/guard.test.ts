import { describe, expect, test } from "@jest/globals";
import { runScenario } from "./scenario.js";
import { firstAt, isolate, pass, settledWorld } from "./settled-world.js";
import type { SimulatedHost } from "./simulated-host.js";
import type { World } from "./world.js";

const ends = {
  killed: (host: SimulatedHost) => {
    host.killActorAlone();
  },
  frozen: (host: SimulatedHost) => {
    host.freezeActor();
  },
} as const;
const isThere = (hasGuard: boolean) => (world: World) => {
  world.hasGuard = hasGuard;
};

describe.each(["killed", "frozen"] as const)("an actor that is %s beside a living application", (how) => {
  test.each([
    { guard: "with a guard: before the spare starts", hasGuard: true },
    { guard: "without one both serve, which is counted as the documented exception", hasGuard: false },
  ])("and cut off is replaced, $guard", async ({ hasGuard }) => {
    const world = await settledWorld(isThere(hasGuard));
    ends[how](world.host("primary"));
    isolate(world, "primary");
    expect(await pass(world, 120, () => world.host("secondary").isServing())).toBe(true);
    await pass(world, 30);
    expect(world.servingHosts()).toEqual(hasGuard ? ["secondary"] : ["primary", "secondary"]);
    expect(world.assumptionOverlapSeconds > 0).toBe(!hasGuard);
    expect(world.dualActiveSeconds).toBe(0);
    const stoppedAt = firstAt(world, "primary", "guard-stopped-managed-system");
    if (hasGuard) expect(stoppedAt).toBeLessThan(firstAt(world, "secondary", "managed-system-starting"));
    else expect(stoppedAt).toBeNaN();
  });

  test("leaves it running as long as its guard confirms the ownership", async () => {
    const world = await settledWorld();
    ends[how](world.host("primary"));
    await pass(world, 600);
    expect(world.servingHosts()).toEqual(["primary"]);
    expect(world.host("primary").log.filter((line) => line.includes(" guarding "))).toHaveLength(1);
  });
});

test("the actor serves again what the guard has stopped", async () => {
  const world = await settledWorld();
  world.host("primary").freezeActor();
  // The spare is off, and has promised nothing: nobody takes over.
  world.host("secondary").powerOff();
  const heal = isolate(world, "primary");
  await pass(world, 60);
  expect(world.servingHosts()).toEqual([]);
  heal();
  world.host("primary").thawActor();
  await pass(world, 30);
  expect(world.servingHosts()).toEqual(["primary"]);
});

test("an actor without its guard says so, and that nothing but an assumption is left", async () => {
  const world = await settledWorld();
  const status = () => world.host("primary").actor!.status();
  expect([status().guard, status().exclusion.kind]).toEqual([{ isWanted: true, isRunning: true }, "proof"]);
  world.host("primary").killGuard();
  await pass(world, 20);
  expect([status().guard.isRunning, status().exclusion.kind, status().state]).toEqual([
    false,
    "assumption",
    "working_with_errors",
  ]);
  expect(status().because).toContain("the guard process does not run");
});

test("actors and guards that die and freeze while servers are cut off leave no overlap that is not accounted for", async () => {
  const violations: string[] = [];
  for (let seed = 1; seed <= 4; seed += 1) {
    const result = await runScenario(seed, { faults: ["actor-killed", "actor-frozen", "guard-killed", "isolation"] });
    violations.push(...result.violations.map((violation) => `seed ${seed}: ${violation}`));
  }
  expect(violations).toEqual([]);
}, 120_000);

import { describe, expect, test } from "@jest/globals";
import { shrinkScenario } from "./shrink.js";
import { runScenario, type ScenarioOptions, type ScenarioResult } from "./scenario.js";
import { World } from "./world.js";

async function firstViolation(
  options: ScenarioOptions,
  runs: number,
  firstSeed = 1,
): Promise<ScenarioResult | undefined> {
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    const result = await runScenario(seed, options);
    if (result.violations.length > 0) return result;
  }
  return undefined;
}

/** The primary loses the update server; of the link only questions for confirmation pass. */
function openBlackHole(world: World): void {
  world.time.schedule(30_000, () => {
    world.isBlackHole = true;
    world.network.cut("primary", "update-server");
  });
}

describe("the simulation of two servers", () => {
  test("finds no overlap, no lost row and nothing stuck in runs with random faults", async () => {
    const violations: string[] = [];
    for (let seed = 1000; seed < 1012; seed += 1) {
      const result = await runScenario(seed);
      violations.push(...result.violations.map((violation) => `seed ${seed}: ${violation}`));
    }
    expect(violations).toEqual([]);
  }, 120_000);

  test("repeats a run exactly from its seed", async () => {
    expect(await runScenario(77)).toEqual(await runScenario(77));
  }, 60_000);

  const networkFaults = ["isolation", "power-off"] as const;

  test.each([
    {
      when: "the active server never fences itself",
      plant: (world: World) => {
        world.plantedSettings.primary = { selfFenceSeconds: 3600 };
      },
    },
    {
      when: "the claimant does not wait for the fence",
      plant: (world: World) => {
        world.plantedSettings.secondary = { selfFenceSeconds: 1, stopSeconds: 1, marginSeconds: 0.5 };
      },
    },
    {
      when: "the spare grants confirmations although its claim is decided",
      plant: (world: World) => {
        world.alwaysGrants = "secondary";
        openBlackHole(world);
      },
    },
  ])(
    "catches the planted bug that $when",
    async ({ plant }) => {
      const found = await firstViolation({ prepare: plant, faults: networkFaults }, 60);
      expect(found?.violations.join("\n")).toMatch(/both servers served at once/);
    },
    120_000,
  );

  test("catches the planted bug that the update server does not look at the prerequisite of a claim", async () => {
    const prepare = (world: World): void => {
      world.nameServer.ignoresPrerequisites = true;
    };
    const found = await firstViolation({ prepare, faults: ["isolation", "both-operators", "loss"] }, 100, 50);
    expect(found?.violations.join("\n")).toMatch(/a claim of epoch \d+ was written over epoch \d+|served at once/);
  }, 240_000);

  test("catches the planted bug that an actor forgets its operation, and shrinks the run to what it takes", async () => {
    const prepare = (world: World): void => {
      world.forgetsOperations = true;
    };
    const options = { prepare, faults: ["killed-while-switching", "operator-switch"] } as const;
    const found = await firstViolation(options, 200);
    expect(found?.violations).not.toEqual(undefined);
    const smallest = await shrinkScenario(found!.seed, options);
    expect(smallest?.violations).not.toEqual([]);
    const left = smallest!.faults.filter((fault) => fault !== "");
    expect(left.length).toBeLessThanOrEqual(found!.faults.length);
    // None of what is left can be left out.
    expect(left.some((fault) => fault.includes("killed-while-switching"))).toBe(true);
  }, 240_000);

  test.each([
    { plant: false, finds: "nothing without the planted bug" },
    { plant: true, finds: "an overlap when a resumed takeover believes its note instead of verifying" },
  ])("finds $finds", async ({ plant }) => {
    const world = new World(5);
    world.trustsNotes = plant;
    await world.start();
    await world.runUntil(30);
    for (const other of ["secondary", "update-server"] as const) {
      world.network.cut("primary", other);
      world.network.cut(other, "primary");
    }
    const spare = world.host("secondary");
    const isClaimed = (): boolean => world.nameServer.record?.active === "secondary";
    expect(await world.runUntil(90, isClaimed)).toBe(true);
    world.killAndRestart(spare, 1000);
    await world.runUntil(180);
    expect(world.servingHosts()).toEqual(["secondary"]);
    expect(world.dualActiveSeconds > 0).toBe(plant);
  });

  test("fences a primary to which only refused confirmations still come through", async () => {
    const result = await runScenario(1, { prepare: openBlackHole, faults: ["database-slow"] });
    expect(result.violations).toEqual([]);
    expect(result.failovers).toBe(1);
  }, 60_000);

  test.each([
    { when: "a short suspend stops the monotonic clock", faults: ["suspended-shortly", "isolation"] },
    { when: "the application takes a minute to start", faults: ["application-slow", "isolation", "power-off"] },
    { when: "the update server turns updates away", faults: ["update-server-refuses", "operator-switch"] },
    { when: "the application does not start", faults: ["application-broken", "operator-switch", "power-off"] },
    { when: "the wall clock jumps", faults: ["wall-clock-jump", "update-server-frozen", "isolation"] },
    { when: "the disk is full", faults: ["disk-fails", "both-operators", "isolation"] },
    { when: "a database is slow to take up its role", faults: ["database-slow", "power-off", "operator-switch"] },
  ] as const)(
    "comes to rest when $when",
    async ({ faults }) => {
      const violations: string[] = [];
      for (let seed = 1; seed <= 4; seed += 1) {
        const result = await runScenario(seed, { faults });
        violations.push(...result.violations.map((violation) => `seed ${seed}: ${violation}`));
      }
      expect(violations).toEqual([]);
    },
    240_000,
  );
});

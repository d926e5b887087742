import { describe, expect, test } from "@jest/globals";
import { runSeedsInThread, violationsOf } from "./run-seeds.js";
import { runScenario, type ScenarioResult } from "./scenario.js";
import { shrinkScenario } from "./shrink.js";
import { World } from "./world.js";

describe("the simulation of two servers", () => {
  test("finds no overlap, no lost row and nothing stuck in runs with random faults", async () => {
    expect(violationsOf(await runSeedsInThread(1000, 12))).toEqual([]);
  }, 120_000);

  test("repeats a run exactly from its seed", async () => {
    expect(await runScenario(77)).toEqual(await runScenario(77));
  }, 120_000);

  test.each([
    "the active server never fences itself",
    "the claimant does not wait for the fence",
    "the spare grants confirmations although its claim is decided",
  ] as const)(
    "catches the planted bug that %s",
    async (plant) => {
      const results = await runSeedsInThread(1, 60, { plant, faults: ["isolation", "power-off"], isFirstEnough: true });
      expect(violationsOf(results).join("\n")).toMatch(/both servers served at once/);
    },
    120_000,
  );

  test("catches the planted bug that the update server does not look at the prerequisite of a claim", async () => {
    const plant = "the update server does not look at the prerequisite of a claim";
    const options = { plant, faults: ["isolation", "both-operators", "loss"], isFirstEnough: true } as const;
    const violations = violationsOf(await runSeedsInThread(50, 500, options)).join("\n");
    expect(violations).toMatch(/a claim of epoch \d+ was written over epoch \d+|served at once/);
  }, 240_000);

  test("catches the planted bug that an alert that comes again is taken for another one", async () => {
    const plant = "an alert that comes again is taken for another one";
    const options = { plant, faults: ["repeated-alerts", "isolation"], isFirstEnough: true } as const;
    expect(violationsOf(await runSeedsInThread(1, 60, options)).join()).toContain("was accepted twice");
  }, 120_000);

  test("catches the planted bug that an actor forgets its operation, and shrinks the run to what it takes", async () => {
    const plant = "an actor forgets its operation";
    const options = { plant, faults: ["killed-while-switching", "operator-switch"] } as const;
    const results = await runSeedsInThread(1, 500, { ...options, isFirstEnough: true });
    const found = results.find(({ violations }) => violations.length > 0);
    expect(found).toBeDefined();
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

  test("counts two that serve apart from violations only where the accepted assumption says that they may", async () => {
    const faults = ["isolation", "internet-lost"] as const;
    const sum = (results: readonly ScenarioResult[]): number =>
      results.reduce((before, { documentedExceptionSeconds }) => before + documentedExceptionSeconds, 0);
    const assumed = await runSeedsInThread(1, 6, { faults, isAssumption: true });
    expect(violationsOf(assumed)).toEqual([]);
    expect(sum(assumed)).toBeGreaterThan(0);
    expect(assumed.every(({ dualActiveSeconds }) => dualActiveSeconds === 0)).toBe(true);
    expect(sum(await runSeedsInThread(1, 6, { faults }))).toBe(0);
  }, 120_000);

  test("catches a claimant that does not wait for the fence also in a pair that rests on the assumption", async () => {
    const plant = "the claimant does not wait for the fence";
    const faults = ["isolation", "power-off"] as const;
    const results = await runSeedsInThread(1, 60, { plant, faults, isAssumption: true, isFirstEnough: true });
    expect(violationsOf(results).join("\n")).toMatch(/both servers served at once/);
  }, 120_000);

  test.each([
    { when: "catches the planted bug that the spare claims without the witness", isPlanted: true },
    { when: "finds no overlap without that bug, where the witness is all that proves", isPlanted: false },
  ])(
    "$when",
    async ({ isPlanted }) => {
      const faults = ["isolation"] as const;
      const plant = isPlanted ? { plant: "the spare claims without the witness" as const } : {};
      const results = await runSeedsInThread(1, isPlanted ? 60 : 6, {
        ...plant,
        faults,
        isAssumption: true,
        hasWitness: true,
        isFirstEnough: true,
      });
      if (isPlanted) expect(violationsOf(results).join()).toMatch(/both servers served at once/);
      else expect(violationsOf(results)).toEqual([]);
    },
    120_000,
  );

  test("fences a primary to which only refused confirmations still come through", async () => {
    const result = await runScenario(1, { plant: "a black hole", faults: ["database-slow"] });
    expect(result.violations).toEqual([]);
    expect(result.failovers).toBe(1);
  }, 120_000);

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
      expect(violationsOf(await runSeedsInThread(1, 4, { faults }))).toEqual([]);
    },
    240_000,
  );
});

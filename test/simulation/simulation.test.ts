import { describe, expect, test } from "@jest/globals";
import { runScenario, type ScenarioOptions, type ScenarioResult } from "./scenario.js";
import type { World } from "./world.js";

async function firstViolation(options: ScenarioOptions, runs: number): Promise<ScenarioResult | undefined> {
  for (let seed = 1; seed <= runs; seed += 1) {
    const result = await runScenario(seed, options);
    if (result.violations.length > 0) return result;
  }
  return undefined;
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
  ])(
    "catches the planted bug that $when",
    async ({ plant }) => {
      const found = await firstViolation({ prepare: plant, faults: networkFaults }, 60);
      expect(found?.violations.join("\n")).toMatch(/both servers served at once/);
    },
    120_000,
  );
});

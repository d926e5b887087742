import { runScenario, type ScenarioOptions, type ScenarioResult } from "./scenario.js";

/**
 * Leaves out one planned fault after the other as long as the run still violates an invariant; returns the smallest such
 * run. Undefined when the seed violates none.
 */
export async function shrinkScenario(
  seed: number,
  options: Omit<ScenarioOptions, "without"> = {},
): Promise<ScenarioResult | undefined> {
  const without = new Set<number>();
  const violating = async (): Promise<ScenarioResult | undefined> => {
    const result = await runScenario(seed, { ...options, without });
    return result.violations.length > 0 ? result : undefined;
  };
  let smallest = await violating();
  for (let index = 0; smallest !== undefined && index < smallest.faults.length; index += 1) {
    without.add(index);
    const smaller = await violating();
    if (smaller) smallest = smaller;
    else without.delete(index);
  }
  return smallest;
}

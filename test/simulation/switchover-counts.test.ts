import { expect, test } from "@jest/globals";
import { serverNames } from "../../shared/core/server-name.js";
import { pass, request, settledWorld } from "./settled-world.js";
import type { World } from "./world.js";

/** What both servers have counted of their operations, together. */
function counted(world: World): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const name of serverNames) {
    for (const [counter, value] of Object.entries(world.host(name).actor?.status().counters ?? {})) {
      if (counter.startsWith("switchover")) sums[counter] = (sums[counter] ?? 0) + value;
    }
  }
  return sums;
}

test("a switchover that is done is counted once in the pair", async () => {
  const world = await settledWorld();
  await request(world, "primary", "switch-to-secondary");
  expect(await pass(world, 120, () => world.host("secondary").isServing())).toBe(true);
  await pass(world, 30);
  expect(counted(world)).toEqual({ "switchovers.operator": 1 });
});

test("one whose claim is turned away is undone, and counted once as a failure, too", async () => {
  const world = await settledWorld();
  world.nameServer.turnsUpdatesAway = true;
  await request(world, "primary", "switch-to-secondary");
  const isUndone = (): boolean => world.host("primary").actor?.operations()[0]?.state === "undone";
  expect(await pass(world, 400, isUndone)).toBe(true);
  expect(counted(world)).toEqual({ "switchovers.operator": 1, "switchover_failures.operator": 1 });
});

test("an automatic failover is counted as one", async () => {
  const world = await settledWorld();
  world.host("primary").powerOff();
  expect(await pass(world, 120, () => world.host("secondary").isServing())).toBe(true);
  await pass(world, 30);
  expect(counted(world)).toEqual({ "switchovers.automatic": 1 });
});

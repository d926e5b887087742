import { expect, test } from "@jest/globals";
import { pass, settledWorld } from "./settled-world.js";

test("an application of which only a part runs after the reboot of its server is started by its owner", async () => {
  const world = await settledWorld();
  const primary = world.host("primary");
  primary.killActor();
  primary.killApp();
  // As a folder without app_offline.htm: a control that runs as soon as nobody has stopped it.
  primary.isPartRunning = true;
  await primary.reviveActor();
  expect(await pass(world, 30, () => primary.isAppRunning)).toBe(true);
});

test("an application of which only a part runs is down by its owner's own word", async () => {
  const world = await settledWorld();
  const primary = world.host("primary");
  primary.isStartBroken = true;
  primary.killApp();
  primary.isPartRunning = true;
  await pass(world, 5);
  expect(primary.actor!.status()).toMatchObject({
    state: "working_with_errors",
    managedSystem: { isServing: true, isWhole: false },
  });
  expect(await pass(world, 120, () => world.host("secondary").isServing())).toBe(true);
  expect(world.host("secondary").actor!.operations()[0]).toMatchObject({ kind: "switch-to-secondary" });
});

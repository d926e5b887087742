import { expect, test } from "@jest/globals";
import { World } from "./world.js";

test("a coordinator that comes back after a failover ends its switchover at once instead of trying its steps", async () => {
  const world = new World(4712);
  await world.start();
  await world.runUntil(30);
  const { actor } = world.host("primary");
  void actor?.requestOperation({ kind: "switch-to-secondary", requestedBy: "test", reason: "test", isDryRun: false });
  const hasBegun = (): boolean => actor?.operations()[0]?.steps.some(({ state }) => state === "done") === true;
  expect(await world.runUntil(60, hasBegun)).toBe(true);
  world.host("primary").powerOff();
  expect(await world.runUntil(300, () => world.servingHosts().join() === "secondary")).toBe(true);
  await world.runUntil(world.time.nowMs / 1000 + 20);

  await world.host("primary").powerOn();
  await world.runUntil(world.time.nowMs / 1000 + 10);
  expect(world.host("primary").actor?.operations()[0]).toMatchObject({ kind: "switch-to-secondary", state: "undone" });
  expect(world.servingHosts()).toEqual(["secondary"]);
  expect(world.violations).toEqual([]);
});

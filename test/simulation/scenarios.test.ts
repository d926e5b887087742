import { describe, expect, test } from "@jest/globals";
import { serverNames } from "../../shared/core/server-name.js";
import { expectServingAlone, firstAt, isolate, isStep, pass, request, settledWorld } from "./settled-world.js";

describe("a primary that is isolated", () => {
  test("fences itself before the spare starts, and stays passive when it returns", async () => {
    const world = await settledWorld();
    const heal = isolate(world, "primary");
    expect(await pass(world, 120, () => world.host("secondary").isServing())).toBe(true);
    const fencedAt = firstAt(world, "primary", "managed-system-stopped");
    expect(fencedAt).toBeLessThan(firstAt(world, "secondary", "managed-system-starting"));
    heal();
    await pass(world, 120);
    expectServingAlone(world, "secondary");
    expect(world.host("primary").actor!.status()).toMatchObject({ state: "switched", active: "secondary" });
  });

  test("goes on serving, unfenced, when it comes back before the time allowed is over", async () => {
    const world = await settledWorld();
    const heal = isolate(world, "primary");
    await pass(world, 4);
    heal();
    await pass(world, 120);
    expectServingAlone(world, "primary");
    expect(firstAt(world, "primary", "fencing")).toBeNaN();
    expect(world.failovers).toBe(0);
  });
});

test("a primary that is looked at while its fence stops it serves again when it is confirmed", async () => {
  const world = await settledWorld((one) => {
    one.failoverSettings = { allowedUnavailabilitySeconds: 600 };
    one.stopSeconds = 60;
    // It would stop the application as well, and say so.
    one.hasGuard = false;
  });
  const heal = isolate(world, "primary");
  expect(await pass(world, 60, () => firstAt(world, "primary", "managed-system-stopping") > 0)).toBe(true);
  // The serve loop looks each second, so it sees the application while it is being stopped.
  await pass(world, 3);
  expect(world.servingHosts()).toEqual(["primary"]);
  heal();
  expect(await pass(world, 70, () => world.servingHosts().length === 0)).toBe(true);
  await pass(world, 60);
  expectServingAlone(world, "primary");
});

describe("a server that is stopped in order", () => {
  test("leads to no failover when it is the primary whose actor stops and whose machine then goes", async () => {
    const world = await settledWorld();
    void world.host("primary").actor!.stop("maintenance");
    await pass(world, 10);
    expect(world.host("primary").isServing()).toBe(true);
    world.host("primary").powerOff();
    await pass(world, 200);
    expect(world.servingHosts()).toEqual([]);
    expect(world.nameServer.record?.active).toBe("primary");
    expect(world.host("secondary").actor!.status().decision).toMatchObject({ decision: "stay" });
    // Its application may take the time allowed to start, 6 s, of which the probes take two.
    world.host("primary").extraStartMs = 1000;
    await world.host("primary").powerOn();
    await pass(world, 60);
    expectServingAlone(world, "primary");
    expect(firstAt(world, "secondary", "step-started")).toBeNaN();
  });

  test("is not taken for lost by a spare that was restarted meanwhile", async () => {
    const world = await settledWorld();
    void world.host("primary").actor!.stop("maintenance");
    await pass(world, 10);
    world.host("primary").powerOff();
    world.host("secondary").powerOff();
    await world.host("secondary").powerOn();
    await pass(world, 200);
    expect(world.servingHosts()).toEqual([]);
    expect(world.host("secondary").actor!.status().peer.state).toBe("stopped");
    expect(world.nameServer.record?.active).toBe("primary");
  });

  test("lets the primary serve on unconfirmed when it is the spare", async () => {
    const world = await settledWorld();
    void world.host("secondary").actor!.stop("maintenance");
    await pass(world, 10);
    world.host("secondary").powerOff();
    isolate(world, "update-server");
    await pass(world, 300);
    expect(world.servingHosts()).toEqual(["primary"]);
    expect(firstAt(world, "primary", "fencing")).toBeNaN();
  });

  test("and comes back with an empty disk is a spare that can take over again", async () => {
    const world = await settledWorld();
    void world.host("secondary").actor!.stop("new disk");
    await pass(world, 10);
    world.host("secondary").powerOff();
    world.host("secondary").document = undefined;
    await world.host("secondary").powerOn();
    await pass(world, 60);
    isolate(world, "primary");
    expect(await pass(world, 120, () => world.host("secondary").isServing())).toBe(true);
    expect(world.servingHosts()).toEqual(["secondary"]);
    expect(world.dualActiveSeconds).toBe(0);
  });
});

test("an old primary that was off during the failover returns passive", async () => {
  const world = await settledWorld();
  world.host("primary").powerOff();
  expect(await pass(world, 120, () => world.host("secondary").isServing())).toBe(true);
  await world.host("primary").powerOn();
  await pass(world, 120);
  expectServingAlone(world, "secondary");
  const starts = world.host("primary").log.filter((line) => line.includes(" managed-system-starting "));
  expect(starts).toHaveLength(1);
});

test("a frozen update server that applies the claim late brings the failover to its end, alone", async () => {
  const world = await settledWorld();
  world.host("primary").powerOff();
  await pass(world, 120, () => {
    const isClaiming = isStep(world, "secondary", "claim-ownership", "running");
    if (isClaiming) world.nameServer.freeze();
    return isClaiming;
  });
  await pass(world, 90);
  expect(world.servingHosts()).toEqual([]);
  await world.host("primary").powerOn();
  await pass(world, 30);
  world.nameServer.thaw();
  await pass(world, 200);
  const owner = world.nameServer.record!.active;
  expectServingAlone(world, owner);
});

test("a hand-over that is lost is undone, and the application runs again where it was", async () => {
  const world = await settledWorld();
  expect((await request(world, "primary", "switch-to-secondary")).kind).toBe("accepted");
  let heal = (): void => undefined;
  await pass(world, 120, () => {
    const isDraining = isStep(world, "primary", "drain", "done");
    if (isDraining) heal = isolate(world, "secondary");
    return isDraining;
  });
  await pass(world, 100);
  heal();
  await pass(world, 60);
  expectServingAlone(world, "primary");
  expect(world.host("primary").actor!.operations()[0]).toMatchObject({ kind: "switch-to-secondary", state: "undone" });
  expect(world.host("primary").data.isGateClosed).toBe(false);
});

test("a claimant that dies for ever after the hand-over loses the name: the coordinator claims anew", async () => {
  const world = await settledWorld();
  await request(world, "primary", "switch-to-secondary");
  await pass(world, 120, () => {
    const isTaken = firstAt(world, "secondary", "hand-over-taken") > 0;
    if (isTaken) world.host("secondary").powerOff();
    return isTaken;
  });
  const epoch = world.nameServer.record!.epoch;
  expect(world.nameServer.record!.active).toBe("primary");
  expect(await pass(world, 200, () => world.host("primary").isServing())).toBe(true);
  expect(world.nameServer.record).toMatchObject({ epoch: epoch + 1, active: "primary" });
  await world.host("secondary").powerOn();
  await pass(world, 120);
  expectServingAlone(world, "primary");
});

test("an operator who switches there and back loses no row", async () => {
  const world = await settledWorld();
  expect((await request(world, "primary", "switch-to-secondary")).kind).toBe("accepted");
  await pass(world, 200, () => world.host("secondary").isServing());
  await pass(world, 60);
  expectServingAlone(world, "secondary");
  // Asked at the standby, the active server coordinates.
  expect((await request(world, "primary", "switch-to-primary")).kind).toBe("accepted");
  await pass(world, 200, () => world.host("primary").isServing());
  await pass(world, 60);
  expectServingAlone(world, "primary");
  expect(world.lostInFailover).toBe(0);
  expect(world.acknowledged).toBeGreaterThan(100);
  expect(world.nameServer.record?.epoch).toBe(3);
});

describe("turning off", () => {
  test("is the pair's: the spare does not take over, and the primary serves on unconfirmed", async () => {
    const world = await settledWorld();
    void world.host("primary").actor!.setEnabled(false, "olga", "patches");
    await pass(world, 20);
    for (const name of serverNames) expect(world.host(name).actor!.status().state).toBe("turned_off");
    const heal = isolate(world, "primary");
    await pass(world, 200);
    expect(world.servingHosts()).toEqual(["primary"]);
    expect(world.nameServer.record?.active).toBe("primary");
    heal();
    await pass(world, 20);
    void world.host("secondary").actor!.setEnabled(true, "olga", "done");
    await pass(world, 30);
    for (const name of serverNames) expect(world.host(name).actor!.status().isEnabled).toBe(true);
    isolate(world, "primary");
    expect(await pass(world, 120, () => world.host("secondary").isServing())).toBe(true);
    expect(world.dualActiveSeconds).toBe(0);
  });

  test("that reaches the spare only after a reconnection still wins over its older state", async () => {
    const world = await settledWorld();
    const heal = isolate(world, "secondary");
    void world.host("primary").actor!.setEnabled(false, "olga", "patches");
    await pass(world, 60);
    expect(world.host("secondary").actor!.status().isEnabled).toBe(true);
    heal();
    await pass(world, 30);
    expect(world.host("secondary").actor!.status().isEnabled).toBe(false);
    expectServingAlone(world, "primary");
  });
});

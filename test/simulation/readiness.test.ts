import { describe, expect, test } from "@jest/globals";
import type { KeptFacts } from "../../actor/core/kept-facts.js";
import { expectServingAlone, firstAt, isolate, isStep, pass, request, settledWorld } from "./settled-world.js";
import type { World } from "./world.js";

const reasons = (world: World, server: "primary" | "secondary"): string[] =>
  world
    .host(server)
    .actor!.status()
    .configurationErrors.map(({ reason }) => reason);

async function adopt(world: World, server: "primary" | "secondary"): Promise<unknown> {
  let answer: unknown;
  void world
    .host(server)
    .actor!.adopt("olga", "these are the newest data")
    .then(
      (operation) => (answer = operation?.kind ?? "adopted"),
      (error: unknown) => (answer = error),
    );
  await pass(world, 10, () => answer !== undefined);
  return answer;
}

describe("a claim that had been given up and comes true after all", () => {
  async function claimedLate(): Promise<World> {
    const world = await settledWorld();
    const { record } = world.nameServer;
    const facts = world.host("secondary").document as KeptFacts;
    // What is left of a failover whose claim had become invalid by the clocks: an update server that was frozen, and
    // a wall clock that was set, apply and judge it otherwise.
    world.host("secondary").powerOff();
    world.host("secondary").document = { ...facts, cancelledOperations: ["late"] };
    await world.host("secondary").powerOn();
    await pass(world, 20);
    world.nameServer.record = { epoch: record!.epoch + 1, active: "secondary", operationId: "late" };
    return world;
  }

  test("is a takeover like any other: the former owner stops first, then the copies are promoted", async () => {
    const world = await claimedLate();
    await pass(world, 120);
    expectServingAlone(world, "secondary");
    expect(world.host("secondary").data.isPromoted).toBe(true);
    expect(world.host("secondary").actor!.operations()[0]).toMatchObject({
      id: "late",
      kind: "failover",
      state: "done",
    });
    const stoppedAt = firstAt(world, "primary", "managed-system-stopped");
    expect(stoppedAt).toBeLessThan(firstAt(world, "secondary", "managed-system-starting"));
  });

  test("waits until a former owner that cannot be asked has fenced itself", async () => {
    const world = await claimedLate();
    const heal = isolate(world, "primary");
    await pass(world, 100);
    heal();
    await pass(world, 60);
    expectServingAlone(world, "secondary");
  });
});

describe("a server that owns the name and has lost its state directory", () => {
  async function forgetful(): Promise<World> {
    const world = await settledWorld();
    world.host("primary").powerOff();
    world.host("primary").document = undefined;
    // The spare must not take over meanwhile: what is looked at is the primary.
    world
      .host("secondary")
      .actor!.setEnabled(false, "olga", "test")
      .catch(() => undefined);
    await world.host("primary").powerOn();
    await pass(world, 60);
    return world;
  }

  test("starts nothing by itself and says why", async () => {
    const world = await forgetful();
    expect(world.servingHosts()).toEqual([]);
    expect(reasons(world, "primary")).toEqual(["ownership-not-remembered"]);
    expect(world.host("primary").actor!.operations()).toEqual([]);
  });

  test("takes over when a person vouches for its data", async () => {
    const world = await forgetful();
    expect(await adopt(world, "primary")).toBe("failover");
    await pass(world, 60);
    expectServingAlone(world, "primary");
    expect(reasons(world, "primary")).toEqual([]);
    expect(world.nameServer.record?.epoch).toBe(1);
    expect(await adopt(world, "primary")).toMatchObject({ code: "OPERATION_REFUSED" });
  });

  test("is left alone while its application serves, and adopted without a break", async () => {
    const world = await settledWorld();
    world.host("primary").killActor();
    world.host("primary").document = undefined;
    await world.host("primary").reviveActor();
    await pass(world, 20);
    expect(world.servingHosts()).toEqual(["primary"]);
    expect(reasons(world, "primary")).toEqual(["ownership-not-remembered"]);
    expect(await adopt(world, "primary")).toBe("adopted");
    await pass(world, 20);
    expectServingAlone(world, "primary");
    expect(world.host("primary").log.filter((line) => line.includes(" managed-system-st"))).toHaveLength(2);
    expect(reasons(world, "primary")).toEqual([]);
  });

  test("lets a spare whose data are the newer take over by an operator's failover", async () => {
    const world = await settledWorld();
    world.host("primary").powerOff();
    world.host("primary").document = undefined;
    await world.host("primary").powerOn();
    await pass(world, 30);
    expect((await request(world, "secondary", "failover")).kind).toBe("accepted");
    await pass(world, 120);
    expectServingAlone(world, "secondary");
  });
});

describe("a takeover that asks a person", () => {
  /** The application does not start on the secondary, so the switchover stands still there. */
  async function stuck(at: "promote-target" | "start-managed-system"): Promise<World> {
    const world = await settledWorld();
    world.host("secondary").isStartBroken = at === "start-managed-system";
    world.host("secondary").isPromotionBroken = at === "promote-target";
    await request(world, "primary", "switch-to-secondary");
    const isStuck = (): boolean => world.host("secondary").actor!.operations()[0]?.state === "asks-a-person";
    expect(await pass(world, 900, isStuck)).toBe(true);
    expect(isStep(world, "secondary", at, "failed")).toBe(true);
    return world;
  }

  test.each(["promote-target", "start-managed-system"] as const)(
    "at %s is given back by a switchover, asked at either server, and no row is lost",
    async (at) => {
      for (const asked of ["secondary", "primary"] as const) {
        const world = await stuck(at);
        expect(await request(world, asked, "switch-to-secondary")).toMatchObject({ kind: "running" });
        expect(await request(world, asked, "switch-to-primary")).toMatchObject({ kind: "accepted" });
        expect(await pass(world, 200, () => world.host("primary").isServing())).toBe(true);
        await pass(world, 30);
        expectServingAlone(world, "primary");
        expect(world.nameServer.record?.epoch).toBe(3);
        expect(world.lostInFailover).toBe(0);
        const [back, there] = world.host("secondary").actor!.operations();
        expect(back).toMatchObject({ kind: "switch-to-primary", state: "done" });
        expect(there).toMatchObject({
          state: "undone",
          because: expect.stringContaining("given back by olga") as unknown,
        });
      }
    },
  );

  test("is not given back by anything automatic", async () => {
    const world = await stuck("start-managed-system");
    await pass(world, 300);
    expect(world.host("secondary").actor!.operations()[0]?.state).toBe("asks-a-person");
    expect(world.nameServer.record?.active).toBe("secondary");
  });
});

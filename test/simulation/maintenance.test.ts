import { describe, expect, test } from "@jest/globals";
import { serverNames } from "../../shared/core/server-name.js";
import { serviceIntervalSettings } from "../../shared/core/settings/service-interval-settings.js";
import { expectServingAlone, firstAt, isolate, pass, settledWorld } from "./settled-world.js";
import type { World } from "./world.js";

function pause(world: World, forSeconds: number): void {
  void world.host("primary").actor!.pause("olga", "patches", forSeconds);
}

const isTakenOver = (world: World) => () => world.host("secondary").isServing();

/** The world begins at midnight UTC: a minute of maintenance from 00:01 on, seconds 60 to 120. */
function withServiceInterval(world: World): void {
  const intervals = [{ name: "cron", start: "00:01", end: "00:02" }];
  world.pairSettings = { serviceIntervals: serviceIntervalSettings.parse({ intervals }) };
}

describe("a pause", () => {
  test("is the pair's, shows who and why, and keeps the spare from taking over until it ends by itself", async () => {
    const world = await settledWorld();
    pause(world, 100);
    await pass(world, 10);
    for (const name of serverNames) {
      expect(world.host(name).actor!.status().pause).toMatchObject({ setBy: "olga", reason: "patches" });
    }
    world.host("primary").powerOff();
    expect(await pass(world, 80, isTakenOver(world))).toBe(false);
    const { decision } = world.host("secondary").actor!.status();
    const unmet = decision!.criteria.filter(({ met }) => !met);
    expect(unmet.map(({ name }) => name)).toContain("not-paused");
    expect(unmet.map(({ because }) => because).join()).toMatch(/paused for another \d+\.\d s \(olga: patches\)/);
    expect(await pass(world, 120, isTakenOver(world))).toBe(true);
    await pass(world, 30);
    expectServingAlone(world, "secondary");
    // The time allowed, 6 s, began anew at its end (130 s).
    expect(firstAt(world, "secondary", "operation-started")).toBeGreaterThanOrEqual(135);
  });

  test("outlives a restart of the spare, and its end is the pair's, too", async () => {
    const world = await settledWorld();
    pause(world, 600);
    await pass(world, 10);
    world.host("secondary").powerOff();
    await world.host("secondary").powerOn();
    await pass(world, 20);
    expect(world.host("secondary").actor!.status().pause?.reason).toBe("patches");
    void world.host("secondary").actor!.resume("otto");
    await pass(world, 10);
    for (const name of serverNames) expect(world.host(name).actor!.status().pause).toBeUndefined();
    world.host("primary").powerOff();
    expect(await pass(world, 120, isTakenOver(world))).toBe(true);
  });

  test("that the spare hears of only after a reconnection holds there, too", async () => {
    const world = await settledWorld();
    const heal = isolate(world, "secondary");
    pause(world, 600);
    await pass(world, 20);
    expect(world.host("secondary").actor!.status().pause).toBeUndefined();
    heal();
    await pass(world, 20);
    expect(world.host("secondary").actor!.status().pause?.setBy).toBe("olga");
  });

  test("does not keep an operator from switching", async () => {
    const world = await settledWorld();
    pause(world, 600);
    await pass(world, 10);
    void world.host("primary").request("switch-to-secondary");
    expect(await pass(world, 120, isTakenOver(world))).toBe(true);
  });
});

describe("a service interval", () => {
  test("keeps the spare from taking over; synchronisation goes on, and unavailability counts from its end", async () => {
    const world = await settledWorld(withServiceInterval);
    await pass(world, 32);
    const { rows } = world.host("secondary").data;
    const before = rows.size;
    await pass(world, 10);
    expect(rows.size).toBeGreaterThan(before);
    expect(world.host("secondary").actor!.status().serviceInterval).toEqual({
      name: "cron",
      endsAtMs: world.epochMs + 120_000,
    });
    world.host("primary").powerOff();
    await pass(world, 40);
    expect(firstAt(world, "secondary", "operation-started")).toBeNaN();
    expect(await pass(world, 120, isTakenOver(world))).toBe(true);
    expect(firstAt(world, "secondary", "operation-started")).toBeGreaterThanOrEqual(125);
    await pass(world, 30);
    expectServingAlone(world, "secondary");
  });

  test("does not let what Alertmanager asked in it run out: it is repeated only after a day", async () => {
    const world = await settledWorld((one) => {
      withServiceInterval(one);
      one.failoverSettings = { askedBy: "alertmanager", askValidSeconds: 20 };
    });
    await pass(world, 35);
    world.host("primary").powerOff();
    await pass(world, 6);
    const startsAt = new Date(world.epochMs + world.time.nowMs).toISOString();
    const labels = { action: "switchover", pair: "simulated" };
    void world.host("secondary").actor!.takeAlert({ fingerprint: "f", startsAt, status: "firing", labels });
    await pass(world, 40);
    expect(world.host("secondary").actor!.status().asks).toHaveLength(1);
    expect(await pass(world, 120, isTakenOver(world))).toBe(true);
  });
});

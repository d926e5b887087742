import { describe, expect, test } from "@jest/globals";
import type { Settings } from "../../shared/core/settings/settings.js";
import { expectServingAlone, firstAt, isolate, pass, settledWorld } from "./settled-world.js";
import type { World } from "./world.js";

type Failover = Partial<Settings["failover"]>;

const isTakenOver = (world: World) => () => world.host("secondary").isServing();
const spare = (world: World) => world.host("secondary").actor!.status();

function unmet(world: World): string[] {
  return (
    spare(world)
      .decision?.criteria.filter(({ met }) => !met)
      .map(({ name }) => name) ?? []
  );
}

function settled(failoverSettings: Failover): Promise<World> {
  return settledWorld((world) => {
    world.failoverSettings = failoverSettings;
  });
}

/** A rule beside the spare, evaluated each five seconds; Alertmanager posts a firing alert once. */
class Monitoring {
  hasPrometheus = true;
  hasAlertmanager = true;
  #downSeconds = 0;
  #startsAt = "";
  #isPosted = false;

  constructor(private readonly world: World) {
    this.#evaluate();
  }

  #evaluate(): void {
    const { world } = this;
    if (this.hasPrometheus) {
      this.#downSeconds = world.host("primary").isServing() ? 0 : this.#downSeconds + 5;
      if (this.#downSeconds === 5) this.#startsAt = new Date(world.epochMs + world.time.nowMs).toISOString();
      if (this.#downSeconds >= 10 && this.hasAlertmanager && !this.#isPosted) {
        this.#isPosted = true;
        const labels = { action: "switchover", pair: "simulated" };
        const alert = { fingerprint: "f", startsAt: this.#startsAt, status: "firing", labels } as const;
        void world.host("secondary").actor?.takeAlert(alert);
      }
    }
    world.time.schedule(5000, () => {
      this.#evaluate();
    });
  }
}

describe("who may ask", () => {
  const all = { hasPrometheus: true, hasAlertmanager: true };
  test.each([
    { askedBy: "watch", gone: "nothing", left: all, by: "watch" },
    { askedBy: "watch", gone: "both", left: { hasPrometheus: false, hasAlertmanager: false }, by: "watch" },
    { askedBy: "alertmanager", gone: "nothing", left: all, by: "alertmanager" },
    { askedBy: "alertmanager", gone: "Prometheus", left: { ...all, hasPrometheus: false }, by: undefined },
    { askedBy: "alertmanager", gone: "Alertmanager", left: { ...all, hasAlertmanager: false }, by: undefined },
    { askedBy: "both", gone: "Prometheus", left: { ...all, hasPrometheus: false }, by: "watch" },
    { askedBy: "both", gone: "Alertmanager", left: { ...all, hasAlertmanager: false }, by: "watch" },
    { askedBy: "both", gone: "both", left: { hasPrometheus: false, hasAlertmanager: false }, by: "watch" },
  ] as const)("is $askedBy, and $gone is gone: asked by $by", async ({ askedBy, left, by }) => {
    const world = await settled({ askedBy });
    Object.assign(new Monitoring(world), left);
    world.host("primary").powerOff();
    expect(await pass(world, 100, isTakenOver(world))).toBe(by !== undefined);
    if (by === undefined) expect(unmet(world)).toEqual(["asked"]);
    else expect(world.host("secondary").actor!.operations()[0]!.requestedBy).toContain(by);
  });

  test("is Alertmanager, which was gone and is back while the alert still fires", async () => {
    const world = await settled({ askedBy: "alertmanager" });
    const monitoring = new Monitoring(world);
    monitoring.hasAlertmanager = false;
    world.host("primary").powerOff();
    await pass(world, 60);
    monitoring.hasAlertmanager = true;
    expect(await pass(world, 100, isTakenOver(world))).toBe(true);
  });
});

describe("a second vantage", () => {
  const office = { kind: "metrics", name: "office", site: "elsewhere", url: "http://x/", metric: "m" } as const;
  const withOffice: Failover = { acceptSingleVantage: false, vantages: [office] };

  test("that sees the loss too lets the spare take over", async () => {
    const world = await settled(withOffice);
    world.host("primary").powerOff();
    expect(await pass(world, 100, isTakenOver(world))).toBe(true);
  });

  test("that still reaches the primary has the operator asked, and is heard when it changes its mind", async () => {
    const world = await settled(withOffice);
    // Cut from the spare only: users reach the primary, and the update server confirms it.
    world.network.cut("primary", "secondary");
    world.network.cut("secondary", "primary");
    expect(await pass(world, 60, isTakenOver(world))).toBe(false);
    expect(spare(world).decision!.decision).toBe("ask-the-operator");
    expect(unmet(world)).toEqual(["second-signal", "no-vantage-contradicts"]);
    expect(spare(world).vantages?.words).toMatchObject([{ name: "office", says: "up" }]);
    world.host("primary").powerOff();
    expect(await pass(world, 100, isTakenOver(world))).toBe(true);
    expect(world.dualActiveSeconds).toBe(0);
  });

  test("beside the spare is none", async () => {
    const world = await settled({ acceptSingleVantage: false, vantages: [{ ...office, site: "secondary" }] });
    world.host("primary").powerOff();
    expect(await pass(world, 60, isTakenOver(world))).toBe(false);
    expect(unmet(world)).toEqual(["second-signal"]);
  });

  test("is not needed where the connected primary itself says that its application is down", async () => {
    const world = await settled({ acceptSingleVantage: false });
    world.host("primary").isStartBroken = true;
    world.host("primary").killApp();
    expect(await pass(world, 100, isTakenOver(world))).toBe(true);
  });
});

describe("observing only", () => {
  test("records and counts what would have happened, does nothing, and spares the primary the fence", async () => {
    const world = await settled({ observeOnly: true });
    const heal = isolate(world, "primary");
    await pass(world, 100);
    expect(world.servingHosts()).toEqual(["primary"]);
    expect(firstAt(world, "primary", "fencing")).toBeNaN();
    expect(spare(world).decision!.decision).toBe("fail-over");
    expect(spare(world).counters["failovers_observed"]).toBe(1);
    expect(world.host("secondary").decided.at(-1)).toMatchObject({ decision: "fail-over", isObservedOnly: true });
    heal();
    await pass(world, 60);
    expectServingAlone(world, "primary");
    expect(world.nameServer.record?.epoch).toBe(1);
    isolate(world, "primary");
    await pass(world, 60);
    expect(spare(world).counters["failovers_observed"]).toBe(2);
  });
});

describe("a spare that was frozen while the primary was away and came back", () => {
  test.each([{ how: "freeze" }, { how: "suspend" }, { how: "freezeActor" }] as const)(
    "by $how, does not act on what it saw before",
    async ({ how }) => {
      const world = await settled({ allowedUnavailabilitySeconds: 20 });
      const host = world.host("secondary");
      const heal = isolate(world, "primary");
      await pass(world, 15);
      host[how]();
      await pass(world, 5);
      heal();
      await pass(world, 40);
      if (how === "freezeActor") host.thawActor();
      else world.thaw(host);
      await pass(world, 60);
      expect(firstAt(world, "secondary", "woken")).toBeGreaterThan(85);
      expect(world.failovers).toBe(0);
      expectServingAlone(world, "primary");
    },
  );

  test("takes over when it is still away, after an outage has shown itself anew", async () => {
    const world = await settled({ allowedUnavailabilitySeconds: 20 });
    const host = world.host("secondary");
    world.host("primary").powerOff();
    await pass(world, 15);
    host.freeze();
    await pass(world, 60);
    world.thaw(host);
    const thawedAt = world.time.nowMs / 1000;
    await pass(world, 1);
    expect(unmet(world)).toContain("looked-since-waking");
    expect(await pass(world, 100, isTakenOver(world))).toBe(true);
    expect(firstAt(world, "secondary", "operation-started")).toBeGreaterThanOrEqual(thawedAt + 20);
  });
});

test("one lost probe is no outage, and an answer in between does not let it begin anew", async () => {
  const world = await settled({ probesConsidered: 5, probesFailed: 3, allowedUnavailabilitySeconds: 30 });
  const flap = async (awaySeconds: number): Promise<void> => {
    const heal = isolate(world, "primary");
    await pass(world, awaySeconds);
    heal();
    await pass(world, 2);
  };
  await flap(2);
  await pass(world, 20);
  expect(firstAt(world, "secondary", "managed-system-unavailable")).toBeNaN();
  await flap(8);
  await flap(8);
  await flap(8);
  expect(firstAt(world, "secondary", "managed-system-unavailable")).toBeGreaterThan(50);
  const { unavailableSinceMs } = spare(world).managedSystem;
  expect(unavailableSinceMs).toBeGreaterThan(0);
  expect(world.host("secondary").log.filter((line) => line.includes(" managed-system-available "))).toEqual([]);
});

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import { pairName } from "../../../demo/layout.js";
import { fakeTime } from "../../support/fake-time.js";
import { NetworkPair } from "../../support/network-pair.js";

// One pair lives through all of it, in this order: each scene ends as it began, with the primary serving.
let pair: NetworkPair;
beforeAll(async () => {
  pair = await NetworkPair.open();
}, 240_000);
afterAll(async () => {
  await pair.end();
}, 120_000);

async function expectNobodySwitched(): Promise<void> {
  expect((await pair.newOperations()).map(({ kind }) => kind)).toEqual([]);
  expect(pair.running.takeBothSeconds()).toBe(0);
  expect(pair.isServedBy("primary")).toBe(true);
}

describe("nothing is switched", () => {
  test.each([
    { when: "what the primary sends to the secondary is lost", from: "primary", to: "secondary" },
    { when: "what the secondary sends to the primary is lost", from: "secondary", to: "primary" },
  ] as const)(
    "while $when: clients and another vantage still see the application",
    async ({ from, to }) => {
      pair.lab.cut(from, to);
      expect(await pair.longestGapSeconds(15)).toBeLessThan(5);
      pair.lab.heal();
      await pair.untilWholeCopy("secondary");
      await expectNobodySwitched();
    },
    120_000,
  );

  test("while neither server reaches the update server: each keeps the other from claiming by its word", async () => {
    pair.lab.cutBothWays("primary", "nameServer");
    pair.lab.cutBothWays("secondary", "nameServer");
    expect(await pair.longestGapSeconds(20)).toBeLessThan(5);
    pair.lab.heal();
    await expectNobodySwitched();
  }, 120_000);

  test("while the line between the servers is slow, and the copy still follows", async () => {
    pair.delayLink(300);
    expect(await pair.longestGapSeconds(15)).toBeLessThan(5);
    await pair.untilTrue("the copy follows", async () => {
      return ((await pair.stage.status("secondary"))?.recoveryPointSeconds ?? Infinity) < 15;
    });
    pair.delayLink(0);
    await pair.untilWholeCopy("secondary");
    await expectNobodySwitched();
  }, 120_000);

  test("while only the primary's actor stands still: its guard confirms, and the application serves", async () => {
    const thaw = await pair.freezeActor("primary");
    const gap = await pair.longestGapSeconds(20);
    thaw();
    expect(gap).toBeLessThan(5);
    await pair.untilWholeCopy("secondary");
    await expectNobodySwitched();
  }, 120_000);
});

describe("the secondary takes over exactly once", () => {
  /** One failover, no two serving at any time, and back again. */
  async function expectOneFailover(): Promise<void> {
    const operations = await pair.newOperations();
    expect(operations.map(({ kind, state }) => [kind, state])).toEqual([["failover", "done"]]);
  }

  test("when the primary's site is cut off from everybody, and the primary has stopped by itself before", async () => {
    pair.isolate("primary");
    await pair.untilFailedOver();
    expect(pair.running.isRunning("primary")).toBe(false);
    pair.lab.heal();
    await pair.untilTrue(
      "the primary is seen again",
      async () => (await pair.stage.status("primary"))?.state === "switched",
    );
    await expectOneFailover();
    expect(pair.running.takeBothSeconds()).toBe(0);
    await pair.goBack();
  }, 240_000);

  test("when the whole primary stands still for 60 s; when it wakes it stops, and what it took then is reported", async () => {
    const fromMs = Date.now();
    pair.signalAll("primary", "SIGSTOP");
    await pair.untilFailedOver();
    await sleep(Math.max(0, fromMs + 60_000 - Date.now()));
    const wokenAtMs = Date.now();
    pair.signalAll("primary", "SIGCONT");
    await pair.untilTrue("the primary's application is stopped", () => !pair.running.isRunning("primary"));
    await expectOneFailover();
    // A machine that was suspended cannot be fenced while it sleeps: the overlap on waking is bounded, not nothing. What it
    // was sent while it slept it may still take then, as one moment, not as the minute since it was sent.
    expect(await pair.dualActiveSeconds(wokenAtMs)).toBeLessThan(secondsOfStopping);
    const accepted = pair.observer.observations.filter(
      ({ server, outcome, sentAtMs }) => server === "primary" && outcome === "accepted" && sentAtMs > fromMs + 30_000,
    );
    await pair.untilTrue("what the primary took on waking stands in the reports", async () => {
      const reports = await pair.divergence();
      return accepted.every(({ id }) => reports.includes(id));
    });
    await pair.goBack();
  }, 300_000);

  test("when the primary is killed, however often and by whom it is asked for meanwhile", async () => {
    const startsAt = new Date().toISOString();
    await pair.stage.loseServer("primary");
    const statuses = { asked: new Set<number>(), forged: new Set<number>() };
    for (let first = 0; first < 1000; first += 20) {
      const posts = Array.from({ length: 20 }, async (_, index) => {
        const number = first + index;
        const isForged = number % 50 === 0;
        const at = number % 4 === 1 ? "2020-01-01T00:00:00Z" : startsAt;
        const body = anAlert(at, number % 2 === 0 ? "same" : `another${String(number)}`);
        const status = await pair.postAlert("secondary", body, ...(isForged ? ["a-token-that-nobody-gave"] : []));
        statuses[isForged ? "forged" : "asked"].add(status);
      });
      await Promise.all(posts);
    }
    expect(statuses).toEqual({ asked: new Set([202]), forged: new Set([401]) });
    await pair.untilFailedOver();
    // The same alerts again, when it is over: they speak of a server that is not active any more.
    for (let index = 0; index < 20; index += 1)
      await pair.postAlert("secondary", anAlert(startsAt, `again${String(index)}`));
    await pair.startServer("primary");
    await pair.untilTrue(
      "the primary is seen again",
      async () => (await pair.stage.status("primary"))?.state === "switched",
    );
    await expectOneFailover();
    expect(pair.running.takeBothSeconds()).toBe(0);
    await pair.goBack();
  }, 300_000);
});

test("with a clock that is an hour ahead the secondary has promised not to take over, and keeps that", async () => {
  await pair.killActor("secondary");
  await pair.stage.startActor("secondary", fakeTime("+1h"));
  await pair.untilTrue("the clocks are seen to differ", async () => {
    const errors = (await pair.stage.status("secondary"))?.configurationErrors ?? [];
    return errors.some(({ reason }) => reason === "clocks-apart");
  });
  await pair.stage.loseServer("primary");
  await sleep(25_000);
  expect(await pair.newOperations()).toEqual([]);
  await pair.startServer("primary");
  await pair.untilTrue("the primary serves again", () => pair.isServedBy("primary"));
  expect(await pair.newOperations()).toEqual([]);
  expect(pair.running.takeBothSeconds()).toBe(0);
}, 240_000);

/** The set limits of the pair: the fence notices, the stopping ends by killing. */
const secondsOfStopping = 15;

function anAlert(startsAt: string, fingerprint: string): string {
  const labels = {
    action: "switchover",
    alertname: "SpareSyncMainAppInvisible",
    code: "MainAppInvisible",
    pair: pairName,
  };
  const alert = { status: "firing", labels, annotations: {}, startsAt, endsAt: "0001-01-01T00:00:00Z", fingerprint };
  return JSON.stringify({ version: "4", status: "firing", receiver: "sparesync-actors", alerts: [alert] });
}

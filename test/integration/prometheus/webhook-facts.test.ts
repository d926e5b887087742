import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Actor } from "../../../actor/actor-api.js";
import { createActor } from "../../../actor/actor.js";
import { emptyFacts, type KeptFacts } from "../../../actor/core/kept-facts.js";
import { createAdminServer, type AdminServer } from "../../../actor/http/admin-server.js";
import { renderAlertmanagerConfig } from "../../../alert-rules/render-alertmanager-config.js";
import { FakePorts, firstRecord } from "../../support/context-bench.js";
import { freePort } from "../../support/free-port.js";
import { loopbackClock } from "../../support/loopback-clock.js";
import { startAlertmanager, type MonitoringServer } from "../../support/prometheus-server.js";
import { exampleSettings } from "../../support/settings-example.js";
import { startTestPageServer } from "../../support/test-page-server.js";
import { stubDatabases } from "../../support/stub-databases.js";

/*
 * Two real Alertmanagers that do not know each other, as a pair that has lost its cluster, both post to the real admin
 * listener of a standby's actor. Alerts come as Prometheus sends them, again and again until they end.
 */
const token = "token-of-the-role-alertmanager";
const ports = new FakePorts();
let directory: string;
let port: number;
let actor: Actor;
let server: AdminServer;
let config: string;
const alertmanagers: MonitoringServer[] = [];
/** What came of each alert since the actor was started last. */
const outcomes = (): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(actor.status().counters).filter(([name]) => name.startsWith("webhook_alerts.")));

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "webhook-facts-"));
  const bearerTokenFile = path.join(directory, "token");
  await writeFile(bearerTokenFile, token, { mode: 0o600 });
  port = await freePort();
  ports.document = { ...emptyFacts("shop", "secondary"), record: firstRecord };
  await startActor();
  const webhooks = [{ url: `http://127.0.0.1:${port}/webhooks/alertmanager`, signIn: { bearerTokenFile } }];
  // The shipped configuration sends no "resolved"; here it does, to see that the actor does not act on one.
  config = renderAlertmanagerConfig({ webhooks, groupIntervalSeconds: 1 }).replace(
    "send_resolved: false",
    "send_resolved: true",
  );
  alertmanagers.push(await startAlertmanager({ config }), await startAlertmanager({ config }));
}, 60_000);

afterAll(async () => {
  for (const alertmanager of alertmanagers) await alertmanager.stop();
  await stopActor();
  await rm(directory, { recursive: true, force: true });
});

async function startActor(): Promise<void> {
  const settings = exampleSettings((input) => {
    input.server = "secondary";
  });
  actor = await createActor(ports, settings);
  await actor.start();
  server = createAdminServer({
    listen: { host: "127.0.0.1", port },
    tls: undefined,
    actor,
    databases: stubDatabases,
    pair: "shop",
    verifyToken: (given) => (given === token ? { name: "alerts", role: "alertmanager" } : undefined),
    log: ports.log,
    clock: loopbackClock,
  });
  await server.start();
}

async function stopActor(): Promise<void> {
  await server.stop();
  await actor.stop("the test wants it");
}

/** As Prometheus posts it: the end is a while away, and is moved on by the next post. */
async function fire(alertmanager: MonitoringServer, startsAt: Date, endsAt: Date, pair = "shop"): Promise<void> {
  const labels = {
    alertname: "SpareSyncMainAppInvisible",
    action: "switchover",
    code: "MainAppInvisible",
    pair,
  };
  const alert = { labels, startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() };
  const answer = await fetch(`http://${alertmanager.address}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([alert]),
  });
  expect(answer.status).toBe(200);
}

async function untilTrue(what: string, isTrue: () => boolean): Promise<void> {
  const untilMs = Date.now() + 20_000;
  while (!isTrue()) {
    if (Date.now() > untilMs) throw new Error(`did not happen in time: ${what}: ${JSON.stringify(outcomes())}`);
    await sleep(50);
  }
}

const kept = (): KeptFacts => ports.document as KeptFacts;
const timesAsked = (): number => kept().events.filter(({ name }) => name === "FailoverAsked").length;
const startsAt = new Date(Date.now() - 1000);
const later = (): Date => new Date(Date.now() + 300_000);

async function killAndStartAgain(index: number): Promise<MonitoringServer> {
  const former = alertmanagers[index]!;
  await former.kill();
  const again = await startAlertmanager({ config, directory: former.directory, port: former.port });
  alertmanagers[index] = again;
  return again;
}

describe("one incident asks once", () => {
  test("of two Alertmanagers that both post it", async () => {
    for (const alertmanager of alertmanagers) await fire(alertmanager, startsAt, later());
    await untilTrue("both have posted", () => {
      const { "webhook_alerts.accepted": accepted = 0, "webhook_alerts.duplicate": duplicates = 0 } = outcomes();
      return accepted + duplicates >= 2;
    });
    expect([outcomes()["webhook_alerts.accepted"], timesAsked(), kept().asks.length]).toEqual([1, 1, 1]);
  }, 40_000);

  test("when Alertmanager is killed and tells it again", async () => {
    const before = outcomes()["webhook_alerts.duplicate"] ?? 0;
    await fire(await killAndStartAgain(0), startsAt, later());
    await untilTrue("it was posted again", () => (outcomes()["webhook_alerts.duplicate"] ?? 0) > before);
    expect([outcomes()["webhook_alerts.accepted"], timesAsked()]).toEqual([1, 1]);
  }, 40_000);

  test("when the actor is started anew in between, and posts that came meanwhile are sent again", async () => {
    await stopActor();
    await fire(await killAndStartAgain(1), startsAt, later());
    await startActor();
    await untilTrue("it was posted to the new one", () => (outcomes()["webhook_alerts.duplicate"] ?? 0) > 0);
    expect([outcomes()["webhook_alerts.accepted"], timesAsked()]).toEqual([undefined, 1]);
  }, 40_000);

  test("when Prometheus dies: the end it does not know of is called one, and nothing is taken back", async () => {
    for (const alertmanager of alertmanagers) await fire(alertmanager, startsAt, new Date(Date.now() - 1));
    await untilTrue("the end was posted", () => (outcomes()["webhook_alerts.resolved"] ?? 0) > 0);
    expect([timesAsked(), kept().asks.length]).toEqual([1, 1]);
  }, 40_000);

  test("and the next incident asks anew", async () => {
    await ports.clock.advance(1);
    for (const alertmanager of alertmanagers) await fire(alertmanager, new Date(), later());
    await untilTrue("it was accepted", () => (outcomes()["webhook_alerts.accepted"] ?? 0) > 0);
    expect([outcomes()["webhook_alerts.accepted"], timesAsked()]).toEqual([1, 2]);
  }, 40_000);
});

test("a failure of the server is posted again at once, a refusal with each look, and what was taken no more", async () => {
  const posted = { failing: 0, refusing: 0 };
  const failing = await startTestPageServer((_, response) => {
    posted.failing += 1;
    response.writeHead(posted.failing < 3 ? 503 : 202).end();
  });
  const refusing = await startTestPageServer((_, response) => {
    posted.refusing += 1;
    response.writeHead(400).end();
  });
  const bearerTokenFile = path.join(directory, "token");
  const webhooks = [failing, refusing].map(({ address }, index) => ({
    url: `http://127.0.0.1:${address.port}/webhooks/alertmanager`,
    signIn: { bearerTokenFile },
    pair: `pair-${index}`,
  }));
  const alertmanager = await startAlertmanager({
    config: renderAlertmanagerConfig({ webhooks, groupIntervalSeconds: 4 }),
  });
  try {
    for (const { pair } of webhooks) await fire(alertmanager, startsAt, later(), pair);
    // The interval is the deadline of a post as well: long enough for three tries of one that fails.
    // The refused one is posted at every look, so it tells how many there have been since the other one was taken.
    await untilTrue("the failing server has taken it", () => posted.failing === 3);
    const untilLooks = posted.refusing + 2;
    await untilTrue("Alertmanager has looked twice more", () => posted.refusing >= untilLooks);
    expect(posted.failing).toBe(3);
  } finally {
    await alertmanager.stop();
    await failing.close();
    await refusing.close();
  }
}, 60_000);

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Actor } from "../../../actor/actor-api.js";
import { createActor } from "../../../actor/actor.js";
import { emptyFacts, type KeptFacts } from "../../../actor/core/kept-facts.js";
import { createAdminServer, type AdminServer } from "../../../actor/http/admin-server.js";
import { renderAlertRules } from "../../../alert-rules/render-alert-rules.js";
import { renderAlertmanagerConfig } from "../../../alert-rules/render-alertmanager-config.js";
import { renderPrometheusConfig } from "../../../alert-rules/render-prometheus-config.js";
import { FakePorts, firstRecord } from "../../support/context-bench.js";
import { freePort } from "../../support/free-port.js";
import { loopbackClock } from "../../support/loopback-clock.js";
import {
  startAlertmanager,
  startAlertmanagerPair,
  startPrometheus,
  type MonitoringServer,
} from "../../support/prometheus-server.js";
import { exampleSettings } from "../../support/settings-example.js";
import { startTestPageServer, type TestPageServer } from "../../support/test-page-server.js";
import { stubDatabases } from "../../support/stub-databases.js";

/*
 * A real Prometheus with our rules sees the standby's view of the managed system vanish, and tells three real
 * Alertmanagers: a cluster of two, and one that has lost it. All of them post to the real admin listener of a standby's
 * actor.
 */
const token = "token-of-the-role-alertmanager";
const ports = new FakePorts();
let directory: string;
let port: number;
let actor: Actor;
let server: AdminServer;
/** What the standby's exporter says; only this decides whether there is an incident. */
let isSeen = false;
let exporter: TestPageServer;
let prometheus: MonitoringServer;
const alertmanagers: MonitoringServer[] = [];
const [first, second, lone] = [0, 1, 2] as const;
/** Ends what was started, also when not everything could be. */
const closers: (() => Promise<unknown>)[] = [];
/** What came of each alert since the actor was started last. */
const outcomes = (): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(actor.status().counters).filter(([name]) => name.startsWith("webhook_alerts.")));

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "webhook-facts-"));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const bearerTokenFile = path.join(directory, "token");
  await writeFile(bearerTokenFile, token, { mode: 0o600 });
  port = await freePort();
  ports.document = { ...emptyFacts("shop", "secondary"), record: firstRecord };
  await startActor();
  closers.push(stopActor);
  const webhooks = [{ url: `http://127.0.0.1:${port}/webhooks/alertmanager`, signIn: { bearerTokenFile } }];
  // The shipped configuration sends no "resolved"; here it does, to see that the actor does not act on one.
  const config = renderAlertmanagerConfig({ webhooks, groupIntervalSeconds: 1 }).replace(
    "send_resolved: false",
    "send_resolved: true",
  );
  closers.push(() => Promise.all(alertmanagers.map((alertmanager) => alertmanager.stop())));
  alertmanagers.push(...(await startAlertmanagerPair({ config, gossipMs: 50 })), await startAlertmanager({ config }));
  exporter = await startTestPageServer((_, response) => response.writeHead(200).end(whatTheExporterSays()));
  closers.push(() => exporter.close());
  prometheus = await startOwnPrometheus();
  closers.push(() => prometheus.stop());
}, 120_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
}, 120_000);

function whatTheExporterSays(): string {
  const view = `sparesync_managed_system_available{from="standby",via="public"} ${isSeen ? 1 : 0}`;
  return `${view}\nsparesync_external_resources_available 1\n`;
}

async function startOwnPrometheus(): Promise<MonitoringServer> {
  return await startPrometheus({
    files: { "rules.yml": renderAlertRules({ overrides: { MainAppInvisible: { delaySeconds: 0 } } }) },
    config: renderPrometheusConfig({
      targets: [{ side: "secondary", pair: "shop", address: `127.0.0.1:${exporter.address.port}` }],
      rulesFile: "rules.yml",
      alertmanagers: alertmanagers.map(({ address }) => address),
      scrapeSeconds: 0.5,
    }),
    resendSeconds: 1,
  });
}

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

/** As Prometheus posts it. */
async function fire(alertmanager: MonitoringServer, pair: string): Promise<void> {
  const labels = { alertname: "SpareSyncMainAppInvisible", action: "switchover", code: "MainAppInvisible", pair };
  const alert = { labels, startsAt: new Date().toISOString(), endsAt: new Date(Date.now() + 300_000).toISOString() };
  const answer = await fetch(`http://${alertmanager.address}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([alert]),
  });
  expect(answer.status).toBe(200);
}

async function untilTrue(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + 60_000;
  while (!(await isTrue())) {
    if (Date.now() > untilMs) throw new Error(`did not happen in time: ${what}: ${JSON.stringify(outcomes())}`);
    await sleep(50);
  }
}

const kept = (): KeptFacts => ports.document as KeptFacts;
const timesAsked = (): number => kept().events.filter(({ name }) => name === "FailoverAsked").length;

async function kill(...indexes: readonly number[]): Promise<void> {
  await Promise.all(indexes.map((index) => alertmanagers[index]!.kill()));
}

async function startAgain(index: number): Promise<void> {
  alertmanagers[index] = await alertmanagers[index]!.startAgain();
}

async function isClusterOfTwo(index: number): Promise<boolean> {
  const { cluster } = (await alertmanagers[index]!.get("/api/v2/status")) as { cluster: { peers?: unknown[] } };
  return cluster.peers?.length === 2;
}

async function isHeld(index: number): Promise<boolean> {
  const filter = encodeURIComponent('action="switchover"');
  return ((await alertmanagers[index]!.get(`/api/v2/alerts?filter=${filter}`)) as unknown[]).length > 0;
}

/** What Prometheus itself knows of the managed system, and whether that is an alert. */
async function knows(expression: string): Promise<boolean> {
  const answer = await prometheus.get(`/api/v1/query?query=${encodeURIComponent(expression)}`);
  return (answer as { data: { result: unknown[] } }).data.result.length > 0;
}

describe("one incident asks once", () => {
  test("of a cluster of Alertmanagers and one that has lost it, which both post it", async () => {
    await untilTrue("the two are a cluster", () => isClusterOfTwo(first));
    await untilTrue("both have posted", () => {
      const { "webhook_alerts.accepted": accepted = 0, "webhook_alerts.duplicate": duplicates = 0 } = outcomes();
      return accepted + duplicates >= 2;
    });
    for (const index of [first, second, lone]) await untilTrue("all hold it", () => isHeld(index));
    expect([outcomes()["webhook_alerts.accepted"], timesAsked(), kept().asks.length]).toEqual([1, 1, 1]);
  }, 120_000);

  test("when the whole cluster is killed, knows nothing of what it told, and tells it again", async () => {
    await kill(first, second);
    const before = outcomes()["webhook_alerts.duplicate"] ?? 0;
    await startAgain(first);
    await startAgain(second);
    await untilTrue("it was posted again", () => (outcomes()["webhook_alerts.duplicate"] ?? 0) > before);
    expect([outcomes()["webhook_alerts.accepted"], timesAsked()]).toEqual([1, 1]);
  }, 120_000);

  test("when the actor is started anew in between, and posts that came meanwhile are sent again", async () => {
    await stopActor();
    await kill(lone);
    await startAgain(lone);
    await untilTrue("the Alertmanager holds it again", () => isHeld(lone));
    await startActor();
    await untilTrue("it was posted to the new one", () => (outcomes()["webhook_alerts.duplicate"] ?? 0) > 0);
    expect([outcomes()["webhook_alerts.accepted"], timesAsked()]).toEqual([undefined, 1]);
  }, 120_000);

  test("when Prometheus is killed: the incident is called over while it lasts, and nothing is taken back", async () => {
    const before = outcomes()["webhook_alerts.resolved"] ?? 0;
    await prometheus.kill();
    await untilTrue("an end was posted", () => (outcomes()["webhook_alerts.resolved"] ?? 0) > before);
    expect([timesAsked(), kept().asks.length]).toEqual([1, 1]);
  }, 120_000);

  test("and the next incident asks anew, told by the one Alertmanager that is left", async () => {
    await ports.clock.advance(1);
    await kill(first, lone);
    isSeen = true;
    // Its own memory would be of the last incident, so that it would begin with that.
    await prometheus.stop();
    prometheus = await startOwnPrometheus();
    await untilTrue("Prometheus sees it", () => knows("sparesync_managed_system_available == 1"));
    isSeen = false;
    await untilTrue("it was accepted", () => (outcomes()["webhook_alerts.accepted"] ?? 0) > 0);
    expect([outcomes()["webhook_alerts.accepted"], timesAsked()]).toEqual([1, 2]);
  }, 120_000);
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
    for (const { pair } of webhooks) await fire(alertmanager, pair);
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
}, 120_000);

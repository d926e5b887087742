import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { renderAlertRules } from "../../../alert-rules/render-alert-rules.js";
import { renderAlertmanagerConfig } from "../../../alert-rules/render-alertmanager-config.js";
import { renderPrometheusConfig } from "../../../alert-rules/render-prometheus-config.js";
import { createExporter } from "../../../exporter/exporter.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { type MonitoringServer, startAlertmanager, startPrometheus } from "../../support/prometheus-server.js";
import { rememberLog } from "../../support/log-memory.js";
import { sampleSettings } from "../../support/sample-settings.js";
import { sampleStatus } from "../../support/sample-status.js";
import { startTestPageServer, type TestPageServer } from "../../support/test-page-server.js";

const clock = createSystemClock();
const delaySeconds = 2;
const token = "token-of-the-role-alertmanager";
const fixture = "test/fixtures/alertmanager-webhook.json";

/** Version 4 of the webhook's body; newer Alertmanagers add fields. */
const webhookBody = z.object({
  version: z.literal("4"),
  groupKey: z.string(),
  truncatedAlerts: z.number(),
  status: z.enum(["firing", "resolved"]),
  receiver: z.string(),
  groupLabels: z.record(z.string(), z.string()),
  commonLabels: z.record(z.string(), z.string()),
  commonAnnotations: z.record(z.string(), z.string()),
  externalURL: z.string(),
  alerts: z
    .array(
      z.object({
        status: z.enum(["firing", "resolved"]),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()),
        startsAt: z.iso.datetime({ offset: true }),
        endsAt: z.string(),
        generatorURL: z.string(),
        fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
      }),
    )
    .min(1),
});

interface Post {
  readonly headers: http.IncomingHttpHeaders;
  readonly body: unknown;
  readonly atMs: number;
}

const posts: Post[] = [];
let directory: string;
let isUp = true;
let page: TestPageServer;
let actor: TestPageServer;
let alertmanager: MonitoringServer;
let prometheus: MonitoringServer;
/** Ends what was started, also when not everything could be. */
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "failover-request-"));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  page = await startTestPageServer((_, response) => response.writeHead(isUp ? 200 : 500).end());
  closers.push(() => page.close());
  actor = await startTestPageServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    request.on("end", () => {
      posts.push({ headers: request.headers, body: JSON.parse(text), atMs: Date.now() });
      response.writeHead(202).end();
    });
  });
  closers.push(() => actor.close());
  const bearerTokenFile = path.join(directory, "token");
  await writeFile(bearerTokenFile, token, { mode: 0o600 });
  alertmanager = await startAlertmanager({
    config: renderAlertmanagerConfig({
      webhooks: [{ url: `http://127.0.0.1:${actor.address.port}/webhooks/alertmanager`, signIn: { bearerTokenFile } }],
      groupIntervalSeconds: 1,
    }),
  });
  closers.push(() => alertmanager.stop());
  const exporterPort = await startExporter();
  prometheus = await startPrometheus({
    files: { "rules.yml": renderAlertRules({ overrides: { MainAppInvisible: { delaySeconds } } }) },
    config: renderPrometheusConfig({
      targets: [{ side: "secondary", pair: "shop", address: `127.0.0.1:${exporterPort}` }],
      rulesFile: "rules.yml",
      alertmanagers: [alertmanager.address],
      scrapeSeconds: 0.5,
    }),
  });
  closers.push(() => prometheus.stop());
}, 120_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** The exporter of the standby; what its actor says is a healthy standby's status. */
async function startExporter(): Promise<number> {
  const settings = sampleSettings("secondary");
  const { managedSystem } = settings;
  let resolvePort: (port: number) => void = () => undefined;
  const port = new Promise<number>((resolve) => {
    resolvePort = resolve;
  });
  const exporter = createExporter(
    {
      settings: {
        ...settings,
        exporter: { ...settings.exporter, listen: { host: "127.0.0.1", port: 0 }, probeSeconds: 0.3 },
        managedSystem: {
          ...managedSystem,
          publicAddresses: { ...managedSystem.publicAddresses, primary: page.address },
        },
      },
      version: "0.1.0",
      clock,
      log: rememberLog(),
      readStatus: () => Promise.resolve(sampleStatus({ wallMs: Date.now() })),
      readProcessMetrics: () => Promise.resolve(""),
    },
    {
      onListening: (address) => {
        resolvePort(address.port);
      },
    },
  );
  const ending = new AbortController();
  const ended = exporter.run(ending.signal);
  closers.push(() => {
    ending.abort();
    return ended;
  });
  return await port;
}

async function query(
  expression: string,
): Promise<readonly { metric: Record<string, string>; value: [number, string] }[]> {
  const answer = await prometheus.get(`/api/v1/query?query=${encodeURIComponent(expression)}`);
  return (answer as { data: { result: { metric: Record<string, string>; value: [number, string] }[] } }).data.result;
}

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const untilMs = Date.now() + 50_000;
  while (Date.now() < untilMs) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await clock.sleep(50);
  }
  throw new Error(`did not happen in time: ${what}`);
}

/** The keys of a value at every depth; names of labels and annotations included. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

test("the standby's view reaches the actor as one authenticated request, after the delay and not before", async () => {
  await until("Prometheus has scraped the available managed system", async () => {
    const [first] = await query('sparesync_managed_system_available{from="standby",via="public"}');
    return first?.value[1] === "1" ? first : undefined;
  });
  expect(posts).toEqual([]);

  isUp = false;
  const downAtMs = Date.now();
  const post = await until("the webhook", () => posts[0]);
  expect(post.atMs - downAtMs).toBeGreaterThanOrEqual(delaySeconds * 1000);
  expect(post.headers).toMatchObject({ authorization: `Bearer ${token}`, "content-type": "application/json" });

  const body = webhookBody.parse(post.body);
  expect(body).toMatchObject({ status: "firing", receiver: "sparesync-actors" });
  expect(body.alerts).toHaveLength(1);
  expect(body.alerts[0]!.labels).toEqual({
    alertname: "SpareSyncMainAppInvisible",
    action: "switchover",
    code: "MainAppInvisible",
    pair: "shop",
    repeat: "1d",
    severity: "critical",
  });
  expect(shapeOf(JSON.parse(await readFile(fixture, "utf8")))).toEqual(shapeOf(post.body));
});

test("the end of the outage is not posted: the actor never acts on it", async () => {
  const before = posts.length;
  isUp = true;
  await until("the alert has ended in Alertmanager", async () => {
    const active = (await alertmanager.get("/api/v2/alerts?active=true")) as unknown[];
    return active.length === 0 ? true : undefined;
  });
  // Two intervals of the group: by then a "resolved" would have been sent.
  await clock.sleep(2_500);
  expect(posts.slice(before)).toEqual([]);
});

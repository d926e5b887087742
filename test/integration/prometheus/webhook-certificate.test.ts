import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type ActorWebhook, renderAlertmanagerConfig } from "../../../alert-rules/render-alertmanager-config.js";
import { createSelfSignedCertificate } from "../../../shared/self-signed-certificate.js";
import { type AdminBench, startAdmin } from "../../support/admin-bench.js";
import { type MonitoringServer, startAlertmanager } from "../../support/prometheus-server.js";
import { until } from "../../support/until.js";

/* The real Alertmanager shows its certificate to the real admin listener; its configuration is the generated one. */
let directory: string;
let bench: AdminBench;
const alertmanagers: MonitoringServer[] = [];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "webhook-certificate-"));
  const own = await createSelfSignedCertificate("admin", ["127.0.0.1"]);
  const client = await createSelfSignedCertificate("alertmanager", []);
  const stranger = await createSelfSignedCertificate("stranger", []);
  const contents = {
    "admin.pem": own.certificate,
    "client.pem": client.certificate,
    "client-key.pem": client.privateKey,
    "stranger.pem": stranger.certificate,
    "stranger-key.pem": stranger.privateKey,
  };
  for (const [name, content] of Object.entries(contents)) await writeFile(at(name), content, { mode: 0o600 });
  bench = await startAdmin({ ...own, webhookClients: client.certificate });
});

afterAll(async () => {
  for (const alertmanager of alertmanagers) await alertmanager.stop();
  await bench.server.stop();
  await rm(directory, { recursive: true, force: true });
});

function at(name: string): string {
  return path.join(directory, name);
}

async function fireThrough(signIn: ActorWebhook["signIn"]): Promise<void> {
  const url = `https://127.0.0.1:${bench.port}/webhooks/alertmanager`;
  const webhooks = [{ url, signIn, caFile: at("admin.pem") }];
  const alertmanager = await startAlertmanager({
    config: renderAlertmanagerConfig({ webhooks, groupIntervalSeconds: 1 }),
  });
  alertmanagers.push(alertmanager);
  const labels = { alertname: "SpareSyncMainAppInvisible", action: "switchover", pair: "shop" };
  const answer = await fetch(`http://${alertmanager.address}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ labels, endsAt: new Date(Date.now() + 300_000).toISOString() }]),
  });
  expect(answer.status).toBe(200);
}

test("Alertmanager asks for a failover by its certificate, without a token", async () => {
  await fireThrough({ certificateFile: at("client.pem"), privateKeyFile: at("client-key.pem") });
  await until(() => bench.actor.counted.includes("webhook_alerts.accepted"), 30_000);
  expect(bench.actor.counted).toEqual(["webhook_alerts.accepted"]);
}, 60_000);

test("one with a certificate of somebody else is refused, and counted", async () => {
  await fireThrough({ certificateFile: at("stranger.pem"), privateKeyFile: at("stranger-key.pem") });
  await until(() => bench.actor.counted.includes("webhook_alerts.unauthenticated"), 30_000);
  expect(bench.actor.counted.filter((name) => name === "webhook_alerts.accepted")).toHaveLength(1);
}, 60_000);

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { MessageOutbox } from "../../../actor/message-outbox.js";
import { createMessagePorts } from "../../../actor/notify/create-message-ports.js";
import { deliver, lookForMessages } from "../../../actor/watch/message-watch.js";
import { type ActorWebhook, renderAlertmanagerConfig } from "../../../alert-rules/render-alertmanager-config.js";
import { askHttp } from "../../../shared/ask-http.js";
import { createSelfSignedCertificate } from "../../../shared/self-signed-certificate.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { type AdminBench, startAdmin } from "../../support/admin-bench.js";
import { benchContext } from "../../support/context-bench.js";
import { startMailCatcher } from "../../support/mail-catcher.js";
import { type MonitoringServer, startAlertmanager } from "../../support/prometheus-server.js";
import { exampleSettings } from "../../support/settings-example.js";
import { until } from "../../support/until.js";

/*
 * The real Alertmanager shows its certificate to the real admin listener; its configuration is the generated one. In the other
 * direction a server signs in at a real Alertmanager to see which alerts it holds.
 */
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
    "admin-key.pem": own.privateKey,
    password: "swordfish",
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

/** A server with a mail server, which asks this Alertmanager by its certificate and with a password. */
async function askingServer(alertmanager: MonitoringServer, mailPort: number) {
  const settings = exampleSettings((input) => {
    Object.assign(input, {
      stateDirectory: directory,
      notifications: {
        via: "auto",
        alertmanagers: [`https://${alertmanager.address}`],
        alertmanagerCaFile: at("admin.pem"),
        alertmanagerUser: "sparesync",
        alertmanagerPasswordFile: at("password"),
        overrides: ["HttpServerNotStarted:10:100"],
        mail: {
          server: { host: "127.0.0.1", port: mailPort },
          ...{ security: "none", from: "s@example.test", to: ["a@example.test"] },
        },
      },
    });
  });
  const { context, ports } = await benchContext("primary", { settings });
  const listeners = { admin: false, link: true };
  const options = { settings, clock: createSystemClock(), log: ports.log, listening: () => listeners };
  Object.assign(ports, { messages: createMessagePorts(options) });
  Object.assign(context.situation, { isFirstConfirmationOver: true, isFirstHeartbeatOver: true });
  const outbox = await MessageOutbox.open(ports.messages.outbox, ports.log);
  const lookAfter = async (seconds: number): Promise<string | undefined> => {
    ports.clock.nowMs += seconds * 1000;
    await lookForMessages(context, outbox);
    await deliver(context, outbox);
    return outbox.document.state.held["HttpServerNotStarted"]?.toldBy;
  };
  return { lookAfter, log: ports.log };
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
}, 120_000);

test("one with a certificate of somebody else is refused, and counted", async () => {
  await fireThrough({ certificateFile: at("stranger.pem"), privateKeyFile: at("stranger-key.pem") });
  await until(() => bench.actor.counted.includes("webhook_alerts.unauthenticated"), 30_000);
  expect(bench.actor.counted.filter((name) => name === "webhook_alerts.accepted")).toHaveLength(1);
}, 120_000);

test("with via auto an alert that Alertmanager holds is not mailed, and once it is killed the message comes by mail", async () => {
  const access = {
    webConfig: `tls_server_config: { cert_file: ${at("admin.pem")}, key_file: ${at("admin-key.pem")} }
basic_auth_users: { sparesync: $2b$04$L5G6Nxq4Y/7Y9m0Hxa8BXOP1v0dmhFoCtrWLlDqB6s/no/gTkUC5. }
`,
    ca: await readFile(at("admin.pem"), "utf8"),
    authorization: `Basic ${Buffer.from("sparesync:swordfish").toString("base64")}`,
  };
  const alertmanager = await startAlertmanager({ config: renderAlertmanagerConfig({ webhooks: [] }), access });
  alertmanagers.push(alertmanager);
  const labels = {
    alertname: "SpareSyncHttpServerNotStarted",
    code: "HttpServerNotStarted",
    pair: "shop",
    side: "primary",
  };
  const posted = await askHttp({
    ...{ url: new URL(`https://${alertmanager.address}/api/v2/alerts`), method: "POST", ca: access.ca },
    ...{ headers: { "content-type": "application/json", authorization: access.authorization } },
    body: JSON.stringify([{ labels, endsAt: new Date(Date.now() + 300_000).toISOString() }]),
    ...{ mostAnswerBytes: 1000, signal: AbortSignal.timeout(30_000) },
  });
  expect(posted.status).toBe(200);
  const catcher = await startMailCatcher();
  try {
    const { lookAfter, log } = await askingServer(alertmanager, catcher.port);
    const told = () => catcher.mails.map(({ raw }) => /^Subject: .*\] (.*) \(primary\)/m.exec(raw)?.[1]);
    const isTold = () => told().filter((subject) => subject?.includes("HttpServerNotStarted"));
    // The delay of 10 s is over, then the 60 s that are left to Alertmanager.
    expect(await lookAfter(0)).toBe("nobody");
    await lookAfter(10);
    await until(async () => (await lookAfter(0)) === "alertmanager", 30_000);
    expect(await lookAfter(61)).toBe("alertmanager");
    expect(isTold()).toEqual([]);
    await alertmanager.kill();
    // It is to be repeated after 100 s; nobody has taken it in the minute after that.
    expect([await lookAfter(39), await lookAfter(61)]).toEqual(["alertmanager", "mail"]);
    await until(async () => (await lookAfter(0), isTold().length > 0), 30_000);
    expect(isTold()).toEqual(["still: HttpServerNotStarted"]);
    expect(log.events).toContain("alertmanager-not-asked");
  } finally {
    await catcher.stop();
  }
}, 120_000);

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createAlertmanagerClient } from "../../../actor/notify/alertmanager-client.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { freePort } from "../../support/free-port.js";
import { rememberLog } from "../../support/log-memory.js";
import { exampleSettings } from "../../support/settings-example.js";
import { startTestPageServer, type TestPageServer } from "../../support/test-page-server.js";

const never = new AbortController().signal;
let server: TestPageServer;
let status = 200;
let answer = "[]";
const asked: string[] = [];
let authorization: string | undefined;
beforeEach(async () => {
  asked.length = 0;
  server = await startTestPageServer((request, response) => {
    asked.push(request.url ?? "");
    authorization = request.headers.authorization;
    response.writeHead(status, { "content-type": "application/json" }).end(answer);
  });
});
afterEach(() => server.close());

function client(urls: readonly string[], more: Record<string, unknown> = {}) {
  const log = rememberLog();
  const settings = exampleSettings((input) => {
    Object.assign(input, { notifications: { alertmanagers: urls, ...more } });
  }).notifications;
  return { log, ask: createAlertmanagerClient({ settings, pair: "shop", clock: createSystemClock(), log }) };
}
const url = () => `http://127.0.0.1:${server.address.port}/prefix/`;
const startsAt = "2026-01-31T03:05:00.250Z";
const alert = (code: string) => ({
  ...{ labels: { code, pair: "shop" }, status: { state: "suppressed" }, startsAt, more: 1 },
});

describe("what Alertmanager holds", () => {
  test("are this pair's alerts of a code that there are messages of, with their beginning where it is told", async () => {
    status = 200;
    const later = { labels: { code: "TurnedOn", pair: "shop" }, startsAt: "soon" };
    answer = JSON.stringify([alert("TurnedOff"), alert("ExporterDown"), { labels: {} }, later]);
    expect(await client([url()]).ask(never)).toEqual([
      { code: "TurnedOff", labels: { code: "TurnedOff", pair: "shop" }, startsAtMs: Date.parse(startsAt) },
      { code: "TurnedOn", labels: { code: "TurnedOn", pair: "shop" }, startsAtMs: 0 },
    ]);
    expect(asked).toEqual([`/prefix/api/v2/alerts?filter=${encodeURIComponent('pair="shop"')}`]);
  });

  test("is known from one of several, also when another one does not answer", async () => {
    status = 200;
    answer = JSON.stringify([alert("TurnedOff")]);
    const { ask, log } = client([`http://127.0.0.1:${await freePort()}`, url()]);
    const found = [...(await ask(never)), ...(await ask(never))];
    expect(found.map(({ code }) => code)).toEqual(["TurnedOff", "TurnedOff"]);
    expect(log.events).toEqual(["alertmanager-not-asked"]);
  });

  test.each([
    { when: "it fails", code: 500, body: "[]" },
    { when: "it answers something else", code: 200, body: '{"status":"success"}' },
    { when: "it answers no JSON", code: 200, body: "<html>" },
  ])("is nothing when $when", async ({ code, body }) => {
    status = code;
    answer = body;
    expect((await client([url()]).ask(never)).length).toBe(0);
  });

  test("is asked for with the user and the password of the settings, which is read each time", async () => {
    status = 200;
    answer = "[]";
    const folder = await mkdtemp(path.join(tmpdir(), "alertmanager-client-"));
    const file = path.join(folder, "password");
    const signedIn = client([url()], { alertmanagerUser: "olga", alertmanagerPasswordFile: file });
    const ask = async () => (await signedIn.ask(never), authorization);
    await writeFile(file, "first\n", { mode: 0o600 });
    expect(await ask()).toBe(`Basic ${Buffer.from("olga:first").toString("base64")}`);
    await writeFile(file, "second\n");
    expect(await ask()).toBe(`Basic ${Buffer.from("olga:second").toString("base64")}`);
    await rm(folder, { recursive: true });
    expect(await signedIn.ask(never)).toEqual([]);
    expect(signedIn.log.events).toEqual(["alertmanager-not-asked"]);
    await client([url()]).ask(never);
    expect(authorization).toBeUndefined();
  });
});

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createAlertmanagerClient } from "../../../actor/notify/alertmanager-client.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { freePort } from "../../support/free-port.js";
import { rememberLog } from "../../support/log-memory.js";
import { startTestPageServer, type TestPageServer } from "../../support/test-page-server.js";

const never = new AbortController().signal;
let server: TestPageServer;
let status = 200;
let answer = "[]";
const asked: string[] = [];
beforeEach(async () => {
  asked.length = 0;
  server = await startTestPageServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(status, { "content-type": "application/json" }).end(answer);
  });
});
afterEach(() => server.close());

function client(urls: readonly string[]) {
  const log = rememberLog();
  return { log, ask: createAlertmanagerClient({ urls, pair: "shop", clock: createSystemClock(), log }) };
}
const url = () => `http://127.0.0.1:${server.address.port}/prefix/`;
const alert = (code: string) => ({ labels: { code, pair: "shop" }, status: { state: "suppressed" }, more: 1 });

describe("what Alertmanager holds", () => {
  test("are the codes of this pair's alerts that the catalogue knows", async () => {
    status = 200;
    answer = JSON.stringify([alert("TurnedOff"), alert("ExporterDown"), { labels: {} }]);
    expect([...(await client([url()]).ask(never))]).toEqual(["TurnedOff"]);
    expect(asked).toEqual([`/prefix/api/v2/alerts?filter=${encodeURIComponent('pair="shop"')}`]);
  });

  test("is known from one of several, also when another one does not answer", async () => {
    status = 200;
    answer = JSON.stringify([alert("TurnedOff")]);
    const { ask, log } = client([`http://127.0.0.1:${await freePort()}`, url()]);
    expect([...(await ask(never)), ...(await ask(never))]).toEqual(["TurnedOff", "TurnedOff"]);
    expect(log.events).toEqual(["alertmanager-not-asked"]);
  });

  test.each([
    { when: "it fails", code: 500, body: "[]" },
    { when: "it answers something else", code: 200, body: '{"status":"success"}' },
    { when: "it answers no JSON", code: 200, body: "<html>" },
  ])("is nothing when $when", async ({ code, body }) => {
    status = code;
    answer = body;
    expect((await client([url()]).ask(never)).size).toBe(0);
  });
});

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { alertOutcomes } from "../../../actor/actor-api.js";
import { AppError } from "../../../shared/core/app-error.js";
import { askAdmin, startAdmin, type AdminBench, type AdminQuestion } from "../../support/admin-bench.js";

let bench: AdminBench;
beforeEach(async () => {
  bench = await startAdmin();
});
afterEach(() => bench.server.stop());

const alert = {
  status: "firing",
  labels: { alertname: "SpareSyncMainAppInvisible", action: "switchover", pair: "shop" },
  annotations: { summary: "down" },
  startsAt: "2026-01-02T03:04:05.678901234Z",
  endsAt: "0001-01-01T00:00:00Z",
  generatorURL: "http://prometheus/graph",
  fingerprint: "c0ffee0123456789",
};
/** As Alertmanager 0.25 posts it. */
const post = {
  version: "4",
  groupKey: "{}:{}",
  truncatedAlerts: 0,
  status: "firing",
  receiver: "sparesync",
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: "http://alertmanager",
  alerts: [alert],
};

function send(body: unknown, changes: Partial<AdminQuestion> = {}) {
  return askAdmin(bench.port, { path: "/webhooks/alertmanager", token: "a", body, ...changes });
}

test("an alert that asks reaches the actor with what identifies it", async () => {
  const answer = await send(post);
  expect(answer.status).toBe(202);
  expect(answer.body).toEqual({ alerts: [{ fingerprint: alert.fingerprint, outcome: "accepted" }] });
  const { fingerprint, startsAt, status, labels } = alert;
  expect(bench.actor.asked).toEqual([{ fingerprint, startsAt, status, labels }]);
  expect(bench.actor.counted).toEqual(["webhook_alerts.accepted"]);
});

test.each(alertOutcomes)("the outcome %s is final for Alertmanager and counted", async (outcome) => {
  bench.actor.alertOutcome = outcome;
  const answer = await send({ ...post, status: "resolved", alerts: [{ ...alert, status: "resolved" }] });
  expect(answer.status).toBe(202);
  expect(bench.actor.counted).toEqual([`webhook_alerts.${outcome}`]);
});

test.each([
  { when: "its action is another", labels: { action: "page", pair: "shop" }, outcome: "not-a-request" },
  { when: "it has no action", labels: { pair: "shop" }, outcome: "not-a-request" },
  { when: "its pair is another", labels: { action: "switchover", pair: "mail" }, outcome: "other-pair" },
  { when: "it has no pair", labels: { action: "switchover" }, outcome: "other-pair" },
])("an alert never reaches the actor when $when", async ({ labels, outcome }) => {
  const answer = await send({ ...post, alerts: [{ ...alert, labels }] });
  expect([answer.status, answer.body]).toMatchObject([202, { alerts: [{ outcome }] }]);
  expect(bench.actor.asked).toEqual([]);
  expect(bench.actor.counted).toEqual([`webhook_alerts.${outcome}`]);
});

test("each alert of a post has its own outcome", async () => {
  const other = { ...alert, fingerprint: "f2", labels: { action: "page" } };
  const answer = await send({ ...post, alerts: [alert, other, { ...alert, fingerprint: "f3" }] });
  expect(answer.body).toEqual({
    alerts: [
      { fingerprint: alert.fingerprint, outcome: "accepted" },
      { fingerprint: "f2", outcome: "not-a-request" },
      { fingerprint: "f3", outcome: "accepted" },
    ],
  });
});

test("unknown keys of a newer Alertmanager are accepted at every level", async () => {
  const answer = await send({ ...post, future: 1, alerts: [{ ...alert, future: { deep: [] } }] });
  expect(answer.status).toBe(202);
});

test("an alert that could not be kept is asked for again", async () => {
  bench.actor.failure = new AppError("STATE_UNREADABLE", "disk full");
  expect((await send(post)).status).toBe(500);
  expect(bench.actor.counted).toEqual(["webhook_alerts.failed"]);
});

describe("what is never a request", () => {
  test.each([
    { when: "the token is missing", change: { token: "" }, status: 401, counts: ["unauthenticated"] },
    { when: "the token is wrong", change: { token: "wrong" }, status: 401, counts: ["unauthenticated"] },
    { when: "the token is an operator's", change: { token: "o" }, status: 403, counts: ["unauthenticated"] },
    { when: "it is no JSON", body: "alerts!", status: 400, counts: ["malformed"] },
    { when: "it is empty", body: "", status: 400, counts: ["malformed"] },
    { when: "the version is another", body: { ...post, version: "5" }, status: 400, counts: ["malformed"] },
    { when: "the version is a number", body: { ...post, version: 4 }, status: 400, counts: ["malformed"] },
    { when: "alerts are missing", body: { version: "4" }, status: 400, counts: ["malformed"] },
    {
      when: "there are 201 alerts",
      body: { ...post, alerts: Array(201).fill(alert) },
      status: 400,
      counts: ["malformed"],
    },
    {
      when: "startsAt is no time",
      body: { ...post, alerts: [{ ...alert, startsAt: "now" }] },
      status: 400,
      counts: ["malformed"],
    },
    {
      when: "the fingerprint is a path",
      body: { ...post, alerts: [{ ...alert, fingerprint: "../x" }] },
      status: 400,
      counts: ["malformed"],
    },
    {
      when: "the status is unknown",
      body: { ...post, alerts: [{ ...alert, status: "maybe" }] },
      status: 400,
      counts: ["malformed"],
    },
    { when: "it is a form", change: { headers: { "content-type": "text/plain" } }, status: 415, counts: ["malformed"] },
    {
      when: "it is above 256 KiB",
      body: { ...post, groupKey: "x".repeat(256 * 1024) },
      status: 413,
      counts: ["oversized"],
    },
  ])("$status when $when", async ({ body = post, change = {}, status, counts }) => {
    const answer = await send(body, change);
    expect(answer.status).toBe(status);
    expect(bench.actor.asked).toEqual([]);
    expect(bench.actor.counted.filter((name) => name !== "auth_failures")).toEqual(
      counts.map((name) => `webhook_alerts.${name}`),
    );
  });
});

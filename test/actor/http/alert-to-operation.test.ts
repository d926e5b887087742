import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Actor } from "../../../actor/actor-api.js";
import { createActor } from "../../../actor/actor.js";
import { emptyFacts, type KeptFacts } from "../../../actor/core/kept-facts.js";
import { createAdminServer, type AdminServer } from "../../../actor/http/admin-server.js";
import { askAdmin, type AdminAnswer } from "../../support/admin-bench.js";
import { FakePorts, firstRecord } from "../../support/context-bench.js";
import { anOperationDocument } from "../../support/kept-documents.js";
import { loopbackClock } from "../../support/loopback-clock.js";
import { settled } from "../../support/manual-clock.js";
import { exampleSettings } from "../../support/settings-example.js";
import { stubDatabases } from "../../support/stub-databases.js";

/*
 * The admin listener on a real socket in front of the real actor of a standby with its loops, on a clock that the test
 * moves. The primary is available, so no post may lead to an operation, and a minute later none has.
 */
let ports: FakePorts;
let actor: Actor;
let server: AdminServer;
let port: number;

beforeEach(async () => {
  ports = new FakePorts();
  const lastSwitch = anOperationDocument("switch-to-primary", {
    id: "old",
    state: "done",
    endedAtMs: ports.clock.wallMs(),
  });
  ports.document = { ...emptyFacts("shop", "secondary"), record: firstRecord, lastOperations: [lastSwitch] };
  const settings = exampleSettings((input) => {
    input.server = "secondary";
  });
  actor = await createActor(ports, settings);
  await actor.start();
  server = createAdminServer({
    listen: { host: "127.0.0.1", port: 0 },
    tls: undefined,
    actor,
    databases: stubDatabases,
    pair: "shop",
    verifyToken: (token) => (token === "a" ? { name: "alerts", role: "alertmanager" } : undefined),
    log: ports.log,
    clock: { ...loopbackClock, sleep: (ms, signal) => (signal ? loopbackClock.sleep(ms, signal) : Promise.resolve()) },
  });
  ({ port } = await server.start());
});
afterEach(async () => {
  await server.stop();
  await actor.stop("the test is over");
});

const startsAt = "2026-01-02T00:00:00Z";
const alert = {
  status: "firing",
  labels: { alertname: "SpareSyncMainAppInvisible", action: "switchover", pair: "shop" },
  startsAt,
  fingerprint: "c0ffee",
};

function post(alerts: unknown, token = "a"): Promise<AdminAnswer> {
  return askAdmin(port, { path: "/webhooks/alertmanager", token, body: { version: "4", alerts } });
}

interface Row {
  readonly when: string;
  readonly send: () => Promise<AdminAnswer>;
  readonly status: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly asks: number;
}

const rows: readonly Row[] = [
  {
    when: "the token is missing",
    send: () => post([alert], ""),
    status: 401,
    counters: { unauthenticated: 1 },
    asks: 0,
  },
  {
    when: "the post is too large",
    send: () => post([{ ...alert, annotations: { x: "y".repeat(300_000) } }]),
    status: 413,
    counters: { oversized: 1 },
    asks: 0,
  },
  { when: "the post is malformed", send: () => post("alerts"), status: 400, counters: { malformed: 1 }, asks: 0 },
  {
    when: "the alert is resolved",
    send: () => post([{ ...alert, status: "resolved" }]),
    status: 202,
    counters: { resolved: 1 },
    asks: 0,
  },
  {
    when: "the alert began before the last switch",
    send: () => post([{ ...alert, startsAt: "2025-12-31T00:00:00Z" }]),
    status: 202,
    counters: { "too-late": 1 },
    asks: 0,
  },
  {
    when: "the alert is about another pair",
    send: () => post([{ ...alert, labels: { ...alert.labels, pair: "mail" } }]),
    status: 202,
    counters: { "other-pair": 1 },
    asks: 0,
  },
  {
    when: "the alert is for a person",
    send: () => post([{ ...alert, labels: { pair: "shop" } }]),
    status: 202,
    counters: { "not-a-request": 1 },
    asks: 0,
  },
  {
    when: "the alert comes twice",
    send: async () => {
      await post([alert]);
      return post([alert]);
    },
    status: 202,
    counters: { accepted: 1, duplicate: 1 },
    asks: 1,
  },
];

describe("a post to the webhook", () => {
  test.each(rows)("leads to no operation when $when", async ({ send, status, counters, asks }) => {
    expect((await send()).status).toBe(status);
    const names = Object.entries(counters).map(([name, value]) => [`webhook_alerts.${name}`, value]);
    expect(actor.status().counters).toMatchObject(Object.fromEntries(names) as object);
    expect((ports.document as KeptFacts).asks).toHaveLength(asks);
    await ports.clock.advance(60);
    expect(actor.operations().map(({ id }) => id)).toEqual(["old"]);
    expect(ports.record).toEqual(firstRecord);
    expect(ports.done).not.toContain("start");
  });

  test("that was taken is over when the system is seen available after it", async () => {
    await post([alert]);
    expect(actor.status().asks).toHaveLength(1);
    await ports.clock.advance(61);
    await settled();
    expect(actor.status().asks).toEqual([]);
  });
});

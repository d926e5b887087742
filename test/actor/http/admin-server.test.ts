import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { AppError } from "../../../shared/core/app-error.js";
import { routes } from "../../../actor/http/routes/index.js";
import { askAdmin, startAdmin, type AdminBench } from "../../support/admin-bench.js";
import { makeCertificate } from "../../support/certificates.js";
import { speakRaw } from "../../support/recording-proxy.js";
import { anOperation, aStatus } from "../../support/fake-actor.js";
import { stubDatabases } from "../../support/stub-databases.js";

let bench: AdminBench;
beforeEach(async () => {
  bench = await startAdmin();
});
afterEach(() => bench.server.stop());

const aBody: Readonly<Record<string, unknown>> = {
  "/v1/operations": { kind: "failover", reason: "x" },
  "/v1/operations/:id/abort": {},
  "/v1/operations/:id/retry": {},
  "/v1/enabled": { enabled: true, reason: "x" },
  "/v1/pause": { forSeconds: 60, reason: "x" },
  "/v1/resume": {},
  "/v1/mark-checked": {},
  "/v1/messages/test": {},
  "/v1/first-record": {},
  "/v1/files/approve": { folder: "uploads" },
  "/v1/files/analyse": { folder: "uploads", hasContent: true },
  "/v1/dns/test": {},
  "/v1/drills": {},
  "/v1/adopt": { reason: "x" },
  "/v1/divergence/acknowledge": {},
  "/v1/databases/:name/task": { task: "verify" },
  "/webhooks/alertmanager": { version: "4", alerts: [] },
};

const mayUse: Readonly<Record<string, readonly string[]>> = {
  anyone: ["none", "wrong", "v", "o", "a"],
  viewer: ["v", "o"],
  operator: ["o"],
  alertmanager: ["a"],
};

describe("who may do what", () => {
  const tokens = ["none", "wrong", "v", "o", "a"];
  const cases = routes.flatMap((route) => tokens.map((token) => ({ token, route: `${route.method} ${route.path}` })));
  test.each(cases)("$route with the token $token", async ({ route, token }) => {
    const { method, path, access } = routes.find((one) => `${one.method} ${one.path}` === route)!;
    const answer = await askAdmin(bench.port, {
      method,
      path: path.replace(":id", "op1").replace(":kind", "failover").replace(":name", "shop"),
      ...(token !== "none" && { token }),
      ...(method === "POST" && { body: aBody[path] }),
    });
    const isAllowed = mayUse[access]!.includes(token);
    const refusal = token === "none" || token === "wrong" ? 401 : 403;
    expect(answer.status < 300 ? "allowed" : answer.status).toBe(isAllowed ? "allowed" : refusal);
    if (!isAllowed) expect(bench.actor.asked).toEqual([]);
  });

  test.each(["Basic bzpv", "Bearer", "Bearer  o", "o", "Bearer o o", `Bearer ${"o".repeat(600)}`])(
    "the header %j is no authentication",
    async (authorization) => {
      const answer = await askAdmin(bench.port, { path: "/v1/status", headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).toContain("Bearer");
    },
  );

  test("failed authentications are counted and answered late, valid ones never", async () => {
    await askAdmin(bench.port, { path: "/v1/status", token: "wrong" });
    await askAdmin(bench.port, { path: "/v1/status" });
    expect(bench.slept).toEqual([500, 500]);
    expect(bench.actor.counted).toEqual(["auth_failures", "auth_failures"]);
    await askAdmin(bench.port, { path: "/v1/status", token: "v" });
    await askAdmin(bench.port, { path: "/v1/mark-checked", token: "v", body: {} });
    expect(bench.slept).toHaveLength(2);
    expect(bench.actor.counted).toHaveLength(2);
  });

  test("every answer is counted by what was served and the class of its status, whatever path was asked for", async () => {
    await askAdmin(bench.port, { path: "/v1/status", token: "v" });
    await askAdmin(bench.port, { path: "/v1/nothing/of/this/kind", token: "v" });
    await askAdmin(bench.port, { path: "/webhooks/alertmanager", token: "wrong", body: {} });
    await fetch(`http://127.0.0.1:${bench.port}/ops`);
    expect(bench.actor.countedAnswers).toEqual([
      "http_requests.api.2xx",
      "http_requests.api.4xx",
      "http_requests.webhook.4xx",
      "http_requests.pages.4xx",
    ]);
  });

  test("nobody without a token makes it read a body", async () => {
    const answer = await askAdmin(bench.port, { path: "/v1/operations", body: "not json at all" });
    expect(answer.body).toMatchObject({ error: { code: "NOT_AUTHENTICATED" } });
  });
});

describe("what it asks of the actor", () => {
  test("the status as it is", async () => {
    expect((await askAdmin(bench.port, { path: "/v1/status", token: "v" })).body).toEqual(aStatus);
  });

  test("operations, all and one", async () => {
    const all = await askAdmin(bench.port, { path: "/v1/operations", token: "v" });
    expect(all.body).toEqual({ operations: [anOperation] });
    expect((await askAdmin(bench.port, { path: "/v1/operations/op1", token: "v" })).body).toEqual(anOperation);
    const none = await askAdmin(bench.port, { path: "/v1/operations/op2", token: "v" });
    expect([none.status, none.body]).toMatchObject([404, { error: { code: "NOT_FOUND" } }]);
  });

  test.each([
    { kind: "accepted", answer: { kind: "accepted", operation: anOperation }, status: 202 },
    { kind: "running", answer: { kind: "running", operation: anOperation }, status: 202 },
    {
      kind: "planned",
      answer: { kind: "planned", operation: anOperation, obstacles: ["lag"], plan: [], checks: [] },
      status: 200,
    },
  ] as const)("an operation that is $kind is answered with $status", async ({ kind, answer, status }) => {
    bench.actor.answer = answer;
    const body = { kind: "switch-to-secondary", reason: " patches ", dryRun: kind === "planned" };
    const got = await askAdmin(bench.port, { path: "/v1/operations", token: "o", body });
    expect(got.status).toBe(status);
    expect(got.body).toMatchObject({ outcome: kind, operation: anOperation });
    expect(bench.actor.asked).toEqual([
      {
        kind: "switch-to-secondary",
        reason: "patches",
        requestedBy: "olga",
        isDryRun: kind === "planned",
        isPeerOff: false,
      },
    ]);
  });

  test.each([
    { body: { kind: "force-to-secondary", reason: "x" }, because: "allowDataLoss: force-to-secondary loses" },
    { body: { kind: "failover", reason: "x", allowDataLoss: true }, because: "are for a forced takeover" },
    { body: { kind: "failover", reason: "x", peerIsOff: true }, because: "are for a forced takeover" },
  ])("consent that is missing or means nothing is refused: $body", async ({ body, because }) => {
    const answer = await askAdmin(bench.port, { path: "/v1/operations", token: "o", body });
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([400, expect.stringContaining(because)]);
    expect(bench.actor.asked).toEqual([]);
  });

  test("a dry run needs no reason", async () => {
    bench.actor.answer = { kind: "planned", operation: anOperation, obstacles: [], plan: [], checks: [] };
    const body = { kind: "failover", dryRun: true };
    expect((await askAdmin(bench.port, { path: "/v1/operations", token: "o", body })).status).toBe(200);
    expect(bench.actor.asked).toMatchObject([{ kind: "failover", reason: "", isDryRun: true }]);
  });

  test("a refused operation is 409 with reason and hint", async () => {
    bench.actor.answer = { kind: "refused", because: "not connected", hint: "wait" };
    const body = { kind: "failover", reason: "x" };
    const answer = await askAdmin(bench.port, { path: "/v1/operations", token: "o", body });
    expect(answer.status).toBe(409);
    expect(answer.body).toEqual({ error: { code: "OPERATION_REFUSED", message: "not connected", hint: "wait" } });
  });

  test.each([
    [true, false],
    [false, true],
  ])(
    "turning on what was %j says whether that changed anything, and whether the peer hears of it",
    async (was, changed) => {
      bench.actor.isEnabled = was;
      const answer = await askAdmin(bench.port, {
        path: "/v1/enabled",
        token: "o",
        body: { enabled: true, reason: "r" },
      });
      expect(answer.body).toEqual({ enabled: true, changed, isPeerConnected: true });
      const marked = await askAdmin(bench.port, { path: "/v1/mark-checked", token: "o", body: {} });
      expect(marked.body).toEqual({ isPeerConnected: true });
    },
  );

  test("retry, enabled, pause, resume, mark-checked, first-record, adopt and approvals reach it with the name of the token", async () => {
    const posts = [
      ["/v1/operations/op1/retry", ""],
      ["/v1/enabled", { enabled: false, reason: "move" }],
      ["/v1/pause", { forSeconds: 7200, reason: "patches" }],
      ["/v1/resume", {}],
      ["/v1/mark-checked", {}],
      ["/v1/first-record", {}],
      ["/v1/adopt", { reason: "newest data" }],
      ["/v1/divergence/acknowledge", {}],
      ["/v1/files/approve", { folder: "uploads" }],
      ["/v1/files/approve", { folder: "uploads", shown: "0123456789ab" }],
    ] as const;
    for (const [path, body] of posts) {
      const answer = await askAdmin(bench.port, { path, token: "o", body });
      expect(answer.status).toBeLessThan(300);
    }
    expect(bench.actor.asked).toEqual([
      { retry: "op1", requestedBy: "olga" },
      { isEnabled: false, requestedBy: "olga", reason: "move" },
      { pausedBy: "olga", reason: "patches", forSeconds: 7200 },
      { resumedBy: "olga" },
      { markCheckedBy: "olga" },
      { firstRecordBy: "olga" },
      { adoptedBy: "olga", reason: "newest data" },
      { divergenceAcknowledgedBy: "olga" },
      { approved: "uploads", requestedBy: "olga" },
      { approved: "uploads", requestedBy: "olga", shown: "0123456789ab" },
    ]);
    const lines = bench.log.lines.filter(({ event }) => event === "admin-request");
    expect(lines.map(({ fields }) => fields["by"])).toEqual(posts.map(() => "olga"));
  });

  test("an adoption answers the takeover that it begins", async () => {
    bench.actor.adoption = anOperation;
    const answer = await askAdmin(bench.port, { path: "/v1/adopt", token: "o", body: { reason: "x" } });
    expect([answer.status, answer.body]).toEqual([202, { operation: anOperation }]);
  });
});

describe("what it refuses", () => {
  test.each([
    { when: "a key is unknown", body: { kind: "failover", reason: "x", force: true } },
    { when: "the kind is unknown", body: { kind: "reboot", reason: "x" } },
    { when: "the reason is missing", body: { kind: "failover" } },
    { when: "the reason is blank", body: { kind: "failover", reason: " " } },
    { when: "the reason is blank and dryRun says no", body: { kind: "failover", dryRun: false } },
    { when: "the reason is endless", body: { kind: "failover", reason: "x".repeat(501) } },
    { when: "it is no JSON", body: "{" },
    { when: "it is a list", body: [] },
  ])("400 when $when, without repeating it", async ({ body }) => {
    const answer = await askAdmin(bench.port, { path: "/v1/operations", token: "o", body });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).not.toMatch(/force|reboot|xxx/);
    expect(bench.actor.asked).toEqual([]);
  });

  test.each([
    { when: "a form", headers: { "content-type": "application/x-www-form-urlencoded" } },
    { when: "plain text", headers: { "content-type": "text/plain" } },
    { when: "no content type", headers: { "content-type": "" } },
    { when: "compressed", headers: { "content-encoding": "gzip" } },
  ])("415 for a body that is $when", async ({ headers }) => {
    const answer = await askAdmin(bench.port, { path: "/v1/mark-checked", token: "o", body: {}, headers });
    expect(answer.status).toBe(415);
    expect(bench.actor.asked).toEqual([]);
  });

  test.each([
    { origin: "https://evil.example", status: 403 },
    { origin: "null", status: 403 },
    { origin: "own", status: 200 },
  ])("a POST from the origin $origin: $status", async ({ origin, status }) => {
    const headers = { origin: origin === "own" ? `http://127.0.0.1:${bench.port}` : origin };
    const answer = await askAdmin(bench.port, { path: "/v1/mark-checked", token: "o", body: {}, headers });
    expect(answer.status).toBe(status);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test.each([{ chunked: false }, { chunked: true }])("413 above 256 KiB, chunked: $chunked", async ({ chunked }) => {
    const body = JSON.stringify({ kind: "failover", reason: "x".repeat(2 * 1024 * 1024) });
    const headers: Record<string, string> = chunked ? { "transfer-encoding": "chunked" } : {};
    const answer = await askAdmin(bench.port, { path: "/v1/operations", token: "o", body, headers });
    expect(answer.status).toBe(413);
    expect(answer.body).toMatchObject({ error: { code: "REQUEST_TOO_LARGE" } });
  });

  test.each([
    { when: "413 for a size above the limit", authorization: "Bearer o", starts: "HTTP/1.1 413" },
    { when: "401 without a token", authorization: "none", starts: "HTTP/1.1 401" },
  ])("$when is answered before the body comes, and the connection closed", async ({ authorization, starts }) => {
    const answer = await speakRaw(
      bench.port,
      `POST /v1/operations HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n` +
        `content-type: application/json\r\ncontent-length: 1000000\r\n\r\n{`,
    );
    expect(answer.startsWith(starts)).toBe(true);
  });

  test.each([
    { method: "GET", path: "/" },
    { method: "GET", path: "/v1/enabled" },
    { method: "DELETE", path: "/v1/operations/op1" },
    { method: "OPTIONS", path: "/v1/operations" },
    { method: "GET", path: "/v1/operations/%E0%A4%A" },
  ])("$method $path is nothing it answers", async ({ method, path }) => {
    const answer = await askAdmin(bench.port, { method, path, token: "o" });
    expect([404, 400]).toContain(answer.status);
    expect(answer.body).toHaveProperty("error.code");
  });

  test("an expected failure keeps its code, message and hint; any other is told to the log only", async () => {
    bench.actor.failure = new AppError("OWNERSHIP_UNCLEAR", "no record", { hint: "wait" });
    const question = { path: "/v1/first-record", token: "o", body: {} };
    const expected = await askAdmin(bench.port, question);
    expect(expected.status).toBe(409);
    expect(expected.body).toEqual({ error: { code: "OWNERSHIP_UNCLEAR", message: "no record", hint: "wait" } });
    bench.actor.failure = new Error("secret detail");
    const other = await askAdmin(bench.port, question);
    expect(other.status).toBe(500);
    expect(JSON.stringify(other.body)).not.toContain("secret");
    const errors = bench.log.lines.filter(({ level }) => level === "error");
    expect(errors).toMatchObject([{ event: "admin-request-failed", fields: { because: "secret detail" } }]);
  });
});

test("every answer carries the security headers", async () => {
  for (const path of ["/-/healthy", "/v1/status", "/nothing"]) {
    const { headers } = await askAdmin(bench.port, { path });
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    });
    expect(headers["x-powered-by"]).toBeUndefined();
  }
});

test("with a certificate it speaks HTTPS", async () => {
  const certificate = await makeCertificate("localhost");
  const secure = await startAdmin(certificate);
  const question = { path: "/v1/status", token: "v", ca: certificate.certificate };
  expect((await askAdmin(secure.port, question)).body).toEqual(aStatus);
  await secure.server.stop();
});

test("an address in use is LISTENER_FAILED and names it", async () => {
  const { createAdminServer } = await import("../../../actor/http/admin-server.js");
  const { actor, log, port } = bench;
  const second = createAdminServer({
    listen: { host: "127.0.0.1", port },
    tls: undefined,
    actor,
    databases: stubDatabases,
    pair: "shop",
    verifyToken: () => undefined,
    log,
    clock: { monotonicMs: () => 0, wallMs: () => 0, sleep: () => Promise.resolve() },
  });
  await expect(second.start()).rejects.toMatchObject({ code: "LISTENER_FAILED" });
  await second.stop();
});

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import http from "node:http";
import { AppError } from "../../../../shared/core/app-error.js";
import { pageCatalogue, pageNames } from "../../../../shared/core/page-catalogue.js";
import { startAdmin, type AdminBench } from "../../../support/admin-bench.js";
import { anOperation } from "../../../support/fake-actor.js";

interface Page {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

let bench: AdminBench;
beforeEach(async () => {
  bench = await startAdmin();
});
afterEach(() => bench.server.stop());

function ask(
  path: string,
  options: { cookie?: string; form?: Record<string, string>; headers?: object } = {},
): Promise<Page> {
  const { cookie, form, headers = {} } = options;
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: "127.0.0.1",
        port: bench.port,
        path,
        agent: false,
        method: form ? "POST" : "GET",
        headers: {
          ...(cookie === undefined ? {} : { cookie }),
          ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
          ...headers,
        },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    request.on("error", reject);
    request.end(form ? new URLSearchParams(form).toString() : undefined);
  });
}

async function signIn(token = "o"): Promise<string> {
  const { headers } = await ask("/ops/sign-in", { form: { token } });
  return headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
}

const csrfOf = (text: string): string => /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? "";

async function confirm(name: string, fields: Record<string, string> = {}, token = "o"): Promise<Page> {
  const cookie = await signIn(token);
  const csrf = csrfOf((await ask("/ops", { cookie })).text);
  bench.actor.asked.length = 0;
  return ask(`/ops/${name}`, { cookie, form: { csrf, confirmed: "yes", ...fields } });
}

describe("signing in", () => {
  test("with a token gives a cookie that no script reads and no other site sends", async () => {
    const { status, headers } = await ask("/ops/sign-in", { form: { token: "o" } });
    expect([status, headers.location]).toEqual([303, "/ops"]);
    expect(headers["set-cookie"]?.[0]).toMatch(
      // No age: the browser would drop it so long after the sign-in, in the midst of a switchover.
      /^__Host-sparesync=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    const page = await ask("/ops", { cookie: await signIn() });
    expect([page.status, page.text.includes("signed in as olga (operator)")]).toEqual([200, true]);
  });

  test.each(["nobody's", "a", ""])("with the token %j is refused late and counted", async (token) => {
    const { status, text, headers } = await ask("/ops/sign-in", { form: { token } });
    expect([status, headers["set-cookie"]]).toEqual([401, undefined]);
    expect(text).toContain('role="alert"');
    expect(bench.actor.counted).toEqual(["auth_failures"]);
    expect(bench.slept).toEqual([500]);
  });

  test.each([
    { asked: "/ops/switch-to-secondary", next: "/ops/switch-to-secondary" },
    { asked: "/ops/operations/op1", next: "/ops/operations/op1" },
    { asked: "/ops/pause?again", next: "/ops/pause" },
    // What follows the steps by script is no page.
    { asked: "/ops/operations/op1/steps", next: "/ops" },
  ])("asked for at $asked leads to $next, also after a wrong token", async ({ asked, next }) => {
    const field = `<input type="hidden" name="next" value="${next}" />`;
    expect((await ask(asked)).text).toContain(field);
    expect((await ask("/ops/sign-in", { form: { token: "nobody's", next } })).text).toContain(field);
    const { status, headers } = await ask("/ops/sign-in", { form: { token: "o", next } });
    expect([status, headers.location]).toEqual([303, next]);
  });

  test.each(["https://elsewhere.example.test/ops", "//elsewhere.example.test", "/ops/../health", "/ops/sign-out", ""])(
    "leads to the list and not to %j",
    async (next) => {
      const { status, headers } = await ask("/ops/sign-in", { form: { token: "o", next } });
      expect([status, headers.location]).toEqual([303, "/ops"]);
    },
  );

  test("is not asked of whoever is signed in and follows a link of another site: the page asks for itself once", async () => {
    const goesOn = '<meta http-equiv="refresh" content="0; url=/ops/pause?again" />';
    const fromElsewhere = { headers: { "sec-fetch-site": "cross-site" } };
    expect((await ask("/ops/pause", fromElsewhere)).text).toContain(goesOn);
    for (const site of ["same-origin", "same-site", "none"]) {
      expect((await ask("/ops/pause?again", { headers: { "sec-fetch-site": site } })).text).not.toContain(goesOn);
    }
    expect((await ask("/ops/pause", { ...fromElsewhere, form: {} })).text).not.toContain(goesOn);
  });

  test("ends by signing out, and is needed for every page", async () => {
    const cookie = await signIn();
    const csrf = csrfOf((await ask("/ops", { cookie })).text);
    const { headers } = await ask("/ops/sign-out", { cookie, form: { csrf } });
    expect(headers["set-cookie"]?.[0]).toMatch(/^__Host-sparesync=; Path=\/; Max-Age=0; /);
    const paths = [
      "/ops",
      "/ops/operations/op1",
      "/ops/operations/op1/steps",
      ...pageNames.map((name) => `/ops/${name}`),
    ];
    for (const path of paths) expect([path, (await ask(path, { cookie })).status]).toEqual([path, 401]);
    expect(bench.actor.asked).toEqual([]);
  });
});

describe("a page", () => {
  test("lets nothing run or load that is not its own, and is kept by nobody", async () => {
    const { headers, text } = await ask("/ops", { cookie: await signIn() });
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({ "cache-control": "no-store", "x-frame-options": "DENY" });
    expect(text).not.toMatch(/<script>|<style|\son\w+=|style=|https?:\/\//);
  });

  test("of the list leads to every operation of the catalogue", async () => {
    const { text } = await ask("/ops", { cookie: await signIn() });
    expect(
      pageNames.filter((name) => !text.includes(`<a href="/ops/${name}">${pageCatalogue[name].title}</a>`)),
    ).toEqual([]);
  });

  test("of an operation shows what it does, the plan, what stands in the way, and a form with a label for each field", async () => {
    const step = {
      name: "drain",
      title: "Send what is left",
      runsOn: "primary",
      startedAtMs: 0,
      endedAtMs: 0,
    } as const;
    const operation = { ...anOperation, steps: [{ ...step, state: "waiting" as const, because: "" }] };
    bench.actor.answer = { kind: "planned", operation, plan: [], checks: [], obstacles: ["a folder <has> errors"] };
    const { text } = await ask("/ops/switch-to-secondary", { cookie: await signIn() });
    expect(text).toContain(pageCatalogue["switch-to-secondary"].purpose);
    expect(text).toContain("a folder &lt;has&gt; errors");
    expect(text).toContain("<li>Send what is left, on the primary: <strong>waiting</strong></li>");
    expect(bench.actor.asked).toMatchObject([{ kind: "switch-to-secondary", isDryRun: true, requestedBy: "olga" }]);
    for (const [, id] of text.matchAll(/<(?:input|select) id="(\w+)"/g)) expect(text).toContain(`<label for="${id}">`);
  });

  test("of an operation shows what was looked at on both servers, and what to do about what does not hold", async () => {
    const checks = [
      { server: "primary", name: "folders", passed: true, because: "they are there", hint: "" },
      { server: "secondary", name: "room", passed: false, because: "the disk is <full>", hint: "Make room" },
    ] as const;
    bench.actor.answer = { kind: "planned", operation: anOperation, plan: [], checks, obstacles: [] };
    const { text } = await ask("/ops/force-to-primary", { cookie: await signIn() });
    expect(text).toContain('<th scope="row">primary: folders</th>');
    expect(text).toContain("passed: they are there<");
    expect(text).toContain("not passed: the disk is &lt;full&gt;. Make room<");
  });

  test("of a viewer has no form", async () => {
    const { text } = await ask("/ops/turn-off", { cookie: await signIn("v") });
    expect(text).toContain("may look and not act");
    expect(text).not.toContain("<button>Turn SpareSync off");
    expect(bench.actor.asked).toEqual([]);
  });
});

describe("a confirmed page", () => {
  test.each<{ name: string; fields: Record<string, string>; asked: object }>([
    {
      name: "pause",
      fields: { hours: "1.5", reason: "patches" },
      asked: { pausedBy: "olga", reason: "patches", forSeconds: 5400 },
    },
    { name: "resume", fields: {}, asked: { resumedBy: "olga" } },
    { name: "mark-checked", fields: {}, asked: { markCheckedBy: "olga" } },
    { name: "acknowledge", fields: {}, asked: { markCheckedBy: "olga" } },
    {
      name: "turn-off",
      fields: { reason: "patches" },
      asked: { isEnabled: false, requestedBy: "olga", reason: "patches" },
    },
    { name: "turn-on", fields: { reason: "done" }, asked: { isEnabled: true, requestedBy: "olga", reason: "done" } },
    { name: "test-message", fields: { code: "TurnedOn" }, asked: { testMessage: "TurnedOn", requestedBy: "olga" } },
    { name: "drill", fields: {}, asked: { drillBy: "olga" } },
  ])("$name asks the actor for it", async ({ name, fields, asked }) => {
    const { status, text } = await confirm(name, fields);
    expect([status, text.includes('role="status"')]).toEqual([200, true]);
    expect(bench.actor.asked).toEqual([asked]);
  });

  test("test-dns-record tells what was tried, and what has failed", async () => {
    expect((await confirm("test-dns-record")).text).toContain("The test has passed: add x.");
    expect(bench.actor.asked).toEqual([{ nameServerTestBy: "olga" }]);
    bench.actor.testNameServer = () =>
      Promise.resolve([{ what: "add x", passed: false, because: "REFUSED", seconds: 0.1 }]);
    expect((await confirm("test-dns-record")).text).toContain("The test has failed: add x: REFUSED.");
  });

  test.each(["switch-to-secondary", "switch-to-primary", "failover"])("%s leads to its steps", async (name) => {
    const { status, headers } = await confirm(name, { reason: "patches" });
    expect([status, headers.location]).toEqual([303, "/ops/operations/op1"]);
    expect(bench.actor.asked).toMatchObject([{ kind: name, reason: "patches", isDryRun: false }]);
    const cookie = await signIn();
    expect((await ask("/ops/operations/op1", { cookie })).text).toContain('aria-live="polite"');
    const steps = await ask("/ops/operations/op1/steps", { cookie });
    expect(steps.headers["x-operation-state"]).toBe("running");
    expect((await ask("/ops/operations/op9", { cookie })).status).toBe(404);
  });

  test.each([
    { fields: { peerIsOff: "yes" }, isPeerOff: true },
    { fields: {}, isPeerOff: false },
  ])(
    "force-to-secondary is asked for with what was said of the other server: $isPeerOff",
    async ({ fields, isPeerOff }) => {
      expect((await confirm("force-to-secondary", { ...fields, reason: "lost" })).status).toBe(303);
      const asked = { kind: "force-to-secondary", reason: "lost", isDryRun: false, isPeerOff };
      expect(bench.actor.asked).toMatchObject([asked]);
    },
  );

  test("abort names the operation it is about, and is refused without one", async () => {
    const { status, headers } = await confirm("abort", { operation: "op1" });
    expect([status, headers.location]).toEqual([303, "/ops/operations/op1"]);
    expect(bench.actor.asked).toEqual([{ abort: "op1", requestedBy: "olga" }]);
    expect((await confirm("abort")).status).toBe(400);
    expect(bench.actor.asked).toEqual([]);
  });

  test("that the actor refuses says why and what to do", async () => {
    bench.actor.answer = { kind: "refused", because: "the primary serves", hint: "Switch instead" };
    const { status, text } = await confirm("failover", { reason: "x" });
    expect(status).toBe(409);
    expect(text).toContain("the primary serves. Switch instead");
  });

  test("that fails by a fault tells the log only", async () => {
    bench.actor.failure = new Error("a secret detail");
    const { status, text } = await confirm("mark-checked");
    expect([status, text.includes("a secret detail")]).toEqual([500, false]);
    expect(bench.log.events).toContain("admin-request-failed");
    bench.actor.failure = new AppError("OPERATION_RUNNING", "wait until it has ended");
    expect((await confirm("mark-checked")).text).toContain("wait until it has ended");
  });
});

describe("nothing is done", () => {
  const fields = { reason: "patches" };
  test.each<{ when: string; send: () => Promise<Page>; status: number }>([
    {
      when: "nobody is signed in",
      send: () => ask("/ops/turn-off", { form: { confirmed: "yes", ...fields } }),
      status: 401,
    },
    {
      when: "the form is of another sign-in",
      send: () => confirm("turn-off", { ...fields, csrf: "x".repeat(43) }),
      status: 403,
    },
    {
      when: "the form has no mark of the sign-in",
      send: () => confirm("turn-off", { ...fields, csrf: "" }),
      status: 403,
    },
    { when: "it was not confirmed", send: () => confirm("turn-off", { ...fields, confirmed: "" }), status: 400 },
    { when: "no reason is given", send: () => confirm("turn-off", { reason: " " }), status: 400 },
    { when: "the pause is too long", send: () => confirm("pause", { ...fields, hours: "1e9" }), status: 400 },
    { when: "the pause is no number", send: () => confirm("pause", { ...fields, hours: "x" }), status: 400 },
    { when: "the code is not known", send: () => confirm("test-message", { code: "x" }), status: 400 },
    { when: "a viewer asks", send: () => confirm("turn-off", fields, "v"), status: 403 },
    { when: "the form is too large", send: () => confirm("turn-off", { reason: "x".repeat(20_000) }), status: 413 },
    {
      when: "the form comes from a page of another origin",
      send: async () => {
        const cookie = await signIn();
        const csrf = csrfOf((await ask("/ops", { cookie })).text);
        const headers = { origin: "https://evil.test" };
        return ask("/ops/turn-off", { cookie, headers, form: { csrf, confirmed: "yes", ...fields } });
      },
      status: 403,
    },
  ])("when $when", async ({ send, status }) => {
    expect((await send()).status).toBe(status);
    expect(bench.actor.asked).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { createAdminServer, type AdminServer } from "../../actor/http/admin-server.js";
import { pageCatalogue, pageNames } from "../../shared/core/page-catalogue.js";
import type { ActorStatus, OperationView } from "../../shared/core/status.js";
import { createSelfSignedCertificate } from "../../shared/self-signed-certificate.js";
import { FakeActor, anOperation } from "../support/fake-actor.js";
import { rememberLog } from "../support/log-memory.js";
import { loopbackClock } from "../support/loopback-clock.js";
import { stubDatabases } from "../support/stub-databases.js";
import { findProgram, neededPrograms } from "../run-tests/needed-programs.js";

const step = { name: "drain", title: "Send what is left", runsOn: "primary", startedAtMs: 1, endedAtMs: 0 } as const;

/** An actor whose one operation moves on when the test says so. */
class MovingActor extends FakeActor {
  operation: OperationView = { ...anOperation, steps: [{ ...step, state: "running", because: "" }] };
  override operations(): readonly OperationView[] {
    return [this.operation];
  }
  override status(): ActorStatus {
    return { ...super.status(), operation: this.operation };
  }
}

const phone = { width: 360, height: 740 };
const actor = new MovingActor();
const problems: string[] = [];
let server: AdminServer;
let browser: Browser;
let origin: string;

beforeAll(async () => {
  const { certificate, privateKey } = await createSelfSignedCertificate("ops", ["127.0.0.1"]);
  server = createAdminServer({
    listen: { host: "127.0.0.1", port: 0 },
    tls: { certificate, privateKey },
    actor,
    databases: stubDatabases,
    pair: "shop",
    verifyToken: (token) => (token === "the-token" ? { name: "olga", role: "operator" } : undefined),
    log: rememberLog(),
    clock: loopbackClock,
  });
  origin = `https://127.0.0.1:${(await server.start()).port}`;
  const program = neededPrograms.find(({ name }) => name === "chromium");
  const executablePath = program && findProgram(program);
  if (executablePath === undefined) throw new Error("missing program: chromium");
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}, 120_000);

afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function openPage(options: {
  readonly javaScriptEnabled: boolean;
}): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ ...options, ignoreHTTPSErrors: true, viewport: phone });
  const page = await context.newPage();
  page.on("console", (message) => {
    // The browser says so when it was shown a sign-in page with its 401, or a refusal; nothing else may go wrong.
    if (message.type() === "error" && !/status of 40[13]/.test(message.text())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) problems.push(`asks elsewhere: ${request.url()}`);
  });
  return { context, page };
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${origin}/ops`);
  await page.getByLabel("Access token").fill("the-token");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Operations", exact: true }).waitFor();
}

describe("the operation pages in Chromium", () => {
  test("lead from the sign-in to a switchover and show its steps as they go", async () => {
    const { context, page } = await openPage({ javaScriptEnabled: true });
    await signIn(page);
    expect(await page.evaluate("document.cookie")).toBe("");
    // Until the browser is closed: how long a sign-in lasts says the server.
    expect((await context.cookies()).map(({ expires }) => expires)).toEqual([-1]);
    actor.answer = { kind: "planned", operation: actor.operation, plan: [], checks: [], obstacles: [] };
    await page.getByRole("link", { name: "Switch to the secondary" }).click();
    await page.getByText("Nothing stands in the way.").waitFor();
    await page.getByLabel("Why (it stands in the history)").fill("patches");
    const button = page.getByRole("button", { name: "Switch to the secondary" });
    await button.click();
    // Not confirmed: the browser itself keeps the form.
    expect(page.url()).toBe(`${origin}/ops/switch-to-secondary`);
    await page.getByRole("checkbox").check();
    actor.answer = { kind: "accepted", operation: actor.operation };
    await button.click();
    const steps = page.getByRole("region", { name: "Steps" });
    await steps.getByText("running").first().waitFor();
    const doneStep = { ...step, state: "done", because: "" } as const;
    actor.operation = { ...actor.operation, state: "done", steps: [doneStep] };
    await steps.getByText("The operation: done").waitFor();
    expect(page.url()).toBe(`${origin}/ops/operations/op1`);
    expect(actor.asked).toContainEqual(
      expect.objectContaining({ kind: "switch-to-secondary", reason: "patches", isDryRun: false, requestedBy: "olga" }),
    );
    await context.close();
  }, 120_000);

  test("force a server, and abort what was begun: only from their own form, and followed to the end", async () => {
    const { context, page } = await openPage({ javaScriptEnabled: true });
    await signIn(page);
    const { title } = pageCatalogue["force-to-secondary"];
    const running = { ...step, state: "running", because: "" } as const;
    actor.operation = { ...anOperation, id: "op2", kind: "force-to-secondary", state: "running", steps: [running] };
    actor.answer = { kind: "planned", operation: actor.operation, plan: [], checks: [], obstacles: ["copies: 3 rows"] };
    await page.getByRole("link", { name: title }).click();
    await page.getByText("copies: 3 rows").waitFor();
    const fillIn = async (): Promise<void> => {
      await page.getByLabel("Why (it stands in the history)").fill("the primary burns");
      await page.getByLabel(/application on the other server is stopped/).check();
      await page.getByLabel(/I have read what it does/).check();
    };
    const asked = actor.asked.length;
    await fillIn();
    await page.evaluate("document.querySelector('main input[name=csrf]').value = 'guessed'");
    await page.getByRole("button", { name: title }).click();
    await page.getByRole("alert").getByText("this form does not belong to your sign-in").waitFor();
    expect(actor.asked).toHaveLength(asked);

    await page.goto(`${origin}/ops/force-to-secondary`);
    await fillIn();
    actor.answer = { kind: "accepted", operation: actor.operation };
    await page.getByRole("button", { name: title }).click();
    const steps = page.getByRole("region", { name: "Steps" });
    await steps.getByText("running").first().waitFor();
    expect(page.url()).toBe(`${origin}/ops/operations/op2`);
    expect(actor.asked.at(-1)).toEqual({
      ...{ kind: "force-to-secondary", requestedBy: "olga", reason: "the primary burns" },
      ...{ isDryRun: false, isPeerOff: true },
    });

    const following = await context.newPage();
    await following.goto(`${origin}/ops/abort`);
    await following.getByLabel("Which operation").selectOption("op2");
    await following.getByLabel(/I have read what it does/).check();
    await following.getByRole("button", { name: pageCatalogue.abort.title }).click();
    await following.waitForURL(`${origin}/ops/operations/op2`);
    expect(actor.asked.at(-1)).toEqual({ abort: "op2", requestedBy: "olga" });
    actor.operation = {
      ...actor.operation,
      state: "undone",
      steps: [{ ...step, state: "undone", because: "aborted" }],
    };
    // Both windows show the end without being loaded anew.
    for (const shown of [page, following]) {
      await shown.getByRole("region", { name: "Steps" }).getByText("The operation: undone").waitFor();
    }
    await context.close();
  }, 120_000);

  test("let no other site's form through and run no script but their own", async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await signIn(page);
    await page.goto(`${origin}/ops/abort`);
    await page.evaluate(`{
      const script = document.createElement("script");
      script.textContent = "window.isForeignRun = true";
      document.body.append(script);
    }`);
    expect(await page.evaluate("window.isForeignRun")).toBeUndefined();
    const asked = actor.asked.length;
    const elsewhere = await context.newPage();
    await elsewhere.setContent(`<form method="post" action="${origin}/ops/mark-checked">
      <input name="confirmed" value="yes"><button>Win a prize</button></form>`);
    await elsewhere.getByRole("button").click();
    // The cookie stays at home: whoever comes from another site is nobody.
    await elsewhere.getByLabel("Access token").waitFor();
    expect(actor.asked).toHaveLength(asked);
    // A link leads to a page, though, without another sign-in: as from the dashboards.
    const dashboard = await context.newPage();
    await dashboard.setContent(`<a href="${origin}/ops/pause">Pause</a>`);
    await dashboard.getByRole("link").click();
    await dashboard.getByRole("heading", { level: 1, name: pageCatalogue.pause.title }).waitFor();
    await dashboard.getByText("signed in as olga").waitFor();
    await context.close();
  }, 120_000);

  test("work without scripts, on a phone, by their labels", async () => {
    const { context, page } = await openPage({ javaScriptEnabled: false });
    await signIn(page);
    actor.answer = { kind: "refused", because: "the primary serves", hint: "" };
    for (const name of pageNames) {
      await page.goto(`${origin}/ops/${name}`);
      await page.getByRole("heading", { level: 1, name: pageCatalogue[name].title, exact: true }).waitFor();
      await page.getByRole("button", { name: pageCatalogue[name].title, exact: true }).waitFor();
      for (const { label } of pageCatalogue[name].fields) await page.getByLabel(label).waitFor();
      const main = await page.getByRole("main").boundingBox();
      expect((main?.x ?? 0) + (main?.width ?? 0)).toBeLessThanOrEqual(phone.width);
    }
    await page.goto(`${origin}/ops/pause`);
    await page.getByLabel("For how many hours").fill("2");
    await page.getByLabel("Why (it stands in the history)").fill("patches");
    await page.getByRole("button", { name: "Pause automatic switching" }).click();
    await page.getByRole("status").getByText("Automatic switching is paused.").waitFor();
    expect(actor.asked).toContainEqual({ pausedBy: "olga", reason: "patches", forSeconds: 7200 });
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Access token").waitFor();
    await page.goto(`${origin}/ops`);
    await page.getByLabel("Access token").waitFor();
    await context.close();
  }, 120_000);

  test("break no rule of their own policy and ask nobody else", () => {
    expect(problems).toEqual([]);
  });
});

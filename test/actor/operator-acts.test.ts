import { describe, expect, test } from "@jest/globals";
import type { Actor } from "../../actor/actor-api.js";
import { createActor } from "../../actor/actor.js";
import { emptyFacts, type KeptFacts } from "../../actor/core/kept-facts.js";
import { createDatabaseTasks } from "../../actor/database/run-tasks.js";
import { carryOut, type Form } from "../../actor/http/ops/carry-out.js";
import { routes } from "../../actor/http/routes/index.js";
import type { SyncPart } from "../../actor/sync-part.js";
import { pageNames, type PageName } from "../../shared/core/page-catalogue.js";
import { FakePorts, firstRecord } from "../support/context-bench.js";
import { exampleSettings } from "../support/settings-example.js";
import { settled } from "../support/manual-clock.js";

const nothing = { isComplete: true, tables: 0, rows: 0, differences: 0, repaired: 0, unverified: [], found: [] };
const part = {
  name: "files",
  status: () => [],
  close: () => Promise.resolve(),
  approve: () => Promise.resolve(true),
  requestAnalysis: (_: boolean, folders: readonly string[]) => Promise.resolve(folders),
};

interface Scene {
  readonly body?: object;
  readonly params?: Readonly<Record<string, string>>;
  /** What the person did before. */
  readonly before?: (actor: Actor) => Promise<void>;
  readonly facts?: Partial<KeptFacts>;
}

async function open({ before, facts }: Scene) {
  const ports = new FakePorts();
  (ports.parts as SyncPart[]).push(part as unknown as SyncPart);
  ports.document = { ...emptyFacts("shop", "primary"), record: firstRecord, readyRecordIds: ["first"], ...facts };
  const actor = await createActor(
    ports,
    exampleSettings((input) => {
      input.server = "primary";
    }),
  );
  await before?.(actor);
  const events = () => (ports.document as KeptFacts).events;
  const former = events().length;
  const databases = createDatabaseTasks({
    databases: [{ name: "shop" }],
    sync: {
      verify: () => Promise.resolve(nothing),
      reinitialise: () => Promise.resolve(),
      declareSame: () => Promise.resolve(),
    },
    clock: ports.clock,
    log: ports.log,
    recordAct: (act) => void actor.recordAct(act),
  });
  return { actor, databases, fresh: () => events().slice(former) };
}

const scenes: Readonly<Record<string, Scene>> = {
  "/v1/operations": { body: { kind: "switch-to-secondary", reason: "patches", dryRun: false } },
  "/v1/operations/:id/abort": { params: { id: "gone" } },
  "/v1/operations/:id/retry": { params: { id: "gone" } },
  "/v1/enabled": { body: { enabled: false, reason: "patches" } },
  "/v1/pause": { body: { reason: "patches", forSeconds: 60 } },
  "/v1/resume": { before: (actor) => actor.pause("olga", "patches", 60) },
  "/v1/mark-checked": {},
  "/v1/messages/test": { body: { code: "TurnedOn" } },
  "/v1/first-record": {},
  "/v1/adopt": { body: { reason: "restored" } },
  "/v1/databases/:name/task": { params: { name: "shop" }, body: { task: "reinitialise" } },
  "/v1/files/approve": { body: { folder: "uploads" } },
  "/v1/files/analyse": { body: {} },
  "/v1/divergence/acknowledge": {},
  "/v1/dns/test": {},
  "/v1/drills": {},
};
const operatorRoutes = routes.filter(({ method, access }) => method === "POST" && access === "operator");

describe("what an operator asks for stands in the history with the operator's name", () => {
  test("for every route there is a row", () => {
    expect(Object.keys(scenes).sort()).toEqual(operatorRoutes.map(({ path }) => path).sort());
  });

  test.each(operatorRoutes)("$path", async (route) => {
    const scene = scenes[route.path] ?? {};
    const { actor, databases, fresh } = await open(scene);
    const asked = { actor, databases, pair: "shop", callerName: "olga", query: {}, params: scene.params ?? {} };
    await Promise.resolve(route.answer({ ...asked, body: route.body?.parse(scene.body ?? {}) })).catch(() => undefined);
    await settled();
    expect(fresh().map(({ who }) => who)).toContain("olga");
  });

  test.each(pageNames)("the page %s", async (name: PageName) => {
    const before = name === "resume" ? scenes["/v1/resume"]?.before : undefined;
    const facts = name === "turn-on" ? { isEnabled: false, enabledBecause: "otto: patches" } : {};
    const { actor, fresh } = await open({ ...(before ? { before } : {}), facts });
    const form: Form = { reason: "patches", hours: "1", code: "TurnedOn", operation: "gone", peerIsOff: "yes" };
    await carryOut(actor, name, form, "olga").catch(() => undefined);
    expect(fresh().map(({ who }) => who)).toContain("olga");
  });

  test("with what came of it, also when it failed", async () => {
    const { actor, fresh } = await open({});
    await actor.approveFolder("uploads", "olga");
    await expect(actor.beginDrill("olga")).rejects.toMatchObject({ code: "OPERATION_REFUSED" });
    expect(fresh()).toMatchObject([
      { name: "OperatorActed", who: "olga", why: "approve the removals", subject: "uploads", result: "approved" },
      { name: "OperatorActed", who: "olga", why: "drill", result: expect.stringContaining("failed: a drill is held") },
    ]);
  });

  test("with the folders that are compared, and how", async () => {
    const { actor, fresh } = await open({});
    await actor.analyseFolders({ folder: "uploads", hasContent: true }, "olga");
    await expect(actor.analyseFolders({ folder: "gone", hasContent: false }, "olga")).rejects.toThrow(/"gone"/);
    const [done, failed] = fresh();
    expect(done).toMatchObject({ why: "compare folders by content", subject: "uploads", result: "asked for: uploads" });
    expect(failed).toMatchObject({
      why: "compare folders in full",
      result: expect.stringContaining("failed: There is"),
    });
  });

  test("a look at the plan leaves nothing", async () => {
    const { actor, fresh } = await open({});
    const look = { kind: "switch-to-secondary", requestedBy: "olga", reason: "a look", isDryRun: true } as const;
    await actor.requestOperation(look);
    expect(fresh()).toEqual([]);
  });
});

import { describe, expect, test } from "@jest/globals";
import type { OperationRequest } from "../../../actor/actor-api.js";
import type { KeptFacts } from "../../../actor/core/kept-facts.js";
import { beginOperation } from "../../../actor/operations/begin-operation.js";
import type { ServerName } from "../../../shared/core/server-name.js";
import type { ActorStatus } from "../../../shared/core/status.js";
import { benchContext, type ContextBench } from "../../support/context-bench.js";
import { anOperationDocument } from "../../support/kept-documents.js";
import { anOperation, aStatus } from "../../support/fake-actor.js";

const bySecondary = { epoch: 2, active: "secondary", operationId: "switched" } as const;

async function bench(server: ServerName, facts: Partial<KeptFacts> = {}): Promise<ContextBench> {
  const made = await benchContext(server, { facts });
  made.context.situation.isUpdateServerReachable = true;
  return made;
}

function hear({ context, ports }: ContextBench, status: Partial<ActorStatus>): void {
  context.situation.peerHeardAtMs = ports.clock.monotonicMs();
  context.situation.peerStatus = { ...aStatus, server: "primary", ...status };
}

function ask({ context }: ContextBench, kind: OperationRequest["kind"], more: Partial<OperationRequest> = {}) {
  const request = { kind, requestedBy: "olga", reason: "r", isDryRun: false, isAutomatic: false, ...more };
  return beginOperation(context, request);
}

describe("a manual failover", () => {
  test("is not blocked by the automatic one before it that nobody has marked checked", async () => {
    const made = await bench("secondary");
    const atMs = made.ports.clock.wallMs();
    await made.context.store.change((facts) => ({
      ...facts,
      lastAutomaticFailover: { atMs, isAcknowledged: false },
    }));
    expect((await ask(made, "failover")).kind).toBe("accepted");
  });

  test("asked for while the other server coordinates an operation gets that one's id", async () => {
    const made = await bench("secondary");
    hear(made, { operation: { ...anOperation, id: "theirs" } });
    expect(await ask(made, "failover")).toMatchObject({ kind: "running", operation: { id: "theirs" } });
    expect(made.kept().operation).toBeNull();
  });

  test.each([
    { when: "it asks a person", operation: { ...anOperation, state: "asks-a-person" as const } },
    { when: "it has ended", operation: { ...anOperation, endedAtMs: 5 } },
  ])("is not held up by the other server's operation when $when", async ({ operation }) => {
    const made = await bench("secondary");
    hear(made, { operation });
    made.context.situation.isActiveAvailable = false;
    expect((await ask(made, "failover")).kind).toBe("accepted");
  });
});

test.each([
  { isAutomatic: true, secondsAgo: 30, kind: "refused" },
  { isAutomatic: true, secondsAgo: 61, kind: "accepted" },
  { isAutomatic: false, secondsAgo: 1, kind: "accepted" },
])("a failover that a hook has refused $secondsAgo s ago, automatic $isAutomatic, is $kind", async (row) => {
  const made = await bench("secondary");
  const vetoed = anOperationDocument("failover", { id: "old", state: "undone", because: "the hook backup says no" });
  const steps = vetoed.steps.map((step) =>
    step.name === "run-before-hooks" ? { ...step, state: "failed" as const } : step,
  );
  const endedAtMs = made.ports.clock.wallMs() - row.secondsAgo * 1000;
  await made.context.store.change((facts) => ({ ...facts, lastOperations: [{ ...vetoed, steps, endedAtMs }] }));
  const request = { kind: "failover", requestedBy: "w", reason: "r", isDryRun: false } as const;
  const answer = await beginOperation(made.context, { ...request, isAutomatic: row.isAutomatic });
  expect(answer.kind).toBe(row.kind);
});

describe("a forced takeover", () => {
  const promised: Partial<KeptFacts> = { ownPromise: { sequence: 1, kind: "turned-off" }, isOwnPromiseKnown: true };

  test.each([
    { server: "secondary", facts: {}, isPeerOff: false, kind: "accepted", isWordNeeded: false },
    { server: "secondary", facts: {}, isPeerOff: true, kind: "accepted", isWordNeeded: false },
    { server: "secondary", facts: promised, isPeerOff: false, kind: "refused", isWordNeeded: undefined },
    { server: "secondary", facts: promised, isPeerOff: true, kind: "accepted", isWordNeeded: true },
    { server: "primary", facts: { record: bySecondary }, isPeerOff: false, kind: "refused", isWordNeeded: undefined },
    { server: "primary", facts: { record: bySecondary }, isPeerOff: true, kind: "accepted", isWordNeeded: true },
  ] as const)(
    "by the $server from a server that is away, which a person calls off: $isPeerOff — is $kind",
    async ({ server, facts, isPeerOff, kind, isWordNeeded }) => {
      const made = await bench(server, facts);
      const answer = await ask(made, `force-to-${server}`, { isPeerOff });
      expect(answer.kind).toBe(kind);
      expect(made.kept().operation?.isWordNeeded).toBe(isWordNeeded);
      if (kind === "accepted") expect(made.kept().operation?.isPeerStopped).toBe(isPeerOff && isWordNeeded);
    },
  );

  test("is refused where a failover is not asked for: at the server that is active", async () => {
    expect(await ask(await bench("primary"), "force-to-primary")).toMatchObject({
      kind: "refused",
      because: "the primary is active already (epoch 1)",
    });
  });
});

test("a dry run keeps nothing, and shows what each server has looked at and the whole plan", async () => {
  const made = await bench("primary");
  hear(made, { server: "secondary" });
  const theirs = { server: "secondary", name: "no-claim", passed: false, because: "a claim is open", hint: "" };
  made.ports.peer = (kind) => Promise.resolve(kind === "operations/pre-checks" ? { checks: [theirs] } : {});
  const answer = await ask(made, "switch-to-secondary", { isDryRun: true });
  expect(answer).toMatchObject({ kind: "planned", obstacles: ["a claim is open"] });
  if (answer.kind !== "planned") return;
  expect(answer.plan).toHaveLength(18);
  expect(answer.checks.filter(({ server }) => server === "primary").every(({ passed }) => passed)).toBe(true);
  expect(answer.checks.at(-1)).toEqual(theirs);
  expect(made.kept().operation).toBeNull();
  made.ports.peer = () => Promise.reject(new Error("away"));
  const alone = await ask(made, "switch-to-secondary", { isDryRun: true });
  expect(alone).toMatchObject({ obstacles: ["the other server does not answer, so what it sees is not known"] });
});

describe("a planned switchover", () => {
  async function askAt(memoryId: string) {
    const made = await bench("primary", { readyRecordIds: ["first"] });
    hear(made, { server: "secondary", state: "working" });
    made.context.situation.peerMemoryId = memoryId;
    made.context.situation.confirmedAtMs = made.ports.clock.monotonicMs();
    made.ports.peer = () => Promise.resolve({ checks: [] });
    return { made, answer: await ask(made, "switch-to-secondary") };
  }

  test("is for the memory that the target has when it begins", async () => {
    const { made, answer } = await askAt("m1");
    expect(answer).toMatchObject({ kind: "accepted" });
    expect(made.kept().operation?.targetMemoryId).toBe("m1");
  });

  test("does not begin before the target has told which memory it has", async () => {
    const { made, answer } = await askAt("");
    expect(answer).toMatchObject({ kind: "refused", because: "the secondary has only just been heard" });
    expect(made.kept().operation).toBeNull();
  });
});

import { afterEach, describe, expect, test } from "@jest/globals";
import type { ActorContext } from "../../../actor/actor-context.js";
import type { KeptFacts, OperationDocument } from "../../../actor/core/kept-facts.js";
import { runOwnershipWatch } from "../../../actor/watch/ownership-watch.js";
import { AppError } from "../../../shared/core/app-error.js";
import type { ServerName } from "../../../shared/core/server-name.js";
import type { OperationKind, StepView } from "../../../shared/core/status.js";
import { benchContext, type FakePorts, firstRecord } from "../../support/context-bench.js";
import { anOperationDocument } from "../../support/kept-documents.js";

let stop: (() => void) | undefined;
afterEach(() => {
  stop?.();
});

interface StartOptions {
  readonly facts?: Partial<KeptFacts>;
  readonly situation?: Partial<ActorContext["situation"]>;
  readonly prepare?: (ports: FakePorts) => void;
}

/** An actor that was just started, whose managed system is stopped; the peer was heard already. */
async function startActor(server: ServerName, { facts = {}, situation = {}, prepare }: StartOptions = {}) {
  const bench = await benchContext(server, { facts, ...(prepare && { prepare }) });
  Object.assign(bench.context.situation, { isFirstHeartbeatOver: true, ...situation });
  void runOwnershipWatch(bench.context);
  stop = () => {
    bench.stopping.abort();
  };
  await bench.ports.clock.advance(0);
  return bench;
}

describe("the managed system is started", () => {
  test("on the owner, once, after its ownership was confirmed", async () => {
    const { ports, context } = await startActor("primary");
    await ports.clock.advance(120);
    expect(ports.done).toEqual(["start"]);
    expect(context.situation).toMatchObject({ isServing: true, shouldStart: false });
  });

  test("on the owner again and again until it starts", async () => {
    const { ports } = await startActor("primary", {
      prepare: (fake) => {
        let attempts = 0;
        fake.startApp = () => {
          attempts += 1;
          return attempts < 3 ? Promise.reject(new AppError("MANAGED_SYSTEM_FAILED", "no memory")) : Promise.resolve();
        };
      },
    });
    await ports.clock.advance(10);
    expect(ports.done).toEqual(["start", "start", "start"]);
  });
});

describe("the managed system is not started", () => {
  test.each<{ when: string; server: ServerName; options: StartOptions }>([
    { when: "on the standby", server: "secondary", options: {} },
    {
      when: "before the peer was asked once",
      server: "primary",
      options: { situation: { isFirstHeartbeatOver: false } },
    },
    {
      when: "while the update server does not answer, though the peer confirms",
      server: "primary",
      options: {
        prepare: (ports) => {
          ports.readRecord = () => Promise.reject(new AppError("DNS_UNREACHABLE", "no answer"));
          ports.peer = () => Promise.resolve({ isGranted: true, because: "", record: null });
        },
      },
    },
    {
      when: "where this server does not remember that it was ready in this record",
      server: "primary",
      options: { facts: { readyRecordIds: ["another"] } },
    },
    {
      when: "where no record is known",
      server: "primary",
      options: { facts: { record: null }, prepare: (ports) => (ports.record = undefined) },
    },
    {
      when: "on an old owner that reads only now that it has lost the name",
      server: "primary",
      options: { prepare: (ports) => (ports.record = { epoch: 2, active: "secondary", operationId: "second" }) },
    },
  ])("$when", async ({ server, options }) => {
    const { ports } = await startActor(server, options);
    await ports.clock.advance(120);
    expect(ports.done).not.toContain("start");
    expect(ports.isServing).toBe(false);
  });

  test("again, when it ends by itself after it has served: that is for its own supervisor, or a failover", async () => {
    const { ports } = await startActor("primary");
    await ports.clock.advance(5);
    ports.isServing = false;
    await ports.clock.advance(120);
    expect(ports.done).toEqual(["start"]);
  });
});

describe("during an operation", () => {
  type Row = readonly [when: string, operation: OperationDocument, server: ServerName, isStarted: boolean];

  const rows: readonly Row[] = [
    [
      "the coordinator still synchronises ahead",
      withStep("switch-to-secondary", "stop-managed-system", "waiting"),
      "primary",
      true,
    ],
    [
      "the coordinator has begun to stop",
      withStep("switch-to-secondary", "stop-managed-system", "running"),
      "primary",
      false,
    ],
    ["the coordinator has stopped", withStep("switch-to-secondary", "stop-managed-system", "done"), "primary", false],
    [
      "the coordinator undoes it",
      { ...withStep("switch-to-secondary", "stop-managed-system", "waiting"), state: "undoing" },
      "primary",
      false,
    ],
    [
      "the claimant has not come to the start",
      withStep("failover", "start-managed-system", "waiting"),
      "secondary",
      false,
    ],
    ["the claimant is just starting", withStep("failover", "start-managed-system", "running"), "secondary", false],
    [
      "the claimant has started and was restarted",
      withStep("failover", "start-managed-system", "done"),
      "secondary",
      true,
    ],
  ];

  test.each(rows)("%s", async (_, operation, server, isStarted) => {
    const record = { ...firstRecord, active: server };
    const { ports } = await startActor(server, {
      facts: { record, operation },
      prepare: (fake) => (fake.record = record),
    });
    await ports.clock.advance(60);
    expect(ports.done).toEqual(isStarted ? ["start"] : []);
  });

  function withStep(kind: OperationKind, name: string, state: StepView["state"]): OperationDocument {
    const document = anOperationDocument(kind);
    expect(document.steps.some((step) => step.name === name)).toBe(true);
    return { ...document, steps: document.steps.map((step) => (step.name === name ? { ...step, state } : step)) };
  }
});

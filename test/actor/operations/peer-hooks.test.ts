import { describe, expect, test } from "@jest/globals";
import { runAfterHooks } from "../../../actor/operations/steps/run-after-hooks.js";
import { runBeforeHooks } from "../../../actor/operations/steps/run-before-hooks.js";
import type { Step } from "../../../actor/operations/step.js";
import { createPeerAnswers } from "../../../actor/peer-answers.js";
import { AppError, errorCode, errorMessage } from "../../../shared/core/app-error.js";
import type { ServerName } from "../../../shared/core/server-name.js";
import type { OperationKind } from "../../../shared/core/status.js";
import { benchContext, firstRecord, type ContextBench } from "../../support/context-bench.js";
import { anOperationDocument } from "../../support/kept-documents.js";
import { settled } from "../../support/manual-clock.js";
import { exampleSettings } from "../../support/settings-example.js";

const second = { epoch: 2, active: "secondary", operationId: "op1" } as const;

function settingsOf(server: ServerName) {
  return exampleSettings((input) => {
    input.server = server;
    input["hooks"] = [
      { name: `prepare-${server}`, when: "before", command: ["x"] },
      { name: `tidy-${server}`, when: "after", command: ["x"] },
    ];
  });
}

/** Two servers with hooks of their own; the first one leads, and its questions reach the other one's handlers. */
async function aPair(leader: ServerName, record: typeof firstRecord | typeof second = firstRecord) {
  const other = leader === "primary" ? "secondary" : "primary";
  const leading = await benchContext(leader, { settings: settingsOf(leader), facts: { record } });
  const led = await benchContext(other, { settings: settingsOf(other), facts: { record } });
  const answers = createPeerAnswers(led.context);
  leading.ports.peer = async (kind, fields) => (await answers[kind]!({ fields })).fields;
  return { leading, led };
}

const namesOf = ({ ports }: ContextBench): string[] => ports.hooksRun.map(({ name }) => name);

/** Runs the step's work, with time going on until it has ended; returns why it failed. */
async function run(step: Step["do"], { context, ports }: ContextBench, kind: OperationKind = "switch-to-secondary") {
  const operation = anOperationDocument(kind);
  const io = { context, operation, signal: context.signal, reportProgress: () => undefined };
  let failure: string | undefined;
  void step(io).then(
    () => (failure = ""),
    (error: unknown) => (failure = errorMessage(error)),
  );
  for (let second = 0; failure === undefined && second < 100; second += 1) await ports.clock.advance(1);
  return { failure, io };
}

describe("the hooks of both servers", () => {
  test("run before a planned switchover, each on its own server, and are told on which", async () => {
    const { leading, led } = await aPair("primary");
    const { failure, io } = await run(runBeforeHooks.do, leading);
    expect(failure).toBe("");
    expect([namesOf(leading), namesOf(led)]).toEqual([["prepare-primary"], ["prepare-secondary"]]);
    expect(led.ports.hooksRun[0]?.variables).toEqual({
      SPARESYNC_OPERATION_ID: "op1",
      SPARESYNC_OPERATION_KIND: "switch-to-secondary",
      SPARESYNC_FROM: "primary",
      SPARESYNC_TO: "secondary",
      SPARESYNC_SERVER: "secondary",
      SPARESYNC_REQUESTED_BY: "olga",
      SPARESYNC_REASON: "patches",
      SPARESYNC_RESULT: "running",
    });
    const note = "prepare-primary exited with 0; on the secondary: prepare-secondary exited with 0";
    expect(await runBeforeHooks.verify(io)).toEqual({ holds: true, note });
  });

  test("before it: the other server's veto counts as well, and is not asked again", async () => {
    const { leading, led } = await aPair("primary");
    led.ports.failingHooks.add("prepare-secondary");
    const { failure, io } = await run(runBeforeHooks.do, leading);
    expect(failure).toBe("on the secondary: the hook prepare-secondary says no: exited with 1");
    expect(await runBeforeHooks.verify(io)).toMatchObject({ holds: false });
    led.ports.failingHooks.clear();
    expect((await run(runBeforeHooks.do, leading)).failure).toContain("says no");
    expect(namesOf(led)).toEqual(["prepare-secondary"]);
  });

  test("before it: a veto here leaves the other server's hooks alone", async () => {
    const { leading, led } = await aPair("primary");
    leading.ports.failingHooks.add("prepare-primary");
    expect((await run(runBeforeHooks.do, leading)).failure).toBe("the hook prepare-primary says no: exited with 1");
    expect(namesOf(led)).toEqual([]);
  });

  test("hear on both servers that it was undone", async () => {
    const { leading, led } = await aPair("primary");
    await run(runBeforeHooks.do, leading);
    if (runBeforeHooks.undo.kind !== "run") throw new Error("it can be undone");
    expect((await run(runBeforeHooks.undo.run, leading)).failure).toBe("");
    for (const { ports } of [leading, led])
      expect(ports.hooksRun.at(-1)?.variables).toMatchObject({ SPARESYNC_RESULT: "undone" });
    expect(namesOf(led)).toEqual(["prepare-secondary", "tidy-secondary"]);
  });

  test("after it: what fails on the other server is only noted", async () => {
    const { leading, led } = await aPair("secondary", second);
    led.ports.failingHooks.add("tidy-primary");
    const { failure, io } = await run(runAfterHooks.do, leading);
    const note = "tidy-secondary exited with 0; on the primary: tidy-primary exited with 1";
    expect([failure, await runAfterHooks.verify(io)]).toEqual(["", { holds: true, note }]);
    expect(led.ports.hooksRun[0]?.variables).toMatchObject({ SPARESYNC_SERVER: "primary", SPARESYNC_RESULT: "done" });
  });

  test.each(["failover", "force-to-secondary"] as const)(
    "are not asked for in a %s: the other server may be lost",
    async (kind) => {
      const { leading, led } = await aPair("secondary");
      await run(runBeforeHooks.do, leading, kind);
      await run(runAfterHooks.do, leading, kind);
      expect([namesOf(leading), namesOf(led)]).toEqual([["prepare-secondary", "tidy-secondary"], []]);
    },
  );

  test("before it: a silent server is waited for a while, and then it is a veto", async () => {
    const { leading } = await aPair("primary");
    let asked = 0;
    leading.ports.peer = () => {
      asked += 1;
      return Promise.reject(new AppError("PEER_UNREACHABLE", "no answer"));
    };
    const { failure } = await run(runBeforeHooks.do, leading);
    expect(failure).toBe("on the secondary: its hooks were not run to their end: no answer");
    expect(asked).toBeGreaterThan(20);
  });

  test("before it: one that refuses is a veto at once", async () => {
    const { leading } = await aPair("primary");
    let asked = 0;
    leading.ports.peer = () => {
      asked += 1;
      return Promise.reject(new AppError("PEER_REFUSED", "belongs to epoch 1"));
    };
    expect((await run(runBeforeHooks.do, leading)).failure).toBe("on the secondary: belongs to epoch 1");
    expect(asked).toBe(1);
  });
});

describe("hooks that the other server asks for", () => {
  const fields = {
    ...{ operationId: "op1", kind: "switch-to-secondary", requestedBy: "olga", reason: "patches" },
    ...{ when: "before", result: "running", epoch: 1 },
  };
  const before = fields;
  const undone = { ...fields, when: "after", result: "undone" };
  const done = { ...fields, when: "after", result: "done", epoch: 2 };

  async function theOther(server: ServerName, record: typeof firstRecord | typeof second = firstRecord) {
    const bench = await benchContext(server, { settings: settingsOf(server), facts: { record } });
    const handler = createPeerAnswers(bench.context)["operations/hooks"]!;
    const ask = async (asked: typeof before): Promise<unknown> => {
      const answer = await handler({ fields: asked }).then(
        ({ fields: told }) => told,
        (error: unknown) => errorCode(error),
      );
      await settled();
      return answer;
    };
    return { ...bench, ask };
  }

  test("run once, however often they are asked for; the answer tells how far they are", async () => {
    const { ask, ports } = await theOther("secondary");
    expect(await ask(before)).toEqual({ isRunning: true, isDone: false, because: "" });
    const because = "prepare-secondary exited with 0";
    expect(await ask(before)).toEqual({ isRunning: false, isDone: true, because });
    expect(ports.hooksRun).toHaveLength(1);
  });

  test("do not run any more after the hooks that follow the end of their operation", async () => {
    const { ask, ports } = await theOther("secondary");
    await ask(undone);
    expect(await ask(before)).toBe("OPERATION_REFUSED");
    expect(ports.hooksRun.map(({ name }) => name)).toEqual(["tidy-secondary"]);
  });

  test("that take back wait until those that prepare have ended", async () => {
    const { ask, ports } = await theOther("secondary");
    const ends: (() => void)[] = [];
    const { hooks } = ports;
    const ran: string[] = [];
    Object.assign(ports, {
      hooks: {
        run: async (...[hook, ...rest]: Parameters<typeof hooks.run>) => {
          ran.push(hook.name);
          if (hook.when === "before") await new Promise<void>((resolve) => ends.push(resolve));
          return hooks.run(hook, ...rest);
        },
      },
    });
    await ask(before);
    await ask(undone);
    expect(ran).toEqual(["prepare-secondary"]);
    ends[0]?.();
    await settled();
    expect(ran).toEqual(["prepare-secondary", "tidy-secondary"]);
  });

  test.each([
    { when: "the operation belongs to an older epoch", server: "primary", record: second, asked: before },
    { when: "this server owns the name itself", server: "primary", record: firstRecord, asked: before },
    {
      when: "the epoch before it is unknown here",
      server: "secondary",
      record: firstRecord,
      asked: { ...before, epoch: 2 },
    },
    { when: "a later claim has overtaken it", server: "primary", record: second, asked: { ...done, epoch: 1 } },
  ] as const)("are refused when $when", async ({ server, record, asked }) => {
    const { ask, ports } = await theOther(server, record);
    expect(await ask({ ...asked })).toBe("EPOCH_TOO_OLD");
    expect(ports.hooksRun).toEqual([]);
  });

  test("after a claim also run where the claim is not known yet", async () => {
    const { ask, ports } = await theOther("primary", firstRecord);
    await ask(done);
    expect(ports.hooksRun.map(({ name }) => name)).toEqual(["tidy-primary"]);
  });
});

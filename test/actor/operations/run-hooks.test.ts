import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createHooks } from "../../../actor/hooks/run-hook.js";
import { runAfterHooks } from "../../../actor/operations/steps/run-after-hooks.js";
import { runBeforeHooks } from "../../../actor/operations/steps/run-before-hooks.js";
import type { Step } from "../../../actor/operations/step.js";
import { hookSettings } from "../../../shared/core/settings/hook-settings.js";
import type { OperationKind } from "../../../shared/core/status.js";
import { benchContext } from "../../support/context-bench.js";
import { anOperationDocument } from "../../support/kept-documents.js";
import { loopbackClock } from "../../support/loopback-clock.js";
import { exampleSettings } from "../../support/settings-example.js";

const settings = exampleSettings((input) => {
  input["hooks"] = [
    { name: "one", when: "before", command: ["x"] },
    { name: "two", when: "before", operations: ["failover", "force-to-secondary"], command: ["x"] },
    { name: "three", when: "after", command: ["x"] },
  ];
});

async function run(step: Step, kind: OperationKind, failing: readonly string[] = []) {
  const { context, ports } = await benchContext("secondary", { settings });
  ports.peer = () => Promise.resolve({ isDone: true, because: "" });
  for (const name of failing) ports.failingHooks.add(name);
  const operation = anOperationDocument(kind);
  const io = { context, operation, signal: context.signal, reportProgress: () => undefined };
  const failure = await step.do(io).then(
    () => "",
    (error: unknown) => (error as Error).message,
  );
  // The process that resumes after a crash has run nothing itself.
  const resumed = await benchContext("secondary", { settings });
  expect(await step.verify({ ...io, context: resumed.context })).toMatchObject({ holds: false });
  return { failure, verdict: await step.verify(io), ports, io };
}

describe("the hooks of an operation", () => {
  test("run in the order of the settings, those of its kind only, and are told what it is about", async () => {
    expect((await run(runBeforeHooks, "switch-to-secondary")).ports.hooksRun.map(({ name }) => name)).toEqual(["one"]);
    const { ports, verdict } = await run(runBeforeHooks, "failover");
    expect(ports.hooksRun.map(({ name }) => name)).toEqual(["one", "two"]);
    expect(ports.hooksRun[0]?.variables).toMatchObject({
      SPARESYNC_OPERATION_ID: "op1",
      SPARESYNC_OPERATION_KIND: "failover",
      SPARESYNC_TO: "secondary",
      SPARESYNC_SERVER: "secondary",
      SPARESYNC_RESULT: "running",
    });
    expect(verdict).toEqual({ holds: true, note: "one exited with 0; two exited with 0" });
  });

  test("keep it from being done by a veto, and the next one is not asked", async () => {
    const { failure, ports } = await run(runBeforeHooks, "failover", ["one"]);
    expect(failure).toBe("the hook one says no: exited with 1");
    expect(ports.hooksRun).toHaveLength(1);
  });

  test("have no veto when a person forces the takeover; what they say is kept", async () => {
    const { failure, verdict } = await run(runBeforeHooks, "force-to-secondary", ["one"]);
    expect([failure, verdict]).toEqual(["", { holds: true, note: "one exited with 1; two exited with 0" }]);
  });

  test("after it are only noted, and hear also that it was undone", async () => {
    const after = await run(runAfterHooks, "failover", ["three"]);
    expect([after.failure, after.verdict]).toEqual(["", { holds: true, note: "three exited with 1" }]);
    const { io, ports } = await run(runBeforeHooks, "switch-to-secondary");
    if (runBeforeHooks.undo.kind === "run") await runBeforeHooks.undo.run(io);
    expect(ports.hooksRun.at(-1)).toMatchObject({ name: "three", variables: { SPARESYNC_RESULT: "undone" } });
  });
});

describe("a hook as a program", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "hook-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const hook = (script: string, limitSeconds = 30, ...args: string[]) =>
    hookSettings.parse({ name: "h", when: "before", command: [process.execPath, "-e", script, ...args], limitSeconds });
  const never = new AbortController().signal;

  test("gets its arguments as they stand and what the operation is about as variables, no shell between", async () => {
    const file = path.join(folder, "seen");
    const script = `require("fs").writeFileSync(process.argv[1], process.argv[2] + process.env.SPARESYNC_REASON)`;
    const ran = await createHooks(loopbackClock).run(
      hook(script, 30, file, "$(id); `id`"),
      { SPARESYNC_REASON: "$HOME" },
      never,
    );
    expect(ran).toEqual({ hasSucceeded: true, ending: "exited with 0" });
    expect(await readFile(file, "utf8")).toBe("$(id); `id`$HOME");
  });

  test("says no by its exit code, with the end of its output", async () => {
    const ran = await createHooks(loopbackClock).run(hook(`console.log("not now"); process.exit(3)`), {}, never);
    expect(ran).toEqual({ hasSucceeded: false, ending: "exited with 3: not now" });
  });

  test("that does not end is given up at its limit", async () => {
    const ran = await createHooks(loopbackClock).run(hook("setInterval(() => 0, 1000)", 0.3), {}, never);
    expect(ran).toEqual({ hasSucceeded: false, ending: "the hook h did not end within 0.3 s" });
  });
});

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { operationAnswer } from "../../actor/http/operation-answer.js";
import {
  openAdminStub,
  operationExample,
  planStepExample,
  stepExample,
  type SeenRequest,
  type StubAnswer,
} from "../support/admin-stub.js";
import { runCommand } from "../support/run-cli.js";

let directory: string;
let stub: Awaited<ReturnType<typeof openAdminStub>>;
let answer: (request: SeenRequest) => StubAnswer;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "admin-"));
  answer = () => ({ body: {} });
  stub = await openAdminStub((request) => answer(request));
  await writeFile(path.join(directory, "ca.pem"), stub.certificate);
});
afterEach(async () => {
  await stub.close();
  await rm(directory, { recursive: true });
});

function run(command: string, env: Record<string, string> = { SPARESYNC_TOKEN: "the-token" }) {
  const target = ["--url", `https://127.0.0.1:${stub.port}`, "--ca", path.join(directory, "ca.pem")];
  return runCommand([...command.split(" "), ...target], { env });
}

test("only a dry run goes without a reason", async () => {
  answer = () => ({ body: operationAnswer(planned).body });
  await run("switch --to secondary --dry-run");
  expect(stub.seen.map(({ body }) => body)).toEqual([{ kind: "switch-to-secondary", dryRun: true }]);
  const refused = await run("switch --to secondary");
  expect([refused.exitCode, stub.seen.length]).toEqual([2, 1]);
});

const planned = { kind: "planned", operation: operationExample(), obstacles: [], plan: [], checks: [] } as const;

test("a forced takeover needs the loss of data to be allowed in words, and says whether the other one is off", async () => {
  answer = () => ({ status: 202, body: operationAnswer({ kind: "accepted", operation: operationExample() }).body });
  const silent = await run("force --to primary --reason fire");
  expect([silent.exitCode, stub.seen]).toEqual([2, []]);
  expect(silent.stderr).toContain("--allow-data-loss is needed");
  await run("force --to primary --reason fire --allow-data-loss");
  await run("force --to secondary --reason fire --allow-data-loss --peer-is-off");
  expect(stub.seen.map(({ body }) => body)).toEqual([
    { kind: "force-to-primary", reason: "fire", allowDataLoss: true },
    { kind: "force-to-secondary", reason: "fire", allowDataLoss: true, peerIsOff: true },
  ]);
});

test("abort posts to the operation and shows what it came to", async () => {
  const undoing = operationExample({ state: "undoing" });
  answer = () => ({ status: 202, body: operationAnswer({ kind: "accepted", operation: undoing }).body });
  const { exitCode, stdout } = await run("operations abort op1");
  expect([exitCode, stdout]).toEqual([0, "switch-to-secondary op1 is undoing; sparesync operations show op1\n"]);
  expect(stub.seen).toMatchObject([{ method: "POST", url: "/v1/operations/op1/abort", body: {} }]);
});

test("an operation that asks a person is shown with what is to be done by hand", async () => {
  const steps = [stepExample("claim-ownership", "done"), stepExample("check-test-page", "failed", "no answer")];
  const stuck = operationExample({
    state: "asks-a-person",
    steps: steps.map((step) => ({ ...step, runsOn: "secondary" })),
  });
  answer = () => ({ body: stuck });
  const { stdout } = await run("operations show op1");
  expect(stdout).toContain(
    "To be looked at by hand, in this order:\n  1. mend the application on the secondary until its test page answers, then: sparesync operations retry op1\n",
  );
});

test.each([
  [[], 0],
  [["the spare is not complete"], 1],
])("a dry run shows the plan; obstacles %j", async (obstacles, code) => {
  const plan = [planStepExample("stop-managed-system"), planStepExample("drain")];
  const checks = [{ server: "primary", name: "turned-on", passed: code === 0, because: "x", hint: "do y" }] as const;
  answer = () => ({
    body: operationAnswer({ kind: "planned", operation: operationExample(), obstacles, plan, checks }).body,
  });
  const { exitCode, stdout } = await run("switch --to secondary --reason r --dry-run");
  expect(exitCode).toBe(code);
  expect(stdout).toContain("   1. primary    Step stop-managed-system (at most 30 s an attempt, tried for 20 min)\n");
  expect(stdout).toContain("   2. primary    Step drain (");
  expect(stdout).toContain(code === 0 ? "  ok   primary    x\n" : "  FAIL primary    x\n       → do y\n");
  expect(stdout).toContain(obstacles[0] ?? "Nothing stands against it.");
  expect((await run("switch --to secondary --reason r --dry-run --json")).json).toMatchObject({
    ok: code === 0,
    obstacles,
    plan,
    checks,
  });
});

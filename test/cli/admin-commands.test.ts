import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { operationAnswer } from "../../actor/http/operation-answer.js";
import type { ActorStatus } from "../../shared/core/status.js";
import {
  openAdminStub,
  operationExample,
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

const status: ActorStatus = {
  protocol: 1,
  version: "0.1.0",
  pair: "shop",
  server: "primary",
  state: "working_with_errors",
  because: "a folder has errors",
  startedAtMs: 1,
  wallMs: 1,
  timeZone: "UTC",
  settingsHash: "",
  epoch: 7,
  active: "primary",
  isEnabled: false,
  isFenced: false,
  isStopping: false,
  guard: { isWanted: true, isRunning: false },
  exclusion: { kind: "assumption", because: "there is no guard" },
  confirmation: { source: "update-server", ageSeconds: 2.04 },
  managedSystem: {
    isServing: true,
    isWhole: true,
    isAnswering: true,
    because: "",
    checkedAtMs: 1,
    isActiveAvailable: true,
    unavailableSinceMs: 0,
  },
  peer: {
    state: "inactive",
    isConnected: false,
    lastSeenMs: 0,
    roundTripSeconds: 0,
    clockOffsetSeconds: 0,
    version: "",
  },
  nameServer: {
    isReachable: true,
    lastReadMs: 1,
    updatesTotal: 0,
    updateFailuresTotal: 0,
    publishedAddresses: ["192.0.2.1"],
    oldAnswersUntilMs: 0,
  },
  externalResourcesAvailable: true,
  recoveryPointSeconds: 300,
  sync: [
    {
      kind: "folder",
      name: "uploads",
      health: "warning",
      because: "one file is locked",
      pendingChanges: 3,
      pendingBytes: 1,
      oldestPendingAtMs: 0,
      completeUpToMs: 0,
      lastSuccessAtMs: 0,
      lastFullAnalysisAtMs: 0,
      changesApplied: 0,
      bytesApplied: 0,
      isComplete: true,
      isReinitialising: false,
      progressRatio: 1,
    },
  ],
  configurationErrors: [{ reason: "clocks", because: "40 s apart", sinceMs: 1_700_000_000_000, isLasting: false }],
  lastOperations: [],
  decision: {
    decision: "ask-the-operator",
    because: "only an assumption",
    decidedAtMs: 1_700_000_000_000,
    criteria: [{ name: "unavailable-long-enough", met: true, because: "130 s" }],
  },
  asks: [],
  counters: {},
  events: {},
};

describe("status", () => {
  test("shows the pair for people, and everything with --json", async () => {
    answer = () => ({ body: { ...status, keyOfANewerVersion: 1 } });
    const { exitCode, stdout, stderr } = await run("status");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`pair            shop, this is the primary (version 0.1.0)
state           working_with_errors, turned off — a folder has errors
active          primary, epoch 7
confirmed       2 s ago by update-server
managed system  serving
peer            inactive, not connected, last seen -
name server     reachable, name points to 192.0.2.1
recovery point  5 min
two active      excluded by assumption: there is no guard

Synchronised
  folder  uploads  warning  complete  3 pending  one file is locked

Configuration errors
  clocks  40 s apart  since 2023-11-14 22:13:20 UTC; its cause is gone: when you have looked, sparesync mark-checked

Last decision on a failover, 2023-11-14 22:13:20 UTC: ask-the-operator
  met  unavailable-long-enough  130 s
`);
    expect((await run("status --json")).json).toEqual({ ok: true, status });
    expect(stub.seen[0]).toEqual({
      method: "GET",
      url: "/v1/status",
      authorization: "Bearer the-token",
      body: undefined,
    });
  });

  test("shows until when there is no automatic switching, and why", async () => {
    const pause = { untilMs: 1_700_000_000_000, setAtMs: 1, setBy: "olga", reason: "patches" };
    const serviceInterval = { name: "nightly", endsAtMs: 1_700_000_060_000 };
    answer = () => ({ body: { ...status, pause, serviceInterval } });
    const { stdout } = await run("status");
    expect(stdout).toMatch(/^paused +no automatic switching until 2023-11-14 22:13:20 UTC — olga: patches$/m);
    expect(stdout).toMatch(/^service +no automatic switching until 2023-11-14 22:14:20 UTC — nightly$/m);
  });

  test("a recovery point that nobody knows is no number", async () => {
    answer = () => ({ body: { ...status, recoveryPointSeconds: 1e9 } });
    const { stdout } = await run("status");
    expect(stdout).toMatch(/^recovery point {2}unknown — the spare has no whole copy/m);
  });

  test("a table that is too large to be verified in one reading is named", async () => {
    const view = { isRunning: false, table: "", rows: 0, differences: 0, verifiedAtMs: 0, unverified: ["public.log"] };
    const sync = status.sync.map((item) => ({ ...item, verification: view }));
    answer = () => ({ body: { ...status, sync } });
    const { stdout } = await run("status");
    expect(stdout).toMatch(/one file is locked not verified: too large for one reading: public\.log$/m);
  });

  test("of an actor that speaks otherwise is not guessed", async () => {
    answer = () => ({ body: { pair: "shop" } });
    const { exitCode, json } = await run("status --json");
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ ok: false, error: { code: "ACTOR_ANSWER_INVALID" } });
  });
});

describe("asking for an operation", () => {
  test.each([
    ["switch --to secondary --reason maintenance", "switch-to-secondary", false],
    ["switch --to primary --reason maintenance", "switch-to-primary", false],
    ["failover --reason maintenance", "failover", false],
    ["switch --to primary --reason maintenance --dry-run", "switch-to-primary", true],
  ])("%s posts %s", async (command, kind, isDryRun) => {
    answer = () => ({ status: 202, body: operationAnswer({ kind: "accepted", operation: operationExample() }).body });
    const { exitCode, stdout } = await run(command);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("accepted as op1");
    const body = { kind, reason: "maintenance", ...(isDryRun ? { dryRun: true } : {}) };
    expect(stub.seen).toEqual([{ method: "POST", url: "/v1/operations", authorization: "Bearer the-token", body }]);
  });

  test("a refusal says why and what to do", async () => {
    const error = { code: "OPERATION_REFUSED", message: "the peer is away", hint: "wait" };
    answer = () => ({ status: 409, body: { error } });
    const { exitCode, stderr, json } = await run("switch --to secondary --reason r --json");
    expect(exitCode).toBe(1);
    expect(stderr).toBe("the peer is away\n→ wait\n");
    expect(json).toEqual({ ok: false, error });
  });

  test("another operation that runs is shown, the same one is followed", async () => {
    answer = () => ({ body: operationAnswer({ kind: "running", operation: operationExample() }).body });
    const other = await run("switch --to primary --reason r --json");
    expect([other.exitCode, other.json["ok"]]).toEqual([1, false]);
    const same = await run("switch --to secondary --reason r");
    expect(same.exitCode).toBe(0);
    expect(same.stderr).toContain("switch-to-secondary runs already as op1");
  });

  test("--wait shows each change once, also over a broken connection, and ends with the result", async () => {
    const views = [
      operationExample(),
      operationExample(),
      "broken",
      operationExample({
        steps: [stepExample("stop-managed-system", "done"), stepExample("drain", "done"), stepExample("claim", "done")],
        state: "handed-over",
      }),
      operationExample({
        steps: [stepExample("claim", "done")],
        state: "done",
        because: "all steps are done",
        endedAtMs: 1_700_000_060_000,
      }),
    ];
    answer = ({ method }) => {
      if (method === "POST")
        return { status: 202, body: operationAnswer({ kind: "accepted", operation: operationExample() }).body };
      const view = views.shift();
      return view === "broken" ? { isBroken: true } : { body: view };
    };
    const { exitCode, stderr, stdout, json } = await run("switch --to secondary --reason r --wait --json");
    expect(exitCode).toBe(0);
    const lines = stderr
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/^ *[\d.]+ s /, "T s "));
    expect(lines).toEqual([
      "switch-to-secondary op1, from primary to secondary",
      "T s  primary    done     Step stop-managed-system",
      "T s  primary    running  Step drain",
      expect.stringMatching(/does not answer: .*; trying again$/),
      expect.stringMatching(/answers again$/),
      "T s  primary    done     Step drain",
      "T s  primary    done     Step claim",
      "switch-to-secondary handed-over",
      "T s  primary    done     Step claim",
      "switch-to-secondary done — all steps are done",
    ]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(json).toMatchObject({ ok: true, operation: { state: "done" } });
  });

  test.each(["undone", "asks-a-person"] as const)("--wait exits 1 when the operation is %s", async (state) => {
    answer = ({ method }) =>
      method === "POST"
        ? { status: 202, body: operationAnswer({ kind: "accepted", operation: operationExample() }).body }
        : { body: { operation: operationExample({ state }) } };
    const { exitCode, stdout } = await run("failover --reason r --wait");
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`op1: ${state}`);
  });

  test("--wait has an end, and says that the operation goes on", async () => {
    answer = ({ method }) =>
      method === "POST"
        ? { status: 202, body: operationAnswer({ kind: "accepted", operation: operationExample() }).body }
        : { body: operationExample() };
    const { exitCode, json } = await run("failover --reason r --wait --limit-seconds 60 --json");
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ error: { code: "DEADLINE_EXCEEDED", hint: "sparesync operations show op1" } });
    expect(stub.seen.filter(({ method }) => method === "GET")).toHaveLength(120);
  });
});

describe("the other commands", () => {
  test.each([
    ["on", "/v1/enabled", { enabled: true, reason: "turned on by an operator" }],
    ["off --reason upgrade", "/v1/enabled", { enabled: false, reason: "upgrade" }],
    ["pause --for 1h30m --reason patches", "/v1/pause", { forSeconds: 5400, reason: "patches" }],
    ["resume", "/v1/resume", {}],
    ["mark-checked", "/v1/mark-checked", {}],
    ["first-record", "/v1/first-record", {}],
    ["adopt --reason newest", "/v1/adopt", { reason: "newest" }],
  ])("%s posts to %s", async (command, url, body) => {
    answer = () => ({ body: { enabled: true, changed: true, untilMs: 5, isPeerConnected: true } });
    const { exitCode, json } = await run(`${command} --json`);
    expect([exitCode, json["ok"]]).toEqual([0, true]);
    expect(stub.seen).toEqual([{ method: "POST", url, authorization: "Bearer the-token", body }]);
  });

  test.each([
    ["off --reason r", true, true, "synchronisation and automatic switching are turned off on both servers"],
    ["on", true, true, "synchronisation and automatic switching are turned on on both servers"],
    [
      "off --reason r",
      false,
      true,
      "were turned off already; nothing has changed, and the reason given now is not kept",
    ],
    ["on", false, false, "were turned on already; nothing has changed"],
    ["off --reason r", true, false, "on this server; the other one is not connected and learns it when it is again"],
    ["pause --for 7d --reason r", undefined, true, "paused until 2023-11-14 22:13:20 UTC, on both servers"],
    ["pause --for 90s --reason r", undefined, false, "on this server; the other one is not connected"],
    ["resume", true, true, "automatic switching is no longer paused, on both servers"],
    ["resume", true, false, "no longer paused on this server; the other one is not connected"],
    ["resume", false, true, "automatic switching is not paused; nothing has changed"],
    ["mark-checked", true, true, "the pair is marked as checked, on both servers"],
    ["mark-checked", true, false, "on this server only: the other one is not connected; run it again when it is"],
  ])("%s (changed %j, connected %j) says so", async (command, changed, isPeerConnected, says) => {
    answer = () => ({ body: { enabled: command === "on", changed, untilMs: 1_700_000_000_000, isPeerConnected } });
    expect((await run(command)).stdout).toContain(says);
    const { json } = await run(`${command} --json`);
    if (/^o(n|ff)/.test(command)) expect(json["changed"]).toBe(changed);
  });

  test("operations are listed, shown and retried", async () => {
    const operation = operationExample({ state: "asks-a-person", because: "the drain failed" });
    answer = ({ url, method }) => {
      if (method === "POST") return { status: 202, body: operationAnswer({ kind: "accepted", operation }).body };
      return { body: url === "/v1/operations" ? { operations: [operation] } : operation };
    };
    const list = await run("operations");
    expect(list.stdout).toMatch(
      /^operation {2}kind +state +started +ended +asked for by {2}because\nop1 +switch-to-secondary +asks-a-person .*the drain failed\n$/,
    );
    expect((await run("operations list --json")).json).toEqual({ ok: true, operations: [operation] });
    expect((await run("operations show op1")).stdout).toContain("  running  primary  Step drain\n");
    const retry = await run("operations retry op/1 --json");
    expect(retry.json).toMatchObject({ ok: true, operation: { id: "op1" } });
    expect(stub.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /v1/operations",
      "GET /v1/operations",
      "GET /v1/operations/op1",
      "POST /v1/operations/op%2F1/retry",
    ]);
  });

  test("an empty list is said in words", async () => {
    answer = () => ({ body: { operations: [] } });
    expect((await run("operations")).stdout).toBe("no operations yet\n");
  });
});

describe("failures", () => {
  test.each([
    [
      { status: 401, body: { error: { code: "NOT_AUTHENTICATED", message: "no valid token", hint: "h" } } },
      "NOT_AUTHENTICATED",
    ],
    [{ status: 418, body: { error: { code: "TEAPOT", message: "m" } } }, "ACTOR_ANSWER_INVALID"],
    [{ status: 502, text: "<html>bad gateway" }, "ACTOR_ANSWER_INVALID"],
    [{ status: 200, text: "no JSON" }, "ACTOR_ANSWER_INVALID"],
    [{ isBroken: true }, "ACTOR_UNREACHABLE"],
    [{ text: `"${"x".repeat(17_000_000)}"` }, "ACTOR_UNREACHABLE"],
  ])("%.60j is %s", async (given, code) => {
    answer = () => given;
    const { exitCode, json, stderr } = await run("status --json");
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ ok: false, error: { code } });
    expect(stderr).not.toContain("the-token");
  });

  test.each([
    ["no token", {}, /^a token is needed/],
    ["an empty token", { SPARESYNC_TOKEN: "" }, /^a token is needed/],
  ])("%s is a usage error", async (_, env, says) => {
    const { exitCode, stderr } = await run("status", env);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(says);
  });

  test.each([
    ["status", /either --settings FILE or --url URL/],
    ["status --url https://a --settings b", /either --settings FILE or --url URL/],
    ["status --url 127.0.0.1:1", /expected https:\/\/host:port/],
    ["status --url ftp://127.0.0.1", /expected https:\/\/host:port/],
    ["status --url http://192.0.2.1:7402", /without https the token would be readable/],
    ["switch --to third --reason r", /Allowed choices are primary, secondary/],
    ["switch --to primary", /--reason TEXT is needed/],
    ["failover --reason r --limit-seconds soon", /expected a number of seconds/],
    ["pause --for 2h", /'--reason <text>' not specified/],
    ["pause --reason r", /'--for <duration>' not specified/],
    ["pause --for 2 --reason r", /expected a number with its unit/],
    ["pause --for 2h5 --reason r", /expected a number with its unit/],
    ["pause --for 0s --reason r", /a pause lasts from 1s to 7d/],
    ["pause --for 7d1s --reason r", /a pause lasts from 1s to 7d/],
    ["off", /'--reason <text>' not specified/],
    ["sleep", /unknown command 'sleep'/],
    ["status extra", /too many arguments/],
    ["", /no command was given/],
  ])("%j is a usage error", async (command, says) => {
    const argv = command === "" ? [] : command.split(" ");
    const { exitCode, stderr, stdout } = await runCommand(argv, { env: { SPARESYNC_TOKEN: "x" } });
    expect(stderr).toMatch(says);
    expect([exitCode, stdout]).toEqual([2, ""]);
  });

  test("a usage error as JSON has the same words, without a prefix of their own", async () => {
    const { json } = await runCommand(["status", "--jsn", "--json"], { env: { SPARESYNC_TOKEN: "x" } });
    expect(json).toEqual({
      ok: false,
      error: { code: "USAGE", message: expect.stringMatching(/^unknown option '--jsn'/), hint: expect.any(String) },
    });
  });

  test("help is no failure", async () => {
    const { exitCode, stdout } = await runCommand(["--help"]);
    expect(exitCode).toBe(0);
    for (const name of "init check actor exporter status switch on off operations failover".split(" ")) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    }
    expect((await runCommand(["operations", "retry", "--help"])).exitCode).toBe(0);
  });
});

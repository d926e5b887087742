import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { PassThrough, Readable } from "node:stream";
import { operationAnswer } from "../../actor/http/operation-answer.js";
import { openAdminStub, operationExample, type SeenRequest, type StubAnswer } from "../support/admin-stub.js";
import { pairFlags, runCommand } from "../support/run-cli.js";
import { Interruption } from "../../cli/cli-io.js";
import { until } from "../support/until.js";

let directory: string;
let stub: Awaited<ReturnType<typeof openAdminStub>>;
let answer: (request: SeenRequest) => StubAnswer;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "interruption-"));
  stub = await openAdminStub((request) => answer(request));
  await writeFile(path.join(directory, "ca.pem"), stub.certificate);
});
afterEach(async () => {
  await stub.close();
  await rm(directory, { recursive: true });
});

const target = () => ["--url", `https://127.0.0.1:${stub.port}`, "--ca", path.join(directory, "ca.pem")];

/** The program itself, as a process. */
function start(argv: readonly string[]) {
  const program = spawn(process.execPath, ["dist/cli/sparesync.js", ...argv], {
    env: { ...process.env, SPARESYNC_TOKEN: "the-token" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  program.stdout.on("data", (part: Buffer) => (output.stdout += part.toString()));
  program.stderr.on("data", (part: Buffer) => (output.stderr += part.toString()));
  const ended = once(program, "close").then(([code]: unknown[]) => code);
  return { program, output, ended };
}

const running: StubAnswer = { body: operationExample() };
const accepted: StubAnswer = {
  status: 202,
  body: operationAnswer({ kind: "accepted", operation: operationExample() }).body,
};

describe("Ctrl-C", () => {
  test.each([
    ["SIGINT" as const, 130],
    ["SIGTERM" as const, 143],
  ])(
    "%s while an operation is followed ends the following, and says that the operation goes on",
    async (signal, code) => {
      answer = ({ method }) => (method === "POST" ? accepted : running);
      const { program, output, ended } = start(["failover", "--reason", "r", "--wait", "--json", ...target()]);
      await until(() => stub.seen.some(({ method }) => method === "GET"));
      program.kill(signal);
      expect(await ended).toBe(code);
      expect(output.stderr).toMatch(/no longer following; operation op1 goes on: sparesync operations show op1\n$/);
      expect(JSON.parse(output.stdout)).toMatchObject({ ok: false, error: { code: "INTERRUPTED" } });
      expect(stub.seen.filter(({ method }) => method === "POST")).toHaveLength(1);
    },
  );

  test("while the actor has not answered yet: nobody can know whether it took the request", async () => {
    const interruption = new AbortController();
    answer = () => {
      interruption.abort(new Interruption(130));
      return { isBroken: true };
    };
    const argv = ["switch", "--to", "secondary", "--reason", "r", ...target()];
    const options = { env: { SPARESYNC_TOKEN: "t" }, interruption: interruption.signal };
    const { exitCode, stderr } = await runCommand(argv, options);
    expect([exitCode, stderr]).toEqual([130, expect.stringContaining("may have taken the request all the same")]);
  });

  test("while something is only read says nothing more than that", async () => {
    const interruption = new AbortController();
    answer = () => {
      interruption.abort(new Interruption(130));
      return { isBroken: true };
    };
    const options = { env: { SPARESYNC_TOKEN: "t" }, interruption: interruption.signal };
    const { exitCode, stderr } = await runCommand(["status", ...target()], options);
    expect([exitCode, stderr]).toEqual([130, "interrupted\n"]);
  });

  test("as a key at a question of init: nothing is written", async () => {
    const keys = new PassThrough();
    const out = path.join(directory, "pair");
    const asked = runCommand(["init", "--out", out], { keys });
    keys.write("shop\r");
    keys.write("\u0003");
    const { exitCode, stderr } = await asked;
    expect([exitCode, stderr]).toEqual([130, expect.stringContaining("interrupted; nothing was written")]);
    expect(await readdir(directory)).toEqual(["ca.pem"]);
  });

  test("as a signal while init writes: nothing stays", async () => {
    const interruption = AbortSignal.abort(new Interruption(143));
    const { exitCode } = await runCommand(pairFlags(path.join(directory, "a", "pair")), { interruption });
    expect(exitCode).toBe(143);
    expect(await readdir(directory)).toEqual(["ca.pem"]);
  });
});

describe("a reader that goes away", () => {
  test("of a result ends the command without a stack trace", async () => {
    answer = () => ({ body: { operations: [operationExample()] } });
    const { program, output, ended } = start(["operations", ...target()]);
    program.stdout.destroy();
    expect(await ended).toBe(141);
    expect(output.stderr).toBe("");
  });

  test("of the progress ends the following", async () => {
    answer = ({ method }) => (method === "POST" ? accepted : running);
    const { program, ended } = start(["failover", "--reason", "r", "--wait", "--limit-seconds", "600", ...target()]);
    program.stderr.destroy();
    expect(await ended).toBe(141);
  });

  test("of what init shows only once takes back what it made, and says so", async () => {
    const stdout = new PassThrough();
    stdout._write = (_chunk, _encoding, callback) => {
      callback(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    };
    stdout.on("error", () => undefined);
    const { exitCode, stderr } = await runCommand(pairFlags(path.join(directory, "pair")), { stdout });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("could not be shown, so all of it was taken back");
    expect(await readdir(directory)).toEqual(["ca.pem"]);
  });
});

test("a terminal that closes while init asks: nothing is written", async () => {
  const out = path.join(directory, "pair");
  const { exitCode, stderr } = await runCommand(["init", "--out", out], { keys: Readable.from(["shop\r"]) });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("nothing was written")]);
  expect(await readdir(directory)).toEqual(["ca.pem"]);
});

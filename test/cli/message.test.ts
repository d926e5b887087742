import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openAdminStub, type StubAnswer } from "../support/admin-stub.js";
import { runCommand } from "../support/run-cli.js";

let directory: string;
let stub: Awaited<ReturnType<typeof openAdminStub>>;
let answer: StubAnswer;
beforeEach(async () => {
  answer = { body: { code: "TurnedOff", sent: true } };
  directory = await mkdtemp(path.join(os.tmpdir(), "message-"));
  stub = await openAdminStub(() => answer);
  await writeFile(path.join(directory, "ca.pem"), stub.certificate);
});
afterEach(async () => {
  await stub.close();
  await rm(directory, { recursive: true });
});

function run(command: string) {
  const target = ["--url", `https://127.0.0.1:${stub.port}`, "--ca", path.join(directory, "ca.pem")];
  return runCommand([...command.split(" "), ...target], { env: { SPARESYNC_TOKEN: "the-token" } });
}

test("a test message is asked for with its code", async () => {
  const { exitCode, stdout } = await run("message test --code TurnedOff");
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("taken the test message TurnedOff")]);
  expect(stub.seen).toMatchObject([{ method: "POST", url: "/v1/messages/test", body: { code: "TurnedOff" } }]);
});

test("one that the mail server does not take is a problem, with what it said", async () => {
  answer = { status: 502, body: { error: { code: "MAIL_FAILED", message: "mail.test:25 did not take it" } } };
  const { exitCode, stderr } = await run("message test");
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining("mail.test:25 did not take it")]);
});

test("a code that the catalogue does not know is refused before anybody is asked", async () => {
  expect((await run("message test --code Nonsense")).exitCode).toBe(2);
  expect(stub.seen).toEqual([]);
});

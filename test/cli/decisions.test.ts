import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { recordDecision } from "../../actor/core/decision-record.js";
import { decideFailover } from "../../actor/core/failover-criteria.js";
import { openAdminStub } from "../support/admin-stub.js";
import { readyFacts, strictLimits } from "../support/failover-facts.js";
import { runCommand } from "../support/run-cli.js";

let directory: string;
let stub: Awaited<ReturnType<typeof openAdminStub>>;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "decisions-"));
  stub = await openAdminStub(() => ({ body: { decisions: [decided] } }));
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

const facts = { ...readyFacts, askedBy: [] };
const made = { id: "d1", decidedAtMs: 1_700_000_000_000, isObservedOnly: false };
const decided = recordDecision(made, decideFailover(facts, strictLimits), facts, strictLimits);

test("are listed with what stood in the way, and shown with every criterion", async () => {
  expect((await run("decisions")).stdout).toMatch(/d1 {8}2023-11-14 22:13:20 UTC {2}stay {5}nobody allowed to ask/);
  const { stdout } = await run("decisions show d1");
  expect(stdout).toMatch(/^ {2}NOT MET {2}asked {2,}nobody allowed to ask has asked$/m);
  expect(stdout.split("\n").length).toBeGreaterThan(15);
  expect((await run("decisions show d2 --json")).json).toMatchObject({ error: { code: "NOT_FOUND" } });
});

test("are made again from what show has printed, without asking anybody", async () => {
  const file = path.join(directory, "decision.json");
  await writeFile(file, (await run("decisions show d1 --json")).stdout);
  const asked = stub.seen.length;
  const again = await runCommand(["decide", "--replay", file, "--json"]);
  expect([again.exitCode, again.json["isSame"], stub.seen.length]).toEqual([0, true, asked]);
  await writeFile(file, JSON.stringify({ ...decided, decision: "fail-over", because: "all criteria are met" }));
  const other = await runCommand(["decide", "--replay", file]);
  expect([other.exitCode, other.stdout]).toEqual([
    1,
    expect.stringContaining("not the same as was decided then: fail-over (all criteria are met)"),
  ]);
  await writeFile(file, "{}");
  expect((await runCommand(["decide", "--replay", file, "--json"])).json).toMatchObject({
    error: { code: "REQUEST_INVALID" },
  });
});

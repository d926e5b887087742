import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { SyncItemStatus } from "../../shared/core/status.js";
import { openAdminStub, type SeenRequest, type StubAnswer } from "../support/admin-stub.js";
import { runCommand } from "../support/run-cli.js";
import { sampleStatus } from "../support/sample-status.js";

let directory: string;
let stub: Awaited<ReturnType<typeof openAdminStub>>;
let answer: (request: SeenRequest) => StubAnswer;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "analyse-folders-"));
  stub = await openAdminStub((request) => answer(request));
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

test("asks for all folders unless one is named, by content when it is said, and tells which will be compared", async () => {
  answer = ({ body }) => ({
    status: 202,
    body: { folders: ["uploads"], hasContent: (body as { hasContent: boolean }).hasContent },
  });
  const all = await run("files analyse");
  expect(all).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("uploads will be compared in full") });
  const one = await run("files analyse uploads --content --json");
  expect(one.exitCode).toBe(0);
  expect(JSON.parse(one.stdout.trim().split("\n").at(-1)!)).toEqual({
    ok: true,
    answer: { folders: ["uploads"], hasContent: true },
  });
  expect(stub.seen.map(({ method, url, body }) => ({ method, url, body }))).toEqual([
    { method: "POST", url: "/v1/files/analyse", body: { hasContent: false } },
    { method: "POST", url: "/v1/files/analyse", body: { folder: "uploads", hasContent: true } },
  ]);
});

test("what the actor refuses is told with what to do", async () => {
  const error = { code: "OPERATION_REFUSED", message: "This server is not active.", hint: "ask the other" };
  answer = () => ({ status: 409, body: { error } });
  const result = await run("files analyse");
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toMatch(/This server is not active[^]*ask the other/);
});

test("follows the folders it asked for until they are compared, and no other one", async () => {
  const status = sampleStatus();
  const folder = { ...(status.sync[0] as SyncItemStatus), pendingChanges: 0 };
  const other = { ...folder, name: "other", pendingChanges: 7 };
  const analysis = { isUnderWay: true, hasContent: true };
  let reads = 0;
  answer = ({ method }) => {
    if (method === "POST") return { status: 202, body: { folders: [folder.name], hasContent: true } };
    reads += 1;
    return { body: { ...status, sync: [reads < 3 ? { ...folder, analysis } : folder, other] } };
  };
  const result = await run("files analyse --content --follow");
  expect(result.stderr).toContain("being compared by content");
  expect(result.stdout).toBe(`${folder.name}  ok  whole copy\n`);
  expect([result.exitCode, reads]).toEqual([0, 3]);
});

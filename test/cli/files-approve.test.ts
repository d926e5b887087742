import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openAdminStub, type SeenRequest, type StubAnswer } from "../support/admin-stub.js";
import { runCommand } from "../support/run-cli.js";

let directory: string;
let stub: Awaited<ReturnType<typeof openAdminStub>>;
let answer: (request: SeenRequest) => StubAnswer;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "approve-"));
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

test("an approval is shown with its names first, and given only of what was shown", async () => {
  const question = {
    because: "600 of 900 files are gone from the source",
    shown: "0123456789ab",
    files: 600,
    folders: [
      { folder: "a", files: 500 },
      { folder: "", files: 100 },
    ],
    examples: ["a/1.doc", "a/2.doc"],
  };
  const folder = { name: "uploads", warnings: 0, pathsRefused: 0, paths: [], question };
  answer = ({ method }) => ({ body: method === "GET" ? { folders: [folder] } : {} });
  const shown = await run("files approve uploads");
  expect(shown.exitCode).toBe(1);
  expect(shown.stdout).toContain(question.because);
  expect(shown.stdout).toContain('500 from "a"\n  100 from the folder itself\n');
  expect(shown.stdout).toContain('"a/1.doc"\n  "a/2.doc"\n');
  expect(shown.stdout).toContain("--shown 0123456789ab");
  expect((await run("files approve uploads --json")).json).toEqual({ ok: false, question });
  expect(stub.seen.map(({ method }) => method)).toEqual(["GET", "GET"]);
  expect((await run("files approve uploads --shown 0123456789ab")).exitCode).toBe(0);
  expect(stub.seen.at(-1)?.body).toEqual({ folder: "uploads", shown: "0123456789ab" });
});

test("an approval that has nothing to name, as a target's, is given at once", async () => {
  answer = ({ method }) => ({ body: method === "GET" ? { folders: [] } : {} });
  expect((await run("files approve uploads")).exitCode).toBe(0);
  expect(stub.seen.at(-1)).toMatchObject({ method: "POST", url: "/v1/files/approve", body: { folder: "uploads" } });
});

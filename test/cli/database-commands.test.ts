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
  directory = await mkdtemp(path.join(os.tmpdir(), "database-commands-"));
  stub = await openAdminStub((request) => answer(request));
  await writeFile(path.join(directory, "ca.pem"), stub.certificate);
});
afterEach(async () => {
  await stub.close();
  await rm(directory, { recursive: true });
});

const running = {
  database: "shop",
  task: "verify",
  state: "running",
  requestedBy: "olga",
  startedAtMs: 1,
  endedAtMs: 0,
  because: "",
  verification: null,
};
const found = [{ table: "public.t", key: ["7"], what: "different" }];

function run(command: string) {
  const target = ["--url", `https://127.0.0.1:${stub.port}`, "--ca", path.join(directory, "ca.pem")];
  return runCommand([...command.split(" "), ...target], { env: { SPARESYNC_TOKEN: "the-token" } });
}

test("verify asks, follows the task to its end, and names the rows that differ", async () => {
  const verification = { rows: 10, differences: 1, repaired: 0, found };
  answer = ({ method }) => ({
    body: { task: method === "POST" ? running : { ...running, state: "done", verification } },
  });
  const result = await run("database verify --database shop");
  expect(result.stdout).toContain("shop: 10 rows compared, 1 differ, 0 repaired\npublic.t (7): different");
  expect(result.exitCode).toBe(1);
  expect(stub.seen[0]).toMatchObject({ url: "/v1/databases/shop/task", body: { task: "verify", isRepairing: false } });
});

test("verify warns of what was too large for one reading, and does not call it verified", async () => {
  const verification = { rows: 10, differences: 0, repaired: 0, found: [], unverified: ["public.log"] };
  answer = ({ method }) => ({
    body: { task: method === "POST" ? running : { ...running, state: "done", verification } },
  });
  const result = await run("database verify --database shop");
  expect(result.stdout).toContain(
    "warning: public.log: not verified: too large for one reading; add a key or exclude it",
  );
  expect(result.exitCode).toBe(1);
});

test("a task that failed says why, with exit code 1", async () => {
  answer = () => ({ body: { task: { ...running, state: "failed", because: "shop is not a source here" } } });
  const result = await run("database reinitialise --database shop --table public.t public.u");
  expect(result).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("not a source here") });
  expect(stub.seen[0]?.body).toEqual({ task: "reinitialise", tables: ["public.t", "public.u"] });
});

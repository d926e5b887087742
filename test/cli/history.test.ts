import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openAdminStub } from "../support/admin-stub.js";
import { runCommand } from "../support/run-cli.js";

let directory: string;
let stub: Awaited<ReturnType<typeof openAdminStub>>;
const event = { sequence: 3, atMs: 1_700_000_000_000, server: "primary", name: "TurnedOff", subject: "" };
const page = { events: [{ ...event, who: "olga", why: "patches", result: "" }], unreadableLines: 1 };
let answered: object = page;
beforeEach(async () => {
  answered = page;
  directory = await mkdtemp(path.join(os.tmpdir(), "history-"));
  stub = await openAdminStub(() => ({ body: answered }));
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

test("the history is shown as a table, with the lines that cannot be read, or as JSON", async () => {
  const { stdout } = await run("history");
  expect(stdout).toMatch(/^2023-11-14 22:13:20 UTC {2}TurnedOff {2}olga {10}patches$/m);
  expect(stdout).toContain("1 lines cannot be read");
  expect((await run("history --json")).json).toEqual({ ok: true, ...page });
  answered = { events: [], unreadableLines: 0 };
  expect((await run("history")).stdout).toBe("nothing of that kind has happened\n");
});

test("what is asked for reaches the actor", async () => {
  await run("history --since 2026-01-31 --kind operator TurnedOn --limit 7");
  const asked = new URL(stub.seen[0]!.url, "http://actor");
  expect(Object.fromEntries(asked.searchParams)).toEqual({
    since: "2026-01-31T00:00:00.000Z",
    kind: "operator,TurnedOn",
    limit: "7",
  });
  const before = Date.now();
  await run("history --since 2h");
  const since = Date.parse(new URL(stub.seen[1]!.url, "http://actor").searchParams.get("since") ?? "");
  expect(since).toBeGreaterThanOrEqual(before - 7_200_000);
  expect(since).toBeLessThanOrEqual(Date.now() - 7_200_000);
});

test("a time that is none is refused before anybody is asked", async () => {
  const { exitCode, stderr } = await run("history --since yesterday");
  expect([exitCode, stub.seen.length]).toEqual([2, 0]);
  expect(stderr).toContain("--since yesterday: expected");
});

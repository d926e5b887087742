import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createProgram } from "../../cli/sparesync.js";
import { createSystemClock } from "../../shared/system-clock.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "program-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** Starts the program itself, as npm's link in node_modules/.bin does. */
async function start(argv: readonly string[]) {
  const link = path.join(directory, "sparesync");
  await symlink(path.resolve("dist/cli/sparesync.js"), link);
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [link, ...argv], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

test("the program starts through a link, keeps stdout for the result and gives its exit code", async () => {
  const { code, stdout, stderr } = await start(["check", "--settings", "/nonexistent.yml", "--json"]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "SETTINGS_UNREADABLE" } });
  expect(stderr).toContain("→ name the file with --settings");
});

test("without a terminal it does not ask", async () => {
  const { code, stderr } = await start(["init", "--out", path.join(directory, "pair")]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("--pair, --name")]);
});

test("every command has its own file of its name, a description, and --json unless it runs in the foreground", async () => {
  const program = createProgram({
    io: {
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      env: {},
      isInteractive: false,
      clock: createSystemClock(),
      interruption: () => new AbortController().signal,
    },
    answer: () => Promise.resolve(),
  });
  const names = program.commands.map((command) => command.name()).sort();
  const files = (await readdir("cli/commands")).filter((file) => file !== "index.ts");
  expect(files.map((file) => file.replace(/\.ts$/, "")).sort()).toEqual(names);
  const all = program.commands.flatMap((one) => [one, ...one.commands, ...one.commands.flatMap((two) => two.commands)]);
  for (const command of all) {
    const isProgram = ["actor", "guard", "exporter"].includes(command.name()) || command.commands.length > 0;
    expect([command.name(), command.description()]).toEqual([command.name(), expect.stringMatching(/^[a-z].+/)]);
    expect([command.name(), command.options.some(({ long }) => long === "--json")]).toEqual([
      command.name(),
      !isProgram,
    ]);
  }
});

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { stringify } from "yaml";
import { openStatusSocket } from "../../actor/status-socket.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { rememberLog } from "../support/log-memory.js";
import { sampleSettings } from "../support/sample-settings.js";
import { sampleStatus } from "../support/sample-status.js";
import { startTestPageServer } from "../support/test-page-server.js";

let directory: string;
let settingsFile: string;
let port: number;
const programs: ChildProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "exporter-main-"));
  settingsFile = path.join(directory, "sparesync.yml");
  const free = await startTestPageServer(() => undefined);
  port = free.address.port;
  await free.close();
  const { pair, server, link, ownership, dns, managedSystem } = sampleSettings();
  const loopback = (number: number) => ({ host: "127.0.0.1", port: number });
  const settings = {
    ...{ pair, server, ownership, stateDirectory: "state" },
    link: { listen: link.listen, peer: loopback(2) },
    admin: { listen: loopback(3) },
    dns: { ...dns, tsig: { keyName: "sparesync" } },
    exporter: { listen: loopback(port), probeSeconds: 0.2, openToEverybody: true },
    managedSystem: { ...managedSystem, publicAddresses: { primary: loopback(4), secondary: loopback(5) } },
  };
  await writeFile(settingsFile, stringify(settings));
});

afterEach(async () => {
  for (const program of programs.splice(0)) program.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

/** The exporter as a program of its own; resolves with its log's lines as they come. */
function startProgram() {
  const main = path.resolve("dist/exporter/main.js");
  const script = `const { runExporter } = await import(${JSON.stringify(main)}); await runExporter(process.argv[1]);`;
  const program = spawn(process.execPath, ["--input-type=module", "-e", script, settingsFile], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  programs.push(program);
  const ended = new Promise<number | null>((resolve) => program.once("exit", resolve));
  const lines: string[] = [];
  const listening = new Promise<void>((resolve) => {
    createInterface(program.stderr).on("line", (line) => {
      lines.push(line);
      if (line.includes('"exporter-listening"')) resolve();
    });
  });
  const listeningOrEnded = Promise.race([
    listening,
    ended.then((code) => {
      throw new Error(`ended with ${String(code)}: ${lines.join("\n")}`);
    }),
  ]);
  return { program, ended, listening: listeningOrEnded };
}

test("scrapes the actor over its socket, goes on without it, and ends in order", async () => {
  const clock = createSystemClock();
  const socket = await openStatusSocket({
    stateDirectory: path.join(directory, "state"),
    status: () => sampleStatus(),
    listeners: () => ({ admin: true, link: false }),
    log: rememberLog(),
    clock,
  });
  const { program, ended, listening } = startProgram();
  await listening;
  const metrics = async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const first = await metrics();
  expect(first).toContain("sparesync_actor_up 1");
  expect(first).toContain("sparesync_link_listening 0");
  expect(first).toMatch(/sparesync_build_info\{version="\d+\.\d+\.\d+",node_version="/);
  expect(first).toContain("process_resident_memory_bytes");

  await socket.close();
  expect(await metrics()).toContain("sparesync_actor_up 0");

  program.kill("SIGTERM");
  expect(await ended).toBe(0);
});

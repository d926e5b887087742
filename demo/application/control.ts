import { spawn } from "node:child_process";
import { openSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { acceptsConnection } from "../accepts-connection.js";
import { readApplicationConfig } from "./application-config.js";
import { isRunning, readPid } from "./running-process.js";

/**
 * Starts and stops the web application as an init script would: `control.js start|stop|kill --config FILE`. Exit codes: 0
 * done, 1 anything else. Whether it runs says `status.sh`.
 */
const answerLimitMs = 10_000;
const pollMs = 25;

const { values, positionals } = parseArgs({ options: { config: { type: "string" } }, allowPositionals: true });
const configFile = resolve(values.config ?? "application.json");
const config = readApplicationConfig(configFile);

function runningPid(): number | undefined {
  const pid = readPid(config.pidFile);
  return pid !== undefined && isRunning(pid, configFile) ? pid : undefined;
}

async function start(): Promise<number> {
  if (runningPid() !== undefined) return 0;
  const log = openSync(config.logFile, "a");
  const program = join(import.meta.dirname, "main.js");
  const child = spawn(process.execPath, [program, "--config", configFile], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  if (child.pid === undefined) return 1;
  writeFileSync(config.pidFile, String(child.pid));
  child.unref();
  return (await becomesTrue(() => acceptsConnection(config.host, config.port))) ? 0 : 1;
}

async function end(signal: "SIGTERM" | "SIGKILL"): Promise<number> {
  const pid = runningPid();
  if (pid !== undefined) {
    process.kill(pid, signal);
    if (!(await becomesTrue(() => Promise.resolve(runningPid() === undefined)))) return 1;
  }
  rmSync(config.pidFile, { force: true });
  return 0;
}

async function becomesTrue(isTrue: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + answerLimitMs;
  while (performance.now() < deadline) {
    if (await isTrue()) return true;
    await sleep(pollMs);
  }
  return false;
}

async function run(action: string): Promise<number> {
  switch (action) {
    case "start":
      return await start();
    case "stop":
      return await end("SIGTERM");
    case "kill":
      return await end("SIGKILL");
    default:
      console.error("usage: control.js start|stop|kill --config FILE");
      return 1;
  }
}

process.exitCode = await run(positionals[0] ?? "");

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A program that runs beside the bench until it is ended. */
export interface StartedProgram {
  readonly pid: number;
  /** Throws with the end of its log when it has ended by itself. */
  requireRunning(): void;
  end(): Promise<void>;
}

const orderlyEndMs = 3_000;
const pollMs = 20;
const running = new Map<ChildProcess, () => Promise<void>>();

/** Where a program stands; servers are often not in a user's PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** Why a program cannot be measured; undefined when it is there. */
export function missingProgram(name: string, debianPackage = name): string | undefined {
  if (findProgram(name) !== undefined) return undefined;
  return `${name} is not installed (Debian: apt-get install ${debianPackage})`;
}

/** Starts a program with its output in a file. It is ended with the bench at the latest. */
export function startProgram(
  name: string,
  args: readonly string[],
  logFile: string,
  environment: Readonly<Record<string, string>> = {},
): StartedProgram {
  const program = findProgram(name);
  if (program === undefined) throw new Error(missingProgram(name));
  const log = openSync(logFile, "a");
  const child = spawn(program, args, { stdio: ["ignore", log, log], env: { ...process.env, ...environment } });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => {
      running.delete(child);
      resolve();
    });
    child.once("error", () => {
      resolve();
    });
  });
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), orderlyEndMs);
    await ended;
    clearTimeout(kill);
  };
  running.set(child, end);
  return {
    pid: child.pid ?? 0,
    requireRunning: () => {
      if (child.exitCode === null && child.signalCode === null) return;
      throw new Error(`${name} has ended: ${readFileSync(logFile, "utf8").slice(-500)}`);
    },
    end,
  };
}

/** Ends what is running still, whatever happened. */
export async function endStartedPrograms(): Promise<void> {
  await Promise.all([...running.values()].map((end) => end()));
}

/** Waits until something listens on a port of this machine. */
export async function untilListening(port: number, program: StartedProgram, limitMs = 15_000): Promise<void> {
  await untilTrue(`something listens on port ${port}`, () => accepts(port), { limitMs, program });
}

export interface WaitOptions {
  readonly limitMs: number;
  readonly pauseMs?: number;
  /** Must not end meanwhile. */
  readonly program?: StartedProgram;
}

/** Waits for what only another program can bring about; rejects with what it waited for. */
export async function untilTrue(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  { limitMs, pauseMs = pollMs, program }: WaitOptions,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await isTrue())) {
    program?.requireRunning();
    if (performance.now() > endMs) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await sleep(pauseMs);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}

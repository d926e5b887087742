import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning, readPid } from "./application/running-process.js";

export interface StartOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A process the demonstration started; its output goes to a log file. */
export interface StartedProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  readonly hasEnded: () => boolean;
  /** Ends it at once, as a power cut does; resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it in order (SIGTERM); resolves when it is gone. */
  end(): Promise<void>;
}

/** A process that somebody else started (an actor starts the application), known by the file with its id. */
interface ForeignProcess {
  readonly pidFile: string;
  readonly marker: string;
}

const orderlyEndMs = 3_000;
const pollMs = 25;

/** Everything the demonstration started, so that it can be ended whatever happens. */
export class Processes {
  readonly #logFolder: string;
  readonly #running = new Map<ChildProcess, string>();
  readonly #foreign: ForeignProcess[] = [];
  #isClosed = false;

  constructor(logFolder: string) {
    this.#logFolder = logFolder;
  }

  start(name: string, { program, args, environment }: StartOptions): StartedProcess {
    if (this.#isClosed) throw new Error(`${name} is not started: the demonstration is ending`);
    const logFile = join(this.#logFolder, `${name}.log`);
    const log = openSync(logFile, "a");
    // Detached: Ctrl-C on the terminal reaches only the demonstration, which then ends the others in order.
    const child = spawn(program, args, {
      detached: true,
      // An open pipe: a program that ends with its standard input ends also when the demonstration is killed.
      stdio: ["pipe", log, log],
      env: { ...process.env, ...environment },
    });
    closeSync(log);
    this.#running.set(child, name);
    const ended = new Promise<void>((resolve) => {
      child.once("exit", () => {
        resolve();
      });
      child.once("error", () => {
        resolve();
      });
    }).then(() => {
      this.#running.delete(child);
    });
    if (child.pid === undefined) throw new Error(`${program} cannot be started`);
    const endBy = async (signal: NodeJS.Signals): Promise<void> => {
      child.kill(signal);
      await ended;
    };
    return {
      name,
      pid: child.pid,
      logFile,
      hasEnded: () => !this.#running.has(child),
      kill: () => endBy("SIGKILL"),
      end: () => endBy("SIGTERM"),
    };
  }

  /** Runs a program to its end; resolves to its standard output, rejects with its error output when it fails. */
  async run(name: string, { program, args, environment }: StartOptions, limitMs: number): Promise<string> {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
      timeout: limitMs,
    });
    this.#running.set(child, name);
    const output: string[] = [];
    const errors: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    }).finally(() => this.#running.delete(child));
    if (code !== 0)
      throw new Error(`${name} failed (${String(code)}): ${errors.join("").trim() || output.join("").trim()}`);
    return output.join("");
  }

  /** Adds a process that another one will start, to be ended with the rest. */
  alsoEnd(foreign: ForeignProcess): void {
    this.#foreign.push(foreign);
  }

  /** Kills such a process now; resolves when it is gone. Returns whether there was one. */
  async killForeign({ pidFile, marker }: ForeignProcess): Promise<boolean> {
    const pid = readPid(pidFile);
    if (pid === undefined || !isRunning(pid, marker)) return false;
    process.kill(pid, "SIGKILL");
    while (isRunning(pid, marker)) await sleep(pollMs);
    return true;
  }

  /** Ends everything: in order where that goes quickly, by killing otherwise. May be called twice. */
  async end(): Promise<void> {
    this.#isClosed = true;
    for (const child of this.#running.keys()) child.kill("SIGTERM");
    const deadline = performance.now() + orderlyEndMs;
    while (this.#running.size > 0 && performance.now() < deadline) await sleep(pollMs);
    for (const child of this.#running.keys()) child.kill("SIGKILL");
    while (this.#running.size > 0) await sleep(pollMs);
    // The applications last: while an actor lives it may start one.
    for (const foreign of this.#foreign) await this.killForeign(foreign);
  }
}

/** Waits until `isTrue`; rejects after the limit, or at once when one of `needed` has ended, with the end of its log. */
export async function until(
  what: string,
  isTrue: () => Promise<boolean> | boolean,
  limitMs: number,
  needed: readonly StartedProcess[] = [],
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    if (await isTrue()) return;
    const ended = needed.find(({ hasEnded }) => hasEnded());
    if (ended) throw new Error(`${ended.name} has ended while waiting until ${what}:\n${logTail(ended.logFile)}`);
    if (performance.now() > deadline) {
      const logs = needed.map(({ name, logFile }) => `--- ${name}\n${logTail(logFile)}`).join("\n");
      throw new Error(`not within ${String(limitMs / 1000)} s: ${what}\n${logs}`);
    }
    await sleep(pollMs * 2);
  }
}

const tailLines = 12;

export function logTail(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").slice(-tailLines).join("\n") : "";
}

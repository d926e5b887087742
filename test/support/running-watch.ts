import { readFileSync } from "node:fs";
import { isRunning, readPid } from "../../demo/application/running-process.js";
import type { Layout } from "../../demo/layout.js";
import { type ServerName, serverNames } from "../../shared/core/server-name.js";

const everyMs = 50;

/** Looks all the time at which server the application's process runs, past every network. One that stands still does not. */
export class RunningWatch {
  readonly #layout: Layout;
  readonly #timer: NodeJS.Timeout;
  #bothMs = 0;
  #lastAtMs = performance.now();
  #wereBoth = false;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#timer = setInterval(() => {
      this.#look();
    }, everyMs);
  }

  /** For how long both have run, in seconds, since the last time that this was asked. */
  takeBothSeconds(): number {
    const seconds = this.#bothMs / 1000;
    this.#bothMs = 0;
    return seconds;
  }

  isRunning(server: ServerName): boolean {
    const { application, applicationConfigFile } = this.#layout.servers[server];
    const pid = readPid(application.pidFile);
    return pid !== undefined && isRunning(pid, applicationConfigFile) && !isStopped(pid);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const areBoth = serverNames.every((server) => this.isRunning(server));
    if (areBoth && this.#wereBoth) this.#bothMs += nowMs - this.#lastAtMs;
    this.#wereBoth = areBoth;
    this.#lastAtMs = nowMs;
  }
}

/** Field 3 of proc_pid_stat(5): T is stopped by a signal. */
function isStopped(pid: number): boolean {
  try {
    return /^\d+ \(.*\) T/s.test(readFileSync(`/proc/${String(pid)}/stat`, "utf8"));
  } catch {
    return false;
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { type ServerName, serverNames } from "../shared/core/server-name.js";
import type { Observation } from "./dual-active.js";
import { ask } from "./request.js";

export interface ObserverOptions {
  readonly hosts: Readonly<Record<ServerName, string>>;
  readonly port: number;
  readonly pauseMs: number;
}

const requestLimitMs = 2_000;

/** 503 is the application that is offline; any other failure may come after a commit. */
const outcomes: ReadonlyMap<number, Observation["outcome"]> = new Map([
  [201, "accepted"],
  [503, "refused"],
]);

/**
 * Writes to both applications at their own addresses, whatever the name says, and notes which of them accept. It asks
 * SpareSync nothing. Each application has a loop of its own, so that a hanging one does not hide the other.
 */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #observations: Observation[] = [];
  #isStopping = false;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loops = Promise.all(serverNames.map((server) => this.#watch(server)));
  }

  get observations(): readonly Observation[] {
    return this.#observations;
  }

  async stop(): Promise<readonly Observation[]> {
    this.#isStopping = true;
    await this.#loops;
    return this.#observations;
  }

  async #watch(server: ServerName): Promise<void> {
    for (let number = 1; !this.#isStopping; number += 1) {
      this.#observations.push(await this.#observe(server, `${server}-${String(number)}`));
      await sleep(this.#options.pauseMs);
    }
  }

  async #observe(server: ServerName, id: string): Promise<Observation> {
    const sentAtMs = Date.now();
    const question = { host: this.#options.hosts[server], port: this.#options.port, method: "POST" } as const;
    const outcome = await ask({ ...question, path: "/observe", body: JSON.stringify({ id }), limitMs: requestLimitMs })
      .then(({ status }) => outcomes.get(status) ?? "unknown")
      // A refused connection reached nobody; anything else may have been done although no answer came.
      .catch((error: unknown) => (isConnectionRefused(error) ? ("refused" as const) : ("unknown" as const)));
    return { id, server, sentAtMs, endedAtMs: Date.now(), outcome };
  }
}

function isConnectionRefused(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ECONNREFUSED";
}

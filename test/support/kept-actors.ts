import { setTimeout as sleep } from "node:timers/promises";
import type { ServerName } from "../../shared/core/server-name.js";
import { KillFolder } from "./kill-at-steps.js";
import type { ProcessPair } from "./process-pair.js";

const pollMs = 20;

/** Keeps actors running: whichever is killed is started again at once. */
export class KeptActors {
  readonly folder: KillFolder;
  readonly #pair: ProcessPair;
  readonly #stops = new Map<ServerName, AbortController>();
  readonly #loops = new Map<ServerName, Promise<void>>();

  constructor(pair: ProcessPair) {
    this.#pair = pair;
    this.folder = new KillFolder(pair.folder("kills"));
  }

  /** Starts an actor and resolves when it answers. */
  async start(server: ServerName): Promise<void> {
    const stop = new AbortController();
    this.#stops.set(server, stop);
    this.#loops.set(server, this.#keep(server, stop.signal));
    await this.#pair.untilTrue(`the ${server}'s actor answers`, () => this.folder.pidOf(server) !== undefined);
  }

  /** From now on the actor stays dead when it is killed. */
  async leave(server: ServerName): Promise<void> {
    this.#stops.get(server)?.abort();
    await this.#loops.get(server);
  }

  async leaveAll(): Promise<void> {
    for (const server of this.#loops.keys()) await this.leave(server);
  }

  async #keep(server: ServerName, signal: AbortSignal): Promise<void> {
    const environment = this.folder.environmentOf(server);
    const isLeft = (): boolean => signal.aborted;
    while (!isLeft()) {
      // It may be killed again before it answers: then it is simply started once more.
      const actor = await this.#pair.stage.startActor(server, environment).catch(() => undefined);
      if (actor) this.folder.setPid(server, actor.pid);
      do await sleep(pollMs);
      while (actor?.hasEnded() === false && !isLeft());
    }
  }
}

import { serverNames, type ServerName } from "../../shared/core/server-name.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { KeptDocument } from "./kept-document.js";
import type { World } from "./world.js";

/**
 * How long the name may point to the server that does not own it, while the owner serves and its start command has
 * ended, its test page answers, it reaches the update server, and no operation asks a person. `docs/ownership.md` states both: after a takeover, and after
 * the other host has registered itself again.
 */
export const statedNameSeconds = { takeover: 30, registeredAgain: 90 } as const;

/** What must never be seen of a pair, besides two that serve and lost rows. */
export class Invariants {
  readonly #kept: Record<ServerName, KeptDocument> = { primary: {}, secondary: {} };
  #nameAstraySinceMs: number | undefined;
  #isNameReported = false;
  /** The longest time for which the name pointed to the other server though nothing was in the way. */
  longestNameSeconds = 0;

  constructor(private readonly world: World) {}

  /** What an actor begins with. */
  noteRead(server: ServerName, document: unknown): void {
    this.#kept[server] = document ?? {};
  }

  /**
   * An operation that was kept goes on, or stands among the last ones with its end: it never goes missing. Only a write
   * that did not fail counts: nobody was told of the others, whatever of them reached the disk.
   */
  noteKept(server: ServerName, document: unknown): void {
    const { operation: former } = this.#kept[server];
    const { operation, lastOperations = [] } = (this.#kept[server] = document as KeptDocument);
    if (!former || operation?.id === former.id || lastOperations.some(({ id }) => id === former.id)) return;
    this.world.violations.push(`operation ${former.id} on the ${server} has vanished: nobody hears how it ended`);
  }

  /** A command that comes after its operation has ended must not stop the application of the server that owns the name. */
  noteEvent(server: ServerName, event: string, fields: JsonObject): void {
    const because = typeof fields["because"] === "string" ? fields["because"] : "";
    const [, operationId] = /^operation (\S+)$/.exec(because) ?? [];
    if (event !== "managed-system-stopping" || operationId === undefined) return;
    const isOver = this.world
      .host(server)
      .actor?.operations()
      .some(({ id, endedAtMs }) => id === operationId && endedAtMs > 0);
    if (this.world.nameServer.record?.active === server && isOver)
      this.world.violations.push(`the ${server} is stopped by a command of operation ${operationId}, which is over`);
  }

  observe(): void {
    if (!this.#isNameAstray()) {
      this.#nameAstraySinceMs = undefined;
      return;
    }
    this.#nameAstraySinceMs ??= this.world.time.nowMs;
    const seconds = (this.world.time.nowMs - this.#nameAstraySinceMs) / 1000;
    this.longestNameSeconds = Math.max(this.longestNameSeconds, seconds);
    const { address, isTakenBack } = this.world.nameServer;
    const limitSeconds = statedNameSeconds[isTakenBack ? "registeredAgain" : "takeover"];
    if (seconds <= limitSeconds || this.#isNameReported) return;
    this.#isNameReported = true;
    this.world.violations.push(`the name points to the ${address}, which is fenced, for longer than ${limitSeconds} s`);
  }

  /** Pointing to the other server with nothing in the way of mending that. */
  #isNameAstray(): boolean {
    const { nameServer, network } = this.world;
    const owner = nameServer.record?.active;
    if (owner === undefined || nameServer.address === owner) return false;
    const host = this.world.host(owner);
    const isUpdateServerWell =
      !nameServer.isFrozen &&
      !nameServer.turnsUpdatesAway &&
      !nameServer.turnsQuestionsAway &&
      nameServer.staleAddress === undefined &&
      !network.isUnsteady;
    const isInReach = !network.isCut(owner, "update-server") && !network.isCut("update-server", owner);
    // The command that starts the application says when it is started, not the first answer.
    const isStarted = host.isServing() && !host.isStartUnderWay;
    const isWell = host.actor !== undefined && !host.isActorFrozen && !host.isDiskFailing && host.broken.size === 0;
    const isAnybodyAsked = serverNames.some((name) =>
      this.world
        .host(name)
        .actor?.operations()
        .some(({ state }) => state === "asks-a-person"),
    );
    return isUpdateServerWell && isInReach && isWell && isStarted && !isAnybodyAsked;
  }
}

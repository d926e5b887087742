import type { World } from "./world.js";

/**
 * Rule 6 with its assumption: the update server stands beside the spare, and a primary that nothing confirms serves on as
 * long as its internet works. Two may then serve when both lines of the primary are cut and its internet is not. Only
 * that counts here; an overlap that begins in any other way is a violation as it is everywhere else.
 */
export class DocumentedException {
  seconds = 0;
  isNow = false;
  #internetSeenAtMs = 0;

  constructor(private readonly world: World) {}

  observe(isDual: boolean, wasDual: boolean): void {
    const { world } = this;
    // A witness makes a proof of it.
    if (!world.isAssumption || world.hasWitness) return;
    if (!world.network.isCut("primary", "outside")) this.#internetSeenAtMs = world.time.nowMs;
    if (!isDual) this.isNow = false;
    else if (!wasDual) this.isNow = this.#isUnconfirmed();
    // Without internet the primary must stop, within a look and its stop.
    const withoutInternetSeconds = (world.time.nowMs - this.#internetSeenAtMs) / 1000;
    if (withoutInternetSeconds > world.stopSeconds + lookSeconds) this.isNow = false;
  }

  /** As the primary itself sees it; while its actor is dead, by the lines. */
  #isUnconfirmed(): boolean {
    const { world } = this;
    const primary = world.host("primary");
    const { selfFenceSeconds } = world.settings("primary").ownership;
    if (primary.actor) return primary.actor.status().confirmation.ageSeconds > selfFenceSeconds;
    return world.network.isCut("primary", "update-server") || world.network.isCut("update-server", "primary");
  }
}

/** Until a primary has noticed that its internet is lost. */
const lookSeconds = 15;

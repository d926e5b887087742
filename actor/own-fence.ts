import type { ActorContext } from "./actor-context.js";
import { agreedFence, fenceInForce, type FenceInForce } from "./core/fence-terms.js";

/** By what this server fences itself now: its settings, or what the other server still goes by (docs/ownership.md 15). */
export function ownFence({ settings, store }: ActorContext): FenceInForce {
  return fenceInForce(settings, agreedFence(store.facts.fence, settings));
}

/** Whether a part of this server's fence settings waits for the other server to acknowledge it. */
export function isFenceUnacknowledged(context: ActorContext): boolean {
  const { selfFenceSeconds, updateServerSite } = context.settings.ownership;
  const inForce = ownFence(context);
  return inForce.selfFenceSeconds < selfFenceSeconds || inForce.updateServerSite !== updateServerSite;
}

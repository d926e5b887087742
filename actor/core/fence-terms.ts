import { z } from "zod";
import type { Settings } from "../../shared/core/settings/settings.js";
import { takeoverWaitSeconds, type OwnershipLimits, type ServingFacts } from "./ownership.js";

/**
 * The fence settings are pair-wide, and each server reads them in a file of its own (docs/ownership.md 15). So a server
 * tells the other one what its fence amounts to, and a weaker fence than before holds only when the other one has
 * acknowledged, durably, that it knows of it.
 */

/** On what a server serves that can confirm its ownership nowhere; the safest first. */
const groundsToServeOn = ["nothing", "lease", "assumption"] as const;

export const fenceTermsSchema = z.object({
  /** For how long the other server waits after its claim, so that this one has certainly stopped. */
  waitSeconds: z.number(),
  servesOn: z.enum(groundsToServeOn),
});
export type FenceTerms = z.output<typeof fenceTermsSchema>;

export const announcedFenceSchema = z.object({
  /** Grows with every change, so that a delayed older message is recognised. */
  sequence: z.int().min(0),
  /** Null: nothing was announced yet. */
  terms: fenceTermsSchema.nullable(),
});
export type AnnouncedFence = z.output<typeof announcedFenceSchema>;

export const fenceFactsSchema = z.object({
  /** What this server announces. */
  own: announcedFenceSchema,
  /** The safest of all that the other server may still go by; null: it has never heard of any. */
  agreed: fenceTermsSchema.nullable(),
  /** What the other server has announced. */
  peer: announcedFenceSchema,
});
export type FenceFacts = z.output<typeof fenceFactsSchema>;

export const noFence: FenceFacts = {
  own: { sequence: 0, terms: null },
  agreed: null,
  peer: { sequence: 0, terms: null },
};

type FenceSettings = Pick<Settings, "ownership" | "witness">;

/** What the settings of a server amount to. */
export function fenceTermsOf({ ownership, witness }: FenceSettings): FenceTerms {
  const atTheSpare = witness === undefined ? "assumption" : "lease";
  return {
    waitSeconds: takeoverWaitSeconds(ownership),
    servesOn: ownership.updateServerSite === "secondary" ? atTheSpare : "nothing",
  };
}

/** Announces what holds now. The other server may go on by what was announced before, until it acknowledges this. */
export function withOwnFence(fence: FenceFacts, terms: FenceTerms): FenceFacts {
  const { own, agreed } = fence;
  if (own.terms && isSame(own.terms, terms)) return fence;
  return {
    ...fence,
    own: { sequence: own.sequence + 1, terms },
    agreed: agreed && own.terms ? saferOf(agreed, own.terms) : (agreed ?? own.terms),
  };
}

/** Takes in what the other server announces; an older one that arrives late changes nothing. */
export function withPeerFence(fence: FenceFacts, peer: AnnouncedFence): FenceFacts {
  return peer.sequence > fence.peer.sequence ? { ...fence, peer } : fence;
}

/** Takes in the highest sequence that the other server has kept of what this one announces. */
export function withFenceSeen(fence: FenceFacts, seen: number): FenceFacts {
  const { own, agreed } = fence;
  // Announced before this server lost its disk: what holds now is announced anew above it.
  if (seen > own.sequence) return { ...fence, own: { ...own, sequence: seen + 1 } };
  if (seen !== own.sequence || !own.terms || (agreed && isSame(agreed, own.terms))) return fence;
  return { ...fence, agreed: own.terms };
}

/** By what the guard and the actor of this server fence: its settings, or what the other server still goes by. */
export type FenceInForce = OwnershipLimits & Pick<ServingFacts, "updateServerSite">;

export function fenceInForce(settings: FenceSettings, agreed: FenceTerms | null): FenceInForce {
  const { selfFenceSeconds, stopSeconds, marginSeconds, updateServerSite } = settings.ownership;
  const own = fenceTermsOf(settings);
  const tooLateSeconds = agreed ? Math.max(0, own.waitSeconds - agreed.waitSeconds) : 0;
  const isGroundKnown = !agreed || rankOf(own) <= rankOf(agreed);
  return {
    selfFenceSeconds: Math.max(0, selfFenceSeconds - tooLateSeconds),
    stopSeconds,
    marginSeconds,
    // Anywhere but beside the spare, an unconfirmed server serves on by nothing.
    updateServerSite: isGroundKnown ? updateServerSite : "elsewhere",
  };
}

/** What the other server may still go by, of which this one's settings are not yet announced either. */
export function agreedFence(fence: FenceFacts, settings: FenceSettings): FenceTerms | null {
  return withOwnFence(fence, fenceTermsOf(settings)).agreed;
}

/** For how long a claimant waits: by its own settings, or longer where the other server has announced that. */
export function claimWaitSeconds(settings: FenceSettings, { peer }: FenceFacts): number {
  return Math.max(takeoverWaitSeconds(settings.ownership), peer.terms?.waitSeconds ?? 0);
}

/** Whether the other server's fence is one that a claimant with these settings can rely on as a proof. */
export function isFenceProven({ witness }: Pick<FenceSettings, "witness">, { peer }: FenceFacts): boolean {
  switch (peer.terms?.servesOn) {
    case undefined:
    case "nothing":
      return true;
    case "lease":
      return witness !== undefined;
    case "assumption":
      return false;
  }
}

function saferOf(one: FenceTerms, other: FenceTerms): FenceTerms {
  return {
    waitSeconds: Math.min(one.waitSeconds, other.waitSeconds),
    servesOn: rankOf(one) <= rankOf(other) ? one.servesOn : other.servesOn,
  };
}

function rankOf({ servesOn }: FenceTerms): number {
  return groundsToServeOn.indexOf(servesOn);
}

function isSame(one: FenceTerms, other: FenceTerms): boolean {
  return one.waitSeconds === other.waitSeconds && one.servesOn === other.servesOn;
}

import type { ServerName } from "../../shared/core/server-name.js";
import { otherServer } from "../../shared/core/server-name.js";
import type { Claim, KeptFacts, Promised } from "./kept-facts.js";
import { isSameRecord, type OwnershipRecord } from "./ownership-record.js";

/**
 * The rules of who may serve, as pure functions. Rule numbers are those of docs/ownership.md. Ages and waits are
 * seconds of the monotonic clock.
 */
export interface OwnershipLimits {
  readonly selfFenceSeconds: number;
  readonly stopSeconds: number;
  readonly marginSeconds: number;
}

/** What a record that was just read means, given the highest one known. */
export type RecordJudgement =
  /** It is this server's: confirmed as of when the question was sent. */
  | { readonly kind: "own" }
  | { readonly kind: "peers" }
  /** A higher epoch than known: it must be kept before anything else is done. */
  | { readonly kind: "newer" }
  /** A lower epoch, none at all, or another text of the same epoch: confirms nothing, is never rewritten (rule 4). */
  | { readonly kind: "confirms-nothing"; readonly because: string };

export function judgeRecord(
  read: OwnershipRecord | undefined,
  known: OwnershipRecord | null,
  server: ServerName,
): RecordJudgement {
  if (!read) return { kind: "confirms-nothing", because: "the update server has no ownership record" };
  if (!known || read.epoch > known.epoch) return { kind: "newer" };
  if (read.epoch < known.epoch) {
    return {
      kind: "confirms-nothing",
      because: `the update server answers epoch ${read.epoch}, but epoch ${known.epoch} is known here`,
    };
  }
  if (!isSameRecord(read, known)) {
    return { kind: "confirms-nothing", because: `two different records of epoch ${read.epoch} were seen` };
  }
  return { kind: read.active === server ? "own" : "peers" };
}

export interface GrantFacts {
  readonly server: ServerName;
  readonly record: OwnershipRecord | null;
  readonly claim: Claim | null;
}

/** Whether the peer, which says it is active at `askedEpoch`, is told "I have not claimed" (rules 2 and 3). */
export function decideGrant(
  facts: GrantFacts,
  askedEpoch: number,
): { readonly isGranted: boolean; readonly because: string } {
  if (facts.claim) return { isGranted: false, because: `claim of operation ${facts.claim.operationId} is decided` };
  if (!facts.record) return { isGranted: false, because: "no ownership record is known here" };
  if (facts.record.epoch !== askedEpoch) {
    return { isGranted: false, because: `epoch ${facts.record.epoch} is known here, not ${askedEpoch}` };
  }
  if (facts.record.active === facts.server) return { isGranted: false, because: "the record names this server" };
  return { isGranted: true, because: "" };
}

export interface ServingFacts {
  readonly server: ServerName;
  readonly record: OwnershipRecord | null;
  /** Seconds since the question was sent whose answer last confirmed ownership; Infinity: never. */
  readonly confirmedAgeSeconds: number;
  /** Another name server shows a higher epoch, and nothing has confirmed this server since; undefined: none does. */
  readonly refutedBecause?: string | undefined;
  readonly peerPromise: Promised;
  readonly updateServerSite: "elsewhere" | "primary" | "secondary";
  readonly areExternalResourcesAvailable: boolean;
  /** Seconds since this record was last seen in the witness's key; Infinity: never; undefined: no witness is set. */
  readonly witnessHeldAgeSeconds?: number | undefined;
}

export type ServingDecision =
  { readonly kind: "may-serve"; readonly because: string } | { readonly kind: "must-stop"; readonly because: string };

/** Whether a server that serves may go on (rules 2, 5 and 6). */
export function decideServing(facts: ServingFacts, limits: OwnershipLimits): ServingDecision {
  const { record, server } = facts;
  if (!record) return { kind: "must-stop", because: "no ownership record is known" };
  if (record.active !== server) {
    return { kind: "must-stop", because: `the ${otherServer(server)} owns the name since epoch ${record.epoch}` };
  }
  if (facts.refutedBecause !== undefined) return { kind: "must-stop", because: facts.refutedBecause };
  if (facts.confirmedAgeSeconds <= limits.selfFenceSeconds) {
    return { kind: "may-serve", because: "ownership was confirmed" };
  }
  if (facts.peerPromise.kind !== null) {
    return { kind: "may-serve", because: `the peer has promised not to claim (${facts.peerPromise.kind})` };
  }
  if (server === "secondary") {
    return { kind: "may-serve", because: "the primary claims only when an operator says so" };
  }
  if (facts.updateServerSite === "secondary" && facts.areExternalResourcesAvailable) {
    return decideAtSparesSite(facts, limits);
  }
  return {
    kind: "must-stop",
    because: `ownership is unconfirmed for longer than ${limits.selfFenceSeconds} s`,
  };
}

/** An assumption, unless a witness proves it: then the spare claims by itself only when this lease has ended. */
function decideAtSparesSite({ witnessHeldAgeSeconds }: ServingFacts, limits: OwnershipLimits): ServingDecision {
  if (witnessHeldAgeSeconds === undefined) {
    return {
      kind: "may-serve",
      because: "assumption: with this server's internet working, the spare's site is what is lost",
    };
  }
  return witnessHeldAgeSeconds <= limits.selfFenceSeconds
    ? { kind: "may-serve", because: "the witness holds this server's lease, so the spare does not claim by itself" }
    : {
        kind: "must-stop",
        because: `neither the ownership nor the witness's lease is confirmed for longer than ${limits.selfFenceSeconds} s`,
      };
}

/** How long a claimant waits after its claim was answered, unless the peer says that it has stopped (rule 3). */
export function takeoverWaitSeconds(limits: OwnershipLimits): number {
  return limits.selfFenceSeconds + limits.stopSeconds + limits.marginSeconds;
}

/**
 * The only condition under which the managed system may be started: this very moment's reading is our own record, and
 * this server has promoted its copies in it, or owned the name already (rule 7).
 */
export function mayStart(
  read: OwnershipRecord | undefined,
  { record: known, server, readyRecordIds }: Pick<KeptFacts, "record" | "server" | "readyRecordIds">,
): { readonly isAllowed: boolean; readonly because: string } {
  const judgement = judgeRecord(read, known, server);
  switch (judgement.kind) {
    case "own":
      return known && readyRecordIds.includes(known.operationId)
        ? { isAllowed: true, because: "" }
        : { isAllowed: false, because: `the takeover of epoch ${known?.epoch ?? 0} has not been completed here` };
    case "peers":
      return { isAllowed: false, because: `the ownership record names the ${otherServer(server)}` };
    case "newer":
      return { isAllowed: false, because: "the ownership record is newer than what is known here" };
    case "confirms-nothing":
      return { isAllowed: false, because: judgement.because };
  }
}

/** The record a claim by `server` writes over `previous`. */
export function nextRecord(previous: OwnershipRecord, server: ServerName, operationId: string): OwnershipRecord {
  return { epoch: previous.epoch + 1, active: server, operationId };
}

/** What reading the record tells about a claim whose answer was lost or unclear (rule 4). */
export type ClaimJudgement =
  | { readonly kind: "won" }
  | { readonly kind: "lost"; readonly because: string }
  /** Still the old record: the update may come true until it is no longer valid; until then neither won nor undone. */
  | { readonly kind: "open"; readonly mayStillCome: boolean };

export function judgeClaim(
  claim: Claim,
  read: OwnershipRecord | undefined,
  nowWallMs: number,
  clockMarginMs: number,
): ClaimJudgement {
  if (!read) return { kind: "open", mayStillCome: true };
  if (isSameRecord(read, claim.next)) return { kind: "won" };
  if (isSameRecord(read, claim.previous)) {
    const mayStillCome = claim.state !== "intended" && nowWallMs <= claim.validUntilWallMs + clockMarginMs;
    return { kind: "open", mayStillCome };
  }
  if (read.epoch < claim.previous.epoch) return { kind: "open", mayStillCome: true };
  return { kind: "lost", because: `the record now says epoch ${read.epoch}, active ${read.active}` };
}

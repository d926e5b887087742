import { otherServer, type ServerName } from "../../shared/core/server-name.js";
import { isSameRecord, type OwnershipRecord } from "./ownership-record.js";

/**
 * What a witness adds to the rules of who may serve (docs/decisions/0028). It only ever takes a permission away: it
 * confirms nothing, shortens no wait, and no server starts because of it.
 */

/** What the witness's key holds. */
export interface WitnessHolder {
  /** Undefined: a text that is not of SpareSync's form. */
  readonly record: OwnershipRecord | undefined;
  /** Changes with every write of the key. */
  readonly revision: string;
  /** The lease with which it ends; empty: it stays until somebody changes it. */
  readonly leaseId: string;
}

/** What the standby knows of the other server's lease. */
export type WitnessWord = "none" | "free" | "held" | "unknown";

/** Whether this server may write its coming claim over what the key holds. */
export function judgeTaking(
  holder: WitnessHolder | undefined,
  server: ServerName,
): { readonly isAllowed: boolean; readonly because: string } {
  if (!holder) return { isAllowed: true, because: "nobody holds the lease of the witness" };
  if (!holder.record) return { isAllowed: false, because: "the witness's key holds a text that is not SpareSync's" };
  if (holder.record.active === server) return { isAllowed: true, because: "the witness's key is this server's own" };
  return {
    isAllowed: false,
    because: `the ${otherServer(server)} holds the lease of the witness (epoch ${holder.record.epoch})`,
  };
}

export interface HoldingFacts {
  readonly server: ServerName;
  readonly record: OwnershipRecord | null;
  readonly holder: WitnessHolder | undefined;
  /** It serves as a whole, answers its test page and is not fenced. */
  readonly isServingWell: boolean;
  /** Its ownership, or its lease here, was confirmed no longer ago than `selfFenceSeconds`. */
  readonly isConfirmed: boolean;
  readonly hasClaim: boolean;
  /** The update server has just shown the record that is known here. */
  readonly isRecordFresh: boolean;
}

export type HoldingDecision =
  /** Take the key under a lease, or renew that. `isHeld`: it is this record's already. */
  | { readonly kind: "hold"; readonly isHeld: boolean }
  /** The key is this server's and should not be. */
  | { readonly kind: "remove" }
  | { readonly kind: "leave"; readonly because: string };

/** What a server does about the key at each look. */
export function decideHolding(facts: HoldingFacts): HoldingDecision {
  const { record, server, holder } = facts;
  if (!record) return { kind: "leave", because: "" };
  if (record.active !== server) return decideForStandby(facts);
  const isHeld = holder?.record !== undefined && isSameRecord(holder.record, record);
  if (facts.isServingWell) {
    // A claim of the same or a later epoch may come true: only the update server's record tells, and then this changes.
    const isTaken = holder !== undefined && !isHeld && (holder.record?.epoch ?? Infinity) >= record.epoch;
    if (isTaken) return { kind: "leave", because: describeTaken(holder) };
    // Thawed after a long sleep it may find a key that the other server has held and lost meanwhile.
    return isHeld || facts.isConfirmed
      ? { kind: "hold", isHeld }
      : {
          kind: "leave",
          because: "the witness's lease has ended, and it is taken again only once ownership is confirmed",
        };
  }
  // What a claimant has written without a lease keeps the other server out until this one serves.
  return isHeld && holder.leaseId !== "" ? { kind: "remove" } : { kind: "leave", because: "" };
}

/** A claim that was given up leaves the key behind; certainly given up it is once the record was read again. */
function decideForStandby({ holder, server, hasClaim, isRecordFresh }: HoldingFacts): HoldingDecision {
  const isOwn = holder?.record?.active === server;
  return isOwn && !hasClaim && isRecordFresh ? { kind: "remove" } : { kind: "leave", because: "" };
}

function describeTaken({ record }: WitnessHolder): string {
  return record
    ? `the witness's key holds epoch ${record.epoch}, active ${record.active}`
    : "the witness's key holds a text that is not SpareSync's";
}

import { AppError, errorCode } from "../shared/core/app-error.js";
import { isPeerConnected, type ActorContext } from "./actor-context.js";
import type { Claim } from "./core/kept-facts.js";
import { judgeClaim } from "./core/ownership.js";
import { isSameRecord, type OwnershipRecord } from "./core/ownership-record.js";
import { ownershipClockMs } from "./ownership-clock.js";
import { holdWitness } from "./hold-witness.js";
import { learnRecord, noteConfirmation } from "./watch/note-confirmation.js";

/** RFC 8945 recommends a fudge of 300 s; a name server that wakes later refuses the update. */
const fudgeMs = 300_000;

/**
 * Tries once to bring the kept claim to an end: reads the record, sends the compare-and-swap if the old one still
 * stands, reads back what is unclear. Resolves when the claim is won. Rejects with OWNERSHIP_LOST when it certainly
 * failed (the claim is then forgotten), with anything else when it must be tried again.
 */
export async function claimRecord(context: ActorContext, signal: AbortSignal): Promise<void> {
  const { ports, store, situation } = context;
  const claim = store.facts.claim;
  if (!claim) throw new AppError("OWNERSHIP_LOST", "the claim was cancelled");
  await giveUpIfOvertaken(context, claim);
  if (await isSettled(context, claim, signal)) return;
  try {
    await holdWitness(context, claim, signal);
  } catch (error) {
    // Nothing was sent yet: it is certainly not made.
    if (errorCode(error) === "OWNERSHIP_LOST") await forgetClaim(context, claim);
    throw error;
  }
  await keepAsSent(context, claim);
  situation.updatesTotal += 1;
  const askedAtMs = ownershipClockMs(context);
  const outcome = await ports.nameServer.claim(claim.previous, claim.next, signal).catch(async (error: unknown) => {
    situation.updateFailuresTotal += 1;
    await keepAsBefore(context, claim);
    throw error;
  });
  if (outcome.kind === "done") {
    await settleAsWon(context, claim, askedAtMs);
    return;
  }
  situation.updateFailuresTotal += 1;
  if (outcome.kind === "unclear") {
    const { validUntilWallMs } = outcome;
    await store.change((facts) =>
      facts.claim?.operationId === claim.operationId
        ? {
            ...facts,
            claim: { ...facts.claim, validUntilWallMs: Math.max(facts.claim.validUntilWallMs, validUntilWallMs) },
          }
        : facts,
    );
  }
  // Whatever the answer was, only the record itself tells who won.
  if (await isSettled(context, store.facts.claim ?? claim, signal)) return;
  throw new AppError("OWNERSHIP_UNCLEAR", `the claim is not confirmed: ${outcome.because}`);
}

async function isSettled(context: ActorContext, claim: Claim, signal: AbortSignal): Promise<boolean> {
  const { ports, settings } = context;
  const askedAtMs = ports.clock.monotonicMs();
  const read = await ports.nameServer.readRecord(signal);
  const judgement = judgeClaim(claim, read, ports.clock.wallMs(), settings.clock.maximumOffsetSeconds * 1000);
  switch (judgement.kind) {
    case "won":
      await settleAsWon(context, claim, askedAtMs);
      return true;
    case "lost":
      if (read) await learnRecord(context, read, "update-server");
      await forgetClaim(context, claim);
      throw new AppError("OWNERSHIP_LOST", `the claim is lost: ${judgement.because}`);
    case "open":
      await refuseDoubtfulRecord(context, claim, read, judgement.mayStillCome);
      return false;
  }
}

async function refuseDoubtfulRecord(
  context: ActorContext,
  claim: Claim,
  read: OwnershipRecord | undefined,
  mayStillCome: boolean,
): Promise<void> {
  if (!read || !isSameRecord(read, claim.previous)) {
    throw new AppError(
      "OWNERSHIP_UNCLEAR",
      "the update server shows no record, or one older than known; it is not rewritten",
    );
  }
  const isBack = context.situation.isActiveAvailable && isPeerConnected(context);
  const isTakeover = context.store.facts.operation?.kind === "failover";
  if (!isTakeover || !isBack) return;
  // Sending it again would take the name from a server that is well; what was sent must first become invalid.
  if (mayStillCome)
    throw new AppError("OWNERSHIP_UNCLEAR", "the active server is available again; the claim is not sent");
  await forgetClaim(context, claim);
  throw new AppError("OWNERSHIP_LOST", "the active server is available again before the claim was made");
}

/** The peer may tell of a newer record while the update server is out of reach here: that claim cannot win any more. */
async function giveUpIfOvertaken(context: ActorContext, claim: Claim): Promise<void> {
  const { record } = context.store.facts;
  if (!record || record.epoch <= claim.previous.epoch || isSameRecord(record, claim.next)) return;
  await forgetClaim(context, claim);
  throw new AppError("OWNERSHIP_LOST", `the claim is overtaken by epoch ${record.epoch}, active ${record.active}`);
}

/** A rejected update was certainly not applied: the claim is as open to being cancelled as it was before it. */
async function keepAsBefore(context: ActorContext, claim: Claim): Promise<void> {
  const { state, validUntilWallMs } = claim;
  await context.store.change((facts) =>
    facts.claim?.operationId === claim.operationId
      ? { ...facts, claim: { ...facts.claim, state, validUntilWallMs } }
      : facts,
  );
}

/** Durable before the update leaves: after a crash the claim must count as possibly applied. */
async function keepAsSent(context: ActorContext, claim: Claim): Promise<void> {
  const validUntilWallMs = context.ports.clock.wallMs() + fudgeMs;
  const facts = await context.store.change((before) =>
    before.claim?.operationId === claim.operationId
      ? { ...before, claim: { ...before.claim, state: "sent", validUntilWallMs } }
      : before,
  );
  if (facts.claim?.operationId !== claim.operationId) throw new AppError("OWNERSHIP_LOST", "the claim was cancelled");
}

/** The wait for the other server counts from the answer, the confirmation from the question: each the safe one. */
async function settleAsWon(context: ActorContext, claim: Claim, askedAtMs: number): Promise<void> {
  const { ports, store, situation } = context;
  if (situation.claimWonAtMs?.operationId !== claim.operationId) {
    situation.claimWonAtMs = { operationId: claim.operationId, atMs: ports.clock.monotonicMs() };
  }
  await store.change((facts) => ({
    ...facts,
    record: !facts.record || claim.next.epoch > facts.record.epoch ? claim.next : facts.record,
    claim: facts.claim?.operationId === claim.operationId ? { ...facts.claim, state: "won" } : facts.claim,
  }));
  // The keeper and the watch read the record again before anything serves; this only ends "unconfirmed".
  noteConfirmation(context, askedAtMs, "update-server");
  ports.log.info("claim-won", { epoch: claim.next.epoch, operation: claim.operationId });
}

async function forgetClaim(context: ActorContext, claim: Claim): Promise<void> {
  await context.store.change((facts) =>
    facts.claim?.operationId === claim.operationId ? { ...facts, claim: null } : facts,
  );
}

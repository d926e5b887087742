import type { ActorContext } from "../actor-context.js";
import { judgeClaim } from "../core/ownership.js";
import type { OwnershipRecord } from "../core/ownership-record.js";

/**
 * Forgets a claim that no operation carries any more, as soon as it is certain what became of it. Until then this
 * server confirms nothing to its peer (docs/ownership.md 4).
 */
export async function settleOrphanClaim(context: ActorContext, read: OwnershipRecord | undefined): Promise<void> {
  const { store, ports, settings } = context;
  const { claim, operation } = store.facts;
  if (!claim || operation) return;
  const marginMs = settings.clock.maximumOffsetSeconds * 1000;
  const judgement = judgeClaim(claim, read, ports.clock.wallMs(), marginMs);
  if (judgement.kind === "open" && judgement.mayStillCome) return;
  await store.change((facts) =>
    facts.claim?.operationId === claim.operationId && facts.operation === null ? { ...facts, claim: null } : facts,
  );
  ports.log.info("claim-settled", { operation: claim.operationId, outcome: judgement.kind });
}

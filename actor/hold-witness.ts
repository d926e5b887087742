import { AppError, errorMessage } from "../shared/core/app-error.js";
import type { ActorContext } from "./actor-context.js";
import type { Claim } from "./core/kept-facts.js";
import { encodeOwnershipRecord } from "./core/ownership-record.js";
import { isForced } from "./core/switchover-plan.js";
import { judgeTaking } from "./core/witness-rules.js";
import type { WitnessPort } from "./witness/witness-port.js";

/**
 * Writes the coming claim into the witness's key, without a lease, so that the former active server cannot hold it
 * again (docs/decisions/0028). An automatic failover needs it; one that a person asked for needs only that the other
 * server does not hold it; a forced takeover overwrites what it can. Rejects with OWNERSHIP_LOST where the claim must
 * not be made.
 */
export async function holdWitness(context: ActorContext, claim: Claim, signal: AbortSignal): Promise<void> {
  const { ports, store } = context;
  const { operation } = store.facts;
  // What was sent has passed here before.
  if (!ports.witness || claim.state !== "intended" || operation?.id !== claim.operationId) return;
  const isTakeover = operation.kind === "failover" && !operation.isPeerStopped;
  if (!isTakeover && !isForced(operation.kind)) return;
  try {
    await take(context, ports.witness, claim, isTakeover, signal);
  } catch (error) {
    if (signal.aborted || (error instanceof AppError && error.code === "OWNERSHIP_LOST")) throw error;
    const because = errorMessage(error);
    if (operation.isAutomatic) throw new AppError("OWNERSHIP_LOST", `nothing is claimed: ${because}`);
    ports.log.warn("claim-without-witness", { operation: operation.id, because });
  }
}

async function take(
  { server }: ActorContext,
  witness: WitnessPort,
  claim: Claim,
  isAskedFirst: boolean,
  signal: AbortSignal,
): Promise<void> {
  const holder = await witness.read(signal);
  const verdict = judgeTaking(holder, server);
  if (isAskedFirst && !verdict.isAllowed)
    throw new AppError("OWNERSHIP_LOST", `nothing is claimed: ${verdict.because}`);
  const text = encodeOwnershipRecord(claim.next);
  if (await witness.write({ text, leaseId: "" }, holder, signal)) return;
  throw new AppError("WITNESS_UNREACHABLE", "the witness's key was changed by somebody else at the same moment");
}

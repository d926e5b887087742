import { z } from "zod";
import { operationView, type OperationView } from "../../shared/core/status.js";
import type { ActorContext } from "../actor-context.js";
import { ownershipRecordSchema } from "../core/kept-facts.js";

/** What the claimant knows of an operation that was handed over to it. */
export type OperationKnowledge =
  | { readonly kind: "known"; readonly operation: OperationView }
  | { readonly kind: "unknown" }
  | { readonly kind: "cancelled" };

export const operationStatusReply = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("known"), operation: operationView }),
  z.object({ kind: z.literal("unknown") }),
  z.object({ kind: z.literal("cancelled") }),
]);

export async function askOperationStatus(
  context: ActorContext,
  operationId: string,
  signal: AbortSignal,
): Promise<OperationKnowledge> {
  const options = { limitSeconds: messageLimitSeconds, signal };
  const reply = await context.ports.link.ask("operations/status", { fields: { operationId } }, options);
  return operationStatusReply.parse(reply.fields);
}

export const cancelReply = z.object({ outcome: z.enum(["cancelled", "claimed"]) });

/** Asks the claimant to give the operation up; "claimed": too late, or it cannot be excluded. */
export async function askCancel(
  context: ActorContext,
  operationId: string,
  signal: AbortSignal,
): Promise<"cancelled" | "claimed"> {
  const options = { limitSeconds: messageLimitSeconds, signal };
  const reply = await context.ports.link.ask("operations/cancel", { fields: { operationId } }, options);
  return cancelReply.parse(reply.fields).outcome;
}

export const stoppedReply = z.object({ isStopped: z.boolean(), epoch: z.number() });
export const stoppedFields = z.object({ record: ownershipRecordSchema });

/** Tells the peer the record that was won and asks whether its managed system is stopped under that epoch. */
export async function askStopped(context: ActorContext, signal: AbortSignal): Promise<boolean> {
  const { record } = context.store.facts;
  if (!record) return false;
  const options = { limitSeconds: Math.max(messageLimitSeconds, context.settings.ownership.stopSeconds * 2), signal };
  const reply = await context.ports.link.ask("ownership/stopped", { fields: { record: { ...record } } }, options);
  const answer = stoppedReply.parse(reply.fields);
  return answer.isStopped && answer.epoch >= record.epoch;
}

/** Small questions: an answer that takes longer counts as none. */
const messageLimitSeconds = 5;

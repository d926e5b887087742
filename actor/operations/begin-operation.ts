import { z } from "zod";
import { errorMessage } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import { planStepView, preCheckView } from "../../shared/core/operation-plan.js";
import { operationKinds, operationView } from "../../shared/core/status.js";
import type { OperationAnswer } from "../actor-api.js";
import { isPeerConnected, peerName, type ActorContext } from "../actor-context.js";
import { isForced, isPlanned, targetOf } from "../core/switchover-plan.js";
import { isPeerFresh } from "../peer-message.js";
import { acceptOperation, isGivingBack, refused, type InternalOperationRequest } from "./accept-operation.js";
import { askTargetChecks, checkSource, checkTakeover } from "./pre-checks.js";

export const operationAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("accepted"), operation: operationView }),
  z.object({ kind: z.literal("running"), operation: operationView }),
  z.object({
    kind: z.literal("planned"),
    operation: operationView,
    obstacles: z.array(z.string()),
    plan: z.array(planStepView),
    checks: z.array(preCheckView),
  }),
  z.object({ kind: z.literal("refused"), because: z.string(), hint: z.string() }),
]);

export const operationRequestFields = z.object({
  kind: z.enum(operationKinds),
  requestedBy: z.string().max(200),
  reason: z.string().max(2000),
  isDryRun: z.boolean(),
  isAutomatic: z.boolean(),
  isPeerOff: z.boolean().default(false),
});

/**
 * Accepts, plans or refuses an operation. A planned switchover is coordinated by the active server, a takeover is done
 * by the server that takes over: asked at the other one, the question is passed on. Asked twice, also at both servers,
 * the second asker gets the running one.
 */
export async function beginOperation(
  context: ActorContext,
  request: InternalOperationRequest,
): Promise<OperationAnswer> {
  const { store, server, situation } = context;
  const { record, operation } = store.facts;
  if (situation.isStopping) return refused("this actor is being stopped");
  if (operation && !isGivingBack(context, operation, request)) return { kind: "running", operation };
  if (!record) return refused("no ownership record is known", "Create the first one: sparesync first-record");
  const to = targetOf(request.kind);
  if (record.active === to) return refused(`the ${to} is active already (epoch ${record.epoch})`);
  if (!isPlanned(request.kind)) return beginTakeover(context, request);
  if (record.active !== server) return passOn(context, request);
  const own = await checkSource(context, context.signal);
  return acceptOperation(context, request, request.isDryRun ? [...own, ...(await askTargetChecks(context))] : own);
}

async function beginTakeover(context: ActorContext, request: InternalOperationRequest): Promise<OperationAnswer> {
  const { server, situation, store } = context;
  const isForce = isForced(request.kind);
  if (targetOf(request.kind) !== server) {
    if (isForce) return passOn(context, request);
    return refused(
      "the primary does not take over from a lost secondary by itself: a switched secondary does not fence itself",
      "With the secondary connected: sparesync switch --to primary. Lost for good: sparesync force --to primary.",
    );
  }
  // What the other server coordinates binds this one too, though it does not know of it before the hand-over.
  const theirs = isPeerFresh(context) ? situation.peerStatus?.operation : undefined;
  // What has ended here has ended, though its last heartbeat was sent before.
  const hasEnded = store.facts.lastOperations.some(({ id }) => id === theirs?.id);
  if (theirs && theirs.endedAtMs === 0 && theirs.state !== "asks-a-person" && !hasEnded) {
    return { kind: "running", operation: theirs };
  }
  const checks = checkTakeover(context, { isForced: isForce, isPeerOff: request.isPeerOff === true });
  return acceptOperation(context, request, checks);
}

async function passOn(context: ActorContext, request: InternalOperationRequest): Promise<OperationAnswer> {
  const peer = peerName(context);
  if (!isPeerConnected(context)) {
    if (isForced(request.kind)) {
      return refused(`the ${peer}, which is to take over, is not connected`, `Ask at the ${peer} itself.`);
    }
    return refused(
      `the ${peer} is active and not connected; a planned switchover needs both servers`,
      `If the ${peer} is lost: sparesync failover, or sparesync force --allow-data-loss.`,
    );
  }
  const { kind, requestedBy, reason, isDryRun, isAutomatic, isPeerOff = false } = request;
  const fields: JsonObject = { kind, requestedBy, reason, isDryRun, isAutomatic, isPeerOff };
  try {
    const reply = await context.ports.link.ask(
      "operations/request",
      { fields },
      { limitSeconds: 30, signal: context.signal },
    );
    return operationAnswer.parse(reply.fields);
  } catch (error) {
    return refused(`the ${peer} did not take the request: ${errorMessage(error)}`);
  }
}

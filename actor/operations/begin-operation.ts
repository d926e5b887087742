import { z } from "zod";
import { errorMessage } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import { operationView, type OperationView } from "../../shared/core/status.js";
import type { OperationAnswer, OperationRequest } from "../actor-api.js";
import { isPeerConnected, peerName, type ActorContext } from "../actor-context.js";
import { isBoundByPromise, type KeptFacts, type OperationDocument } from "../core/kept-facts.js";
import { createOperationDocument, withEndedOperation } from "../core/operation-document.js";
import { isReadyToServe } from "../core/readiness.js";
import { planSwitchover, type StepName } from "../core/switchover-plan.js";
import { isPeerFresh } from "../peer-message.js";
import { findObstacles } from "./steps/check-readiness.js";
import { stepTitles } from "./steps/index.js";

export interface InternalOperationRequest extends OperationRequest {
  readonly isAutomatic: boolean;
}

export const operationAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("accepted"), operation: operationView }),
  z.object({ kind: z.literal("running"), operation: operationView }),
  z.object({ kind: z.literal("planned"), operation: operationView, obstacles: z.array(z.string()) }),
  z.object({ kind: z.literal("refused"), because: z.string(), hint: z.string() }),
]);

export const operationRequestFields = z.object({
  kind: z.enum(["switch-to-secondary", "switch-to-primary"]),
  requestedBy: z.string().max(200),
  reason: z.string().max(2000),
  isDryRun: z.boolean(),
  isAutomatic: z.boolean(),
});

const refused = (because: string, hint = ""): OperationAnswer => ({ kind: "refused", because, hint });

/**
 * Accepts, plans or refuses an operation. A planned switchover is coordinated by the active server: asked at the other
 * one, the question is passed on. Asked twice, the second asker gets the running one.
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
  const to = request.kind === "switch-to-primary" ? "primary" : "secondary";
  if (record.active === to) return refused(`the ${to} is active already (epoch ${record.epoch})`);
  if (request.kind === "failover") return beginFailover(context, request);
  if (record.active !== server) return passOn(context, request);
  return begin(context, request, await findObstacles(context, context.signal));
}

/**
 * A takeover that asks a person is over when that person gives the name back by a switchover. Asked at the server that
 * had handed over, the question is passed on to the one that got stuck.
 */
function isGivingBack(
  { store }: ActorContext,
  operation: OperationDocument,
  { kind, isAutomatic }: InternalOperationRequest,
): boolean {
  if (isAutomatic || kind === "failover" || kind !== `switch-to-${operation.from}`) return false;
  if (operation.part === "claimant") return operation.state === "asks-a-person";
  return operation.state === "handed-over" && store.facts.record?.active === operation.to;
}

/** What is not ready to serve has not served: nothing was written here that would have to be brought back. */
function stepsToSkip(facts: KeptFacts): { readonly steps: readonly StepName[]; readonly because: string } {
  if (isReadyToServe(facts)) return { steps: [], because: "" };
  const steps = ["back-up-target-database", "synchronise-ahead", "close-source-database", "drain"] as const;
  return { steps, because: "the application has not served here since the takeover" };
}

async function beginFailover(context: ActorContext, request: InternalOperationRequest): Promise<OperationAnswer> {
  const { store, server, situation, ports } = context;
  const { facts } = store;
  if (server !== "secondary") {
    return refused(
      "the primary does not take over from a lost secondary by itself: a switched secondary does not fence itself",
      "Make sure by hand that the application on the secondary is stopped, then bring the secondary's actor back and switch.",
    );
  }
  if (isPeerFresh(context) && situation.peerStatus?.managedSystem.isWhole === true && situation.isActiveAvailable) {
    return refused("the primary is connected and serves", "Use: sparesync switch --to secondary");
  }
  if (isBoundByPromise(facts)) {
    return refused(
      "this server has promised the primary not to claim, so the primary may serve on unconfirmed",
      "Turn SpareSync and automatic switching on while the servers are connected; without the primary this cannot be taken back.",
    );
  }
  const incomplete = ports.parts.flatMap((part) => part.status()).filter((item) => !item.isComplete);
  if (incomplete.length > 0) {
    return refused(`not a whole copy: ${incomplete.map((item) => item.name).join(", ")}`, "Wait for the initial copy.");
  }
  return begin(context, request, situation.isUpdateServerReachable ? [] : ["the update server does not answer"]);
}

async function begin(
  context: ActorContext,
  request: InternalOperationRequest,
  obstacles: readonly string[],
): Promise<OperationAnswer> {
  const { store, ports, server } = context;
  const { record } = store.facts;
  if (!record) return refused("no ownership record is known");
  const plan = planSwitchover(request.kind, request.kind === "switch-to-primary" ? "primary" : "secondary");
  const document = createOperationDocument({
    id: ports.random.id(),
    plan,
    titles: stepTitles,
    part: plan.from === server ? "coordinator" : "claimant",
    requestedBy: request.requestedBy,
    reason: request.reason,
    isAutomatic: request.isAutomatic,
    previous: record,
    ...(plan.from === server ? { skipped: stepsToSkip(store.facts) } : {}),
    nowMs: ports.clock.wallMs(),
  });
  if (request.isDryRun) return { kind: "planned", operation: document, obstacles };
  if (obstacles.length > 0) return refused(obstacles.join("; "), "Mend this first; --dry-run shows the whole plan.");
  const facts = await store.change((before) => {
    if (before.record?.epoch !== record.epoch) return before;
    const free = withoutStuckTakeover(context, before, request);
    return free.operation === null ? { ...free, operation: document } : before;
  });
  const running: OperationView | null = facts.operation;
  if (!running) return refused("the ownership record has just changed");
  if (running.id !== document.id) return { kind: "running", operation: running };
  ports.log.info("operation-started", {
    operation: document.id,
    kind: document.kind,
    requestedBy: document.requestedBy,
    reason: document.reason,
  });
  context.wakeOperations();
  return { kind: "accepted", operation: document };
}

/** The stuck takeover ends with the same write with which the switchover back begins. */
function withoutStuckTakeover(context: ActorContext, facts: KeptFacts, request: InternalOperationRequest): KeptFacts {
  const { operation } = facts;
  if (!operation || !isGivingBack(context, operation, request)) return facts;
  const because = `${operation.because}; given back by ${request.requestedBy}`;
  const nowMs = context.ports.clock.wallMs();
  return withEndedOperation(facts, operation.id, { state: "undone", because, nowMs });
}

async function passOn(context: ActorContext, request: InternalOperationRequest): Promise<OperationAnswer> {
  if (!isPeerConnected(context)) {
    return refused(`the ${peerName(context)} is active and not connected; a planned switchover needs both servers`);
  }
  const { kind, requestedBy, reason, isDryRun, isAutomatic } = request;
  const fields: JsonObject = { kind, requestedBy, reason, isDryRun, isAutomatic };
  try {
    const reply = await context.ports.link.ask(
      "operations/request",
      { fields },
      { limitSeconds: 30, signal: context.signal },
    );
    return operationAnswer.parse(reply.fields);
  } catch (error) {
    return refused(`the ${peerName(context)} did not take the request: ${errorMessage(error)}`);
  }
}

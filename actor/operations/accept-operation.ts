import type { PreCheckView } from "../../shared/core/operation-plan.js";
import type { OperationView } from "../../shared/core/status.js";
import type { OperationAnswer, OperationRequest } from "../actor-api.js";
import type { ActorContext } from "../actor-context.js";
import type { KeptFacts, OperationDocument } from "../core/kept-facts.js";
import { createOperationDocument, withEndedOperation } from "../core/operation-document.js";
import { isReadyToServe } from "../core/readiness.js";
import { isPlanned, planSwitchover, targetOf } from "../core/switchover-plan.js";
import { describePlan, type SkippedSteps } from "./describe-plan.js";
import { isWordNeeded, obstaclesOf } from "./pre-checks.js";
import { stepTitles } from "./steps/index.js";

export interface InternalOperationRequest extends OperationRequest {
  readonly isAutomatic: boolean;
}

export const refused = (because: string, hint = ""): OperationAnswer => ({ kind: "refused", because, hint });

/**
 * A takeover that asks a person is over when that person gives the name back by a switchover. Asked at the server that
 * had handed over, the question is passed on to the one that got stuck.
 */
export function isGivingBack(
  { store }: ActorContext,
  operation: OperationDocument,
  { kind, isAutomatic }: InternalOperationRequest,
): boolean {
  if (isAutomatic || kind !== `switch-to-${operation.from}`) return false;
  if (operation.part === "claimant") return operation.state === "asks-a-person";
  return operation.state === "handed-over" && store.facts.record?.active === operation.to;
}

/** What is not ready to serve has not served: nothing was written here that would have to be brought back. */
function stepsToSkip(facts: KeptFacts): SkippedSteps {
  if (isReadyToServe(facts)) return { steps: [], because: "" };
  const steps = ["back-up-target-database", "synchronise-ahead", "close-source-database", "drain"] as const;
  return { steps, because: "the application has not served here since the takeover" };
}

/**
 * Shows the plan, refuses for what speaks against it, or keeps the operation, which then begins. Asked at the same
 * moment by several, one operation is kept and all get its id.
 */
export async function acceptOperation(
  context: ActorContext,
  request: InternalOperationRequest,
  checks: readonly PreCheckView[],
): Promise<OperationAnswer> {
  const { store, ports, server, settings, situation } = context;
  const { record } = store.facts;
  if (!record) return refused("no ownership record is known");
  const plan = planSwitchover(request.kind, targetOf(request.kind));
  const mustSayStopped = !isPlanned(request.kind) && request.kind !== "failover" && isWordNeeded(context);
  const skipped = plan.from === server ? stepsToSkip(store.facts) : { steps: [], because: "" };
  const document = createOperationDocument({
    id: ports.random.id(),
    plan,
    titles: stepTitles,
    part: plan.from === server ? "coordinator" : "claimant",
    requestedBy: request.requestedBy,
    reason: request.reason,
    isAutomatic: request.isAutomatic,
    previous: record,
    skipped,
    // Where the fence proves it, a person's word must not shorten the wait for it.
    isPeerStopped: mustSayStopped && request.isPeerOff === true,
    isWordNeeded: mustSayStopped,
    ...(plan.from === server ? { targetMemoryId: situation.peerMemoryId } : {}),
    nowMs: ports.clock.wallMs(),
  });
  const obstacles = obstaclesOf(checks);
  if (request.isDryRun) {
    const steps = describePlan(plan, settings, skipped);
    return { kind: "planned", operation: document, obstacles, plan: [...steps], checks: [...checks] };
  }
  if (obstacles.length > 0) {
    const hint = checks.find((check) => !check.passed && check.hint !== "")?.hint;
    return refused(obstacles.join("; "), hint ?? "Mend this first; --dry-run shows the whole plan.");
  }
  if (document.part === "coordinator" && document.targetMemoryId === "") {
    return refused(`the ${plan.to} has only just been heard`, "Ask again in a moment.");
  }
  const veto = request.isAutomatic ? recentVeto(store.facts, request.kind, ports.clock.wallMs()) : "";
  if (veto !== "") return refused(veto);
  return keep(context, request, document, record.epoch);
}

/** The programs behind hooks are not started over and over by a failover that stays wanted. */
const vetoPauseMs = 60_000;

function recentVeto({ lastOperations }: KeptFacts, kind: OperationRequest["kind"], nowMs: number): string {
  const last = lastOperations[0];
  const isVetoed = last?.steps.some((step) => step.name === "run-before-hooks" && step.state === "failed");
  if (!isVetoed || last?.kind !== kind || nowMs - last.endedAtMs > vetoPauseMs) return "";
  return `${last.because}; it is asked again a minute later`;
}

async function keep(
  context: ActorContext,
  request: InternalOperationRequest,
  document: OperationDocument,
  epoch: number,
): Promise<OperationAnswer> {
  const { store, ports } = context;
  const facts = await store.change((before) => {
    if (before.record?.epoch !== epoch) return before;
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
    ...(document.isPeerStopped ? { peerDeclaredStopped: true } : {}),
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

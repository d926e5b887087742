import { errorMessage } from "../../shared/core/app-error.js";
import { count, peerName, type ActorContext } from "../actor-context.js";
import { recordDecision } from "../core/decision-record.js";
import { decideFailover, type FailoverDecision, type FailoverFacts } from "../core/failover-criteria.js";
import { failoverLimits } from "../core/failover-limits.js";
import { beginOperation } from "../operations/begin-operation.js";
import { recordEvent } from "../record-event.js";
import { keepAsks } from "./failover-asks.js";
import { gatherFailoverFacts } from "./failover-facts.js";
import { runLoop } from "./loop.js";
import { noteMaintenance } from "./maintenance-watch.js";
import { runProbes } from "./probe-watch.js";
import { noteTickEnded, noteWaking } from "./wake-watch.js";

/** Facts older than this when the decision is to be acted on: something stood still in between. */
const staleSeconds = 5;

/** Probes the active server from outside, keeps what was asked, decides on fresh facts, and acts on the decision. */
export function runFailoverWatch(context: ActorContext): Promise<unknown> {
  const pauseSeconds = Math.min(1, context.settings.failover.probeSeconds);
  const decide = runLoop(
    context,
    "decide",
    () => pauseSeconds,
    async () => {
      noteWaking(context, pauseSeconds);
      try {
        await decideAndAct(context);
      } finally {
        noteTickEnded(context);
      }
    },
  );
  return Promise.all([runProbes(context), decide]);
}

async function decideAndAct(context: ActorContext): Promise<void> {
  const { ports, settings, situation } = context;
  await noteMaintenance(context);
  await keepAsks(context);
  const gatheredAtMs = ports.clock.monotonicMs();
  const facts = gatherFailoverFacts(context);
  const decision = decideFailover(facts, failoverLimits(settings));
  const isChanged = await noteDecision(context, decision, facts);
  if (decision.decision !== "fail-over" || settings.failover.observeOnly) return;
  if (isChanged && facts.isPeerConnected) {
    const who = facts.askedBy.join("+");
    await recordEvent(context, { name: "SwitchOnMainAppUnavailable", who, why: decision.because });
  }
  // Frozen between looking and acting: the next tick notices that, and looks again.
  const isStale = ports.clock.monotonicMs() - gatheredAtMs > staleSeconds * 1000;
  if (isStale || situation.isStopping) return;
  await failOver(context, decision, facts);
}

/** True when it is another than before; only that is kept and logged. */
async function noteDecision(context: ActorContext, decision: FailoverDecision, facts: FailoverFacts): Promise<boolean> {
  const { ports, settings, situation } = context;
  const former = situation.decision;
  if (former?.decision === decision.decision && listUnmet(former) === listUnmet(decision)) {
    situation.decision = { ...decision, decidedAtMs: former.decidedAtMs };
    return false;
  }
  // Only a standby that was asked has a decision worth a line; all others stay.
  const level = facts.askedBy.length > 0 && facts.active !== context.server ? "info" : "debug";
  const unmet = listUnmet(decision);
  ports.log[level]("failover-decision", { decision: decision.decision, because: decision.because, unmet });
  situation.decision = { ...decision, decidedAtMs: ports.clock.wallMs() };
  if (settings.failover.observeOnly && decision.decision === "fail-over") {
    count(context, "failovers_observed");
    ports.log.warn("would-have-failed-over", { askedBy: facts.askedBy.join(" and ") });
  }
  await keepDecision(context, decision, facts);
  return true;
}

function listUnmet({ criteria }: FailoverDecision): string {
  return criteria
    .filter(({ met }) => !met)
    .map(({ name }) => name)
    .join(",");
}

/** Durable or not, the decision stands: a full disk must not keep a failover from being decided. */
async function keepDecision(
  { ports, settings, server }: ActorContext,
  decision: FailoverDecision,
  facts: FailoverFacts,
): Promise<void> {
  // Only the secondary takes over by itself; that the primary does not is no news.
  if (server !== "secondary") return;
  const made = {
    id: ports.random.id(),
    decidedAtMs: ports.clock.wallMs(),
    isObservedOnly: settings.failover.observeOnly,
  };
  await ports.decisions
    .append(recordDecision(made, decision, facts, failoverLimits(settings)))
    .catch((error: unknown) => {
      ports.log.warn("decision-not-kept", { because: errorMessage(error) });
    });
}

async function failOver(context: ActorContext, decision: FailoverDecision, facts: FailoverFacts): Promise<void> {
  const kind = facts.isPeerConnected ? "switch-to-secondary" : "failover";
  const answer = await beginOperation(context, {
    kind,
    requestedBy: facts.askedBy.join("+"),
    reason: `${peerName(context)} unavailable for ${facts.unavailableSeconds.toFixed(1)} s: ${decision.because}`,
    isDryRun: false,
    isAutomatic: true,
  });
  if (answer.kind === "refused") context.ports.log.warn("failover-refused", { kind, because: answer.because });
}

import { errorMessage } from "../../../shared/core/app-error.js";
import { ageSeconds, type ActorContext } from "../../actor-context.js";
import { claimWaitSeconds } from "../../core/fence-terms.js";
import { takeoverWaitSeconds } from "../../core/ownership.js";
import { withOperation } from "../../core/operation-document.js";
import { askStopped } from "../operation-messages.js";
import { defineStep, holds, type StepContext } from "../step.js";

/**
 * Waits until the former active server cannot serve any more: it says so itself, or the time is over after which it
 * has fenced itself. After a crash the time counts anew from the resumption (docs/ownership.md 3).
 */
export const awaitPeerStopped = defineStep({
  name: "await-peer-stopped",
  title: "Wait until the other server has certainly stopped",
  limitSeconds: (settings) => takeoverWaitSeconds(settings.ownership) * 2 + 60,
  patienceSeconds: Infinity,
  do: async (step) => {
    const { context, operation } = step;
    if (operation.isPeerStopped) return;
    const isTimeEnough = context.store.facts.operation?.isWordNeeded !== true;
    const waitSeconds = claimWaitSeconds(context.settings, context.store.facts.fence);
    const sinceMs = claimWonAtMs(context, operation.id);
    const untilSeconds = isTimeEnough ? waitSeconds : ageSeconds(context, sinceMs) + waitSeconds;
    while (ageSeconds(context, sinceMs) <= untilSeconds) {
      step.reportProgress(Math.min(1, ageSeconds(context, sinceMs) / waitSeconds));
      if (await isPeerStopped(step)) return;
      await context.ports.clock.sleep(Math.min(1000, context.settings.link.heartbeatSeconds * 1000), step.signal);
    }
  },
  verify: ({ context, operation }) => {
    const waitSeconds = claimWaitSeconds(context.settings, context.store.facts.fence);
    const running = context.store.facts.operation;
    if (running?.isPeerStopped === true) return Promise.resolve(holds);
    if (running?.isWordNeeded === true) {
      const because = "the other server has not said that it stopped, and it does not fence itself";
      return Promise.resolve({ holds: false, because });
    }
    const isOver =
      context.situation.claimWonAtMs?.operationId === operation.id &&
      ageSeconds(context, context.situation.claimWonAtMs.atMs) > waitSeconds;
    return Promise.resolve(isOver ? holds : { holds: false, because: "the other server may still serve" });
  },
  undo: { kind: "point-of-no-return", because: "this server owns the name" },
});

function claimWonAtMs(context: ActorContext, operationId: string): number {
  const { situation, ports } = context;
  if (situation.claimWonAtMs?.operationId !== operationId) {
    situation.claimWonAtMs = { operationId, atMs: ports.clock.monotonicMs() };
  }
  return situation.claimWonAtMs.atMs;
}

async function isPeerStopped(step: StepContext): Promise<boolean> {
  const { context, operation, signal } = step;
  try {
    if (!(await askStopped(context, signal))) return false;
  } catch (error) {
    context.ports.log.debug("peer-does-not-say-stopped", { because: errorMessage(error) });
    return false;
  }
  await context.store.change((facts) => withOperation(facts, operation.id, { isPeerStopped: true }));
  return true;
}

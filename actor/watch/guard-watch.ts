import { errorMessage } from "../../shared/core/app-error.js";
import type { ActorContext } from "../actor-context.js";
import { agreedFence } from "../core/fence-terms.js";
import { Renewals } from "../core/lease.js";
import { guardLookSeconds, guardPatienceSeconds } from "../guard/guard-times.js";
import { confirmationAgeSeconds } from "../ownership-clock.js";
import { runLoop } from "./loop.js";
import { witnessHeldAgeSeconds } from "./witness-watch.js";

/** A guard that has not reported for this many of its patiences is taken for dead. */
const patiencesUntilDead = 3;

/** Looks whether the guard process lives beside this actor (docs/ownership.md 7). */
export function runGuardWatch(context: ActorContext): Promise<unknown> {
  const { settings } = context;
  if (!settings.ownership.guard) return Promise.resolve();
  const renewals = new Renewals();
  const sinceMs = context.ports.clock.monotonicMs();
  return runLoop(
    context,
    "guard",
    () => guardLookSeconds(settings),
    () => lookAtGuard(context, renewals, sinceMs),
  );
}

async function lookAtGuard(
  { ports, settings, situation }: ActorContext,
  renewals: Renewals,
  sinceMs: number,
): Promise<void> {
  const report = await ports.guardFiles.readReport();
  const nowSeconds = ports.clock.monotonicMs() / 1000;
  renewals.look(report?.renewal, nowSeconds);
  const patienceSeconds = guardPatienceSeconds(settings) * patiencesUntilDead;
  const isRunning = renewals.ageSeconds(nowSeconds) <= patienceSeconds;
  // Two looks at least are needed to see one that lives.
  situation.isGuardMissing = !isRunning && nowSeconds - sinceMs / 1000 > patienceSeconds;
  if (isRunning !== situation.isGuardRunning) ports.log[isRunning ? "info" : "warn"]("guard-changed", { isRunning });
  situation.isGuardRunning = isRunning;
  const stopsTotal = report?.stopsTotal ?? 0;
  // What the guard has stopped, this actor starts again as soon as it may.
  if (stopsTotal > situation.guardStopsTotal) situation.shouldStart = true;
  situation.guardStopsTotal = stopsTotal;
}

/** Tells the guard that this actor looks at its fence. A failure is the guard's to judge: it sees no renewal. */
export async function renewLease(context: ActorContext): Promise<void> {
  const { ports, settings, store, situation } = context;
  if (!settings.ownership.guard) return;
  const ageSeconds = confirmationAgeSeconds(context);
  const { record, peerPromise } = store.facts;
  const confirmedAgeSeconds = Number.isFinite(ageSeconds) ? Math.max(0, ageSeconds) : null;
  try {
    const { areExternalResourcesAvailable } = situation;
    const heldAgeSeconds = witnessHeldAgeSeconds(context) ?? Infinity;
    const renewal = ports.random.id();
    await ports.guardFiles.writeLease({
      renewal,
      record,
      peerPromise,
      agreedFence: agreedFence(store.facts.fence, settings),
      confirmedAgeSeconds,
      areExternalResourcesAvailable,
      witnessHeldAgeSeconds: Number.isFinite(heldAgeSeconds) ? Math.max(0, heldAgeSeconds) : null,
    });
    situation.leaseProblem = "";
  } catch (error) {
    const because = errorMessage(error);
    if (because !== situation.leaseProblem) ports.log.warn("lease-not-renewed", { because });
    situation.leaseProblem = because;
  }
}

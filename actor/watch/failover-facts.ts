import { otherServer } from "../../shared/core/server-name.js";
import type { ActorStatus } from "../../shared/core/status.js";
import { ageSeconds, isPeerConnected, peerState, type ActorContext } from "../actor-context.js";
import { dataAsLastKnown, ownState, recoveryPointSeconds } from "../build-status.js";
import type { FailoverFacts } from "../core/failover-facts.js";
import { isFenceProven } from "../core/fence-terms.js";
import { isBoundByPromise } from "../core/kept-facts.js";
import { isSameRecord } from "../core/ownership-record.js";
import { countFailedProbes } from "../core/probe-window.js";
import { isPeerFresh } from "../peer-message.js";
import { unavailableSeconds } from "./failover-asks.js";
import { maintenanceNow } from "./maintenance-watch.js";
import { listNotLookedAt } from "./wake-watch.js";
import { witnessWord } from "./witness-watch.js";

/** Everything a failover decision looks at, as it is now. */
export function gatherFailoverFacts(context: ActorContext): FailoverFacts {
  const { settings, server, situation, store } = context;
  const { facts } = store;
  const { failed, didLastFail } = countFailedProbes(situation.probeWindow);
  return {
    server,
    active: facts.record?.active,
    isAutomatic: settings.failover.automatic && facts.isEnabled,
    ownState: ownState(context).state,
    probesFailed: failed,
    didLastProbeFail: didLastFail,
    unavailableSeconds: unavailableSeconds(context),
    askedBy: facts.asks.map((ask) => ask.askedBy),
    vantages: vantageFacts(context),
    ...peerFacts(context),
    ...maintenanceFacts(context),
    areExternalResourcesAvailable: situation.areExternalResourcesAvailable,
    externalResourcesAvailableSeconds: resourcesAvailableSeconds(context),
    ...dataFacts(context),
    witness: witnessWord(context),
    isUpdateServerReachable: situation.isUpdateServerReachable,
    isRecordAsExpected:
      facts.record !== null &&
      situation.lastReadRecord !== undefined &&
      isSameRecord(facts.record, situation.lastReadRecord) &&
      facts.record.active === otherServer(server),
    isOperationRunning: facts.operation !== null,
    hasPromisedNotToClaim: isBoundToStay(context),
    notLookedAt: listNotLookedAt(context),
    clockStepSeconds: situation.clockStep?.bySeconds ?? 0,
    secondsSinceClockStep: ageSeconds(context, situation.clockStep?.atMs),
  };
}

function peerFacts(context: ActorContext) {
  const { situation, store, settings } = context;
  const { peerLastWord, peerExclusion, fence } = store.facts;
  return {
    isPeerConnected: isPeerConnected(context),
    peerSaysDown: isPeerFresh(context) && isDown(situation.peerStatus?.managedSystem),
    hasPeerAnnouncedStop: peerState(context) === "stopped",
    peerLastState: situation.peerStatus?.state ?? (peerLastWord === "turned_off" ? "turned_off" : undefined),
    peerSilentSeconds: ageSeconds(context, situation.peerHeardAtMs),
    peerClockOffsetSeconds: situation.peerClockOffsetSeconds,
    exclusion: isFenceProven(settings, fence) ? peerExclusion : "assumption",
  } as const;
}

/** By the peer's own word: something of it does not run, or its test page does not answer there. */
function isDown(managedSystem: ActorStatus["managedSystem"] | undefined): boolean {
  return managedSystem !== undefined && !(managedSystem.isWhole && managedSystem.isAnswering);
}

function maintenanceFacts(context: ActorContext) {
  const { ports, store } = context;
  const nowMs = ports.clock.wallMs();
  const { pause, serviceInterval } = maintenanceNow(context);
  const last = store.facts.lastAutomaticFailover;
  return {
    pauseSecondsLeft: pause ? (pause.untilMs - nowMs) / 1000 : 0,
    pauseBecause: pause ? `${pause.setBy}: ${pause.reason}` : "",
    serviceInterval: serviceInterval?.name ?? "",
    serviceIntervalSecondsLeft: serviceInterval ? (serviceInterval.endsAtMs - nowMs) / 1000 : 0,
    secondsSinceUncheckedFailover: last && !last.isAcknowledged ? (nowMs - last.atMs) / 1000 : Infinity,
  };
}

function dataFacts(context: ActorContext) {
  const items = context.ports.parts.flatMap((part) => part.status());
  return {
    isDataComplete: dataAsLastKnown(context, items).every((item) => item.isComplete),
    recoveryPointSeconds: recoveryPointSeconds(context, items),
  };
}

/** A word is as old as its question; one that is older than two more questions would be says nothing. */
function vantageFacts(context: ActorContext): FailoverFacts["vantages"] {
  const { situation, settings } = context;
  const asked = situation.vantages;
  if (!asked) return [];
  const isFresh = ageSeconds(context, asked.askedAtMs) <= settings.failover.probeSeconds * 3 + 30;
  return asked.words.map(({ name, site, says }) => ({ name, site, says: isFresh ? says : "nothing" }));
}

function resourcesAvailableSeconds(context: ActorContext): number {
  if (context.settings.externalResources.required === 0) return Infinity;
  const since = context.situation.externalResourcesAvailableSinceMs;
  return since === undefined ? 0 : ageSeconds(context, since);
}

/**
 * A server that only observes has promised not to claim, so that the active one need not fence itself for its sake;
 * what it would have done is seen as if it had not.
 */
function isBoundToStay({ settings, store }: ActorContext): boolean {
  const { failover } = settings;
  const isForObserving = failover.observeOnly && failover.automatic && store.facts.ownPromise.kind === "not-automatic";
  return isBoundByPromise(store.facts) && !isForObserving;
}

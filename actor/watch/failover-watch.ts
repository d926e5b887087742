import type { ActorStatus } from "../../shared/core/status.js";
import { errorMessage } from "../../shared/core/app-error.js";
import { otherServer, type ServerName } from "../../shared/core/server-name.js";
import { ageSeconds, isPeerConnected, peerName, peerState, type ActorContext } from "../actor-context.js";
import { dataAsLastKnown, ownState, recoveryPointSeconds } from "../build-status.js";
import { isSameRecord } from "../core/ownership-record.js";
import { recordDecision } from "../core/decision-record.js";
import { decideFailover, type FailoverDecision, type FailoverFacts } from "../core/failover-criteria.js";
import { withDeadline } from "../../shared/deadline.js";
import { isBoundByPromise, type Ask } from "../core/kept-facts.js";
import { isPeerFresh } from "../peer-message.js";
import { beginOperation } from "../operations/begin-operation.js";
import { recordEvent } from "../record-event.js";
import { maintenanceNow, noteMaintenance } from "./maintenance-watch.js";
import { runLoop } from "./loop.js";

/** No probe may hold up the next look for longer, whatever its own limits are. */
const probeLimitSeconds = 30;

/** Probes the active server from outside, keeps what was asked, decides on fresh facts, and acts on the decision. */
export function runFailoverWatch(context: ActorContext): Promise<unknown> {
  const { settings } = context;
  return Promise.all([
    runLoop(
      context,
      "probe",
      () => settings.failover.probeSeconds,
      () => probeActive(context),
    ),
    runLoop(
      context,
      "decide",
      () => Math.min(1, settings.failover.probeSeconds),
      () => decideAndAct(context),
    ),
    runLoop(
      context,
      "external-resources",
      () => Math.min(10, settings.failover.probeSeconds),
      () => lookAtExternalResources(context),
    ),
  ]);
}

async function lookAtExternalResources(context: ActorContext): Promise<void> {
  const { ports, situation, signal } = context;
  const areAvailable = await withDeadline(
    ports.clock,
    { what: "looking at external resources", limitSeconds: probeLimitSeconds, signal },
    (limited) => ports.areExternalResourcesAvailable(limited),
  ).catch(() => false);
  if (areAvailable !== situation.areExternalResourcesAvailable) {
    ports.log.info("external-resources-changed", { areAvailable });
    const name = areAvailable ? "ExternalResourcesRestored" : "ExternalResourcesLost";
    await recordEvent(context, { name, who: "watch", why: "" });
  }
  situation.areExternalResourcesAvailable = areAvailable;
}

async function probeActive(context: ActorContext): Promise<void> {
  const { ports, situation, store, server, signal } = context;
  const { record } = store.facts;
  if (!record || record.active === server) {
    noteAvailable(context, ports.clock.wallMs());
    situation.isAnswering = !record || (await isAnsweringHere(context));
    return;
  }
  situation.isAnswering = true;
  const startedAtMs = ports.clock.monotonicMs();
  const startedAtWallMs = ports.clock.wallMs();
  const result = await withDeadline(
    ports.clock,
    { what: "probing the active server", limitSeconds: probeLimitSeconds, signal },
    (limited) => ports.managedSystem.probePublic(record.active, limited),
  ).catch((error: unknown) => ({ available: false, because: errorMessage(error) }));
  if (result.available) {
    noteAvailable(context, startedAtWallMs);
    await recordVisible(context, record.active);
    return;
  }
  if (situation.unavailableSinceMs === undefined) {
    situation.unavailableSinceMs = startedAtMs;
    situation.unavailableSinceWallMs = startedAtWallMs;
    ports.log.warn("managed-system-unavailable", { server: record.active, because: result.because });
    await recordEvent(context, { name: "MainAppInvisible", who: "watch", why: result.because, subject: record.active });
  }
  situation.isActiveAvailable = false;
}

/** The active server looks at its own test page, so that its word counts when an application hangs that still runs. */
async function isAnsweringHere({ ports, signal }: ActorContext): Promise<boolean> {
  const limit = { what: "probing this server's own test page", limitSeconds: probeLimitSeconds, signal };
  const probe = withDeadline(ports.clock, limit, (limited) => ports.managedSystem.probeLocal(limited));
  return (await probe.catch(() => ({ available: false }))).available;
}

function noteAvailable(context: ActorContext, seenAtWallMs: number): void {
  const { situation, ports } = context;
  situation.lastAvailableWallMs = seenAtWallMs;
  if (situation.unavailableSinceMs !== undefined) ports.log.info("managed-system-available", {});
  situation.isActiveAvailable = true;
  situation.unavailableSinceMs = undefined;
  situation.unavailableSinceWallMs = 0;
}

/** By what was kept, so that an outage during which this actor was restarted has its end told as well. */
async function recordVisible(context: ActorContext, active: ServerName): Promise<void> {
  const { MainAppInvisible = 0, MainAppVisible = 0 } = context.store.facts.eventTimesMs;
  if (MainAppInvisible === 0 || MainAppVisible > MainAppInvisible) return;
  await recordEvent(context, { name: "MainAppVisible", who: "watch", why: "", subject: active });
}

/** Since the outage began or, if that is later, since maintenance ended; 0 while available. */
function unavailableSeconds(context: ActorContext): number {
  const { unavailableSinceMs, maintenanceSeenAtMs = -Infinity } = context.situation;
  if (unavailableSinceMs === undefined) return 0;
  return ageSeconds(context, Math.max(unavailableSinceMs, maintenanceSeenAtMs));
}

/** Asks whose time is over or whose reason is gone leave; the watch's own ask comes when the time allowed is over. */
async function keepAsks(context: ActorContext): Promise<void> {
  const { ports, settings, situation, store } = context;
  const nowMs = ports.clock.wallMs();
  const isLong = unavailableSeconds(context) >= settings.failover.allowedUnavailabilitySeconds;
  // An ask waits for the end of maintenance, however long that is: Alertmanager would repeat it after a day only.
  const isWaiting = situation.maintenance !== "";
  const isWatchAsking =
    situation.unavailableSinceMs !== undefined && isLong && settings.failover.askedBy !== "alertmanager";
  const kept = store.facts.asks.filter(
    (ask) =>
      (isWaiting || ask.expiresAtMs > nowMs) &&
      (ask.askedBy === "operator" || ask.askedAtMs >= situation.lastAvailableWallMs),
  );
  const hasWatch = kept.some((ask) => ask.askedBy === "watch");
  const asks: readonly Ask[] =
    isWatchAsking && !hasWatch
      ? [
          ...kept,
          {
            askedBy: "watch",
            askedAtMs: nowMs,
            expiresAtMs: nowMs + settings.failover.askValidSeconds * 1000,
            because: "this server's own probe",
            fingerprint: "",
          },
        ]
      : kept;
  if (asks.length === store.facts.asks.length && !(isWatchAsking && !hasWatch)) return;
  await store.change((facts) => ({ ...facts, asks: [...asks] }));
}

/** By the peer's own word: something of it does not run, or its test page does not answer there. */
function isDown(managedSystem: ActorStatus["managedSystem"] | undefined): boolean {
  return managedSystem !== undefined && !(managedSystem.isWhole && managedSystem.isAnswering);
}

export function gatherFailoverFacts(context: ActorContext): FailoverFacts {
  const { ports, settings, server, situation, store } = context;
  const { facts } = store;
  const items = ports.parts.flatMap((part) => part.status());
  const known = dataAsLastKnown(context, items);
  const last = facts.lastAutomaticFailover;
  const { pause, serviceInterval } = maintenanceNow(context);
  const nowMs = ports.clock.wallMs();
  return {
    server,
    active: facts.record?.active,
    isAutomatic: settings.failover.automatic && facts.isEnabled,
    ownState: ownState(context, items).state,
    unavailableSeconds: unavailableSeconds(context),
    isPeerConnected: isPeerConnected(context),
    peerSaysDown: isPeerFresh(context) && isDown(situation.peerStatus?.managedSystem),
    hasPeerAnnouncedStop: peerState(context) === "stopped",
    peerLastState: situation.peerStatus?.state ?? (facts.peerLastWord === "turned_off" ? "turned_off" : undefined),
    peerSilentSeconds: ageSeconds(context, situation.peerHeardAtMs),
    askedBy: facts.asks.map((ask) => ask.askedBy),
    pauseSecondsLeft: pause ? (pause.untilMs - nowMs) / 1000 : 0,
    pauseBecause: pause ? `${pause.setBy}: ${pause.reason}` : "",
    serviceInterval: serviceInterval?.name ?? "",
    serviceIntervalSecondsLeft: serviceInterval ? (serviceInterval.endsAtMs - nowMs) / 1000 : 0,
    areExternalResourcesAvailable: situation.areExternalResourcesAvailable,
    isDataComplete: known.every((item) => item.isComplete),
    recoveryPointSeconds: recoveryPointSeconds(context, items),
    exclusion: facts.peerExclusion,
    isUpdateServerReachable: situation.isUpdateServerReachable,
    isRecordAsExpected:
      facts.record !== null &&
      situation.lastReadRecord !== undefined &&
      isSameRecord(facts.record, situation.lastReadRecord) &&
      facts.record.active === otherServer(server),
    secondsSinceUncheckedFailover: last && !last.isAcknowledged ? (nowMs - last.atMs) / 1000 : Infinity,
    isOperationRunning: facts.operation !== null,
    hasPromisedNotToClaim: isBoundByPromise(facts),
  };
}

/** Durable or not, the decision stands: a full disk must not keep a failover from being decided. */
async function keepDecision(
  { ports, settings, server }: ActorContext,
  decision: FailoverDecision,
  facts: FailoverFacts,
): Promise<void> {
  // Only the secondary takes over by itself; that the primary does not is no news.
  if (server !== "secondary") return;
  const record = recordDecision(ports.random.id(), ports.clock.wallMs(), decision, facts, settings.failover);
  await ports.decisions.append(record).catch((error: unknown) => {
    ports.log.warn("decision-not-kept", { because: errorMessage(error) });
  });
}

async function decideAndAct(context: ActorContext): Promise<void> {
  const { ports, settings, situation } = context;
  await noteMaintenance(context);
  await keepAsks(context);
  const facts = gatherFailoverFacts(context);
  const decision = decideFailover(facts, settings.failover);
  const former = situation.decision;
  const unmet = (of: typeof decision): string =>
    of.criteria
      .filter((row) => !row.met)
      .map((row) => row.name)
      .join(",");
  if (former?.decision !== decision.decision || unmet(former) !== unmet(decision)) {
    // Only a standby that was asked has a decision worth a line; all others stay.
    const level = facts.askedBy.length > 0 && facts.active !== context.server ? "info" : "debug";
    ports.log[level]("failover-decision", {
      decision: decision.decision,
      because: decision.because,
      unmet: unmet(decision),
    });
    situation.decision = { ...decision, decidedAtMs: ports.clock.wallMs() };
    await keepDecision(context, decision, facts);
    if (decision.decision === "fail-over" && facts.isPeerConnected) {
      const who = facts.askedBy.join("+");
      await recordEvent(context, { name: "SwitchOnMainAppUnavailable", who, why: decision.because });
    }
  } else {
    situation.decision = { ...decision, decidedAtMs: former.decidedAtMs };
  }
  if (decision.decision !== "fail-over") return;
  const kind = facts.isPeerConnected ? "switch-to-secondary" : "failover";
  const answer = await beginOperation(context, {
    kind,
    requestedBy: facts.askedBy.join("+"),
    reason: `${peerName(context)} unavailable for ${facts.unavailableSeconds.toFixed(1)} s: ${decision.because}`,
    isDryRun: false,
    isAutomatic: true,
  });
  if (answer.kind === "refused") ports.log.warn("failover-refused", { kind, because: answer.because });
}

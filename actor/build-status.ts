import { linkProtocol, type ActorStatus } from "../shared/core/status.js";
import { confirmationAgeSeconds } from "./ownership-clock.js";
import { isConfigurationErrorLasting } from "./lasting-errors.js";
import { isPeerConnected, peerState, type ActorContext } from "./actor-context.js";
import { isFenceUnacknowledged } from "./own-fence.js";
import { judgeExclusion } from "../shared/core/exclusion.js";
import { computeState } from "./core/state-table.js";
import { maintenanceNow } from "./watch/maintenance-watch.js";
import { witnessWord } from "./watch/witness-watch.js";
import type { SyncItemStatus } from "./sync-part.js";

/** Everything that is shown of this server: heartbeats, exporter and `sparesync status` all read this one object. */
export function buildStatus(context: ActorContext): ActorStatus {
  const { ports, settings, server, store, situation } = context;
  const { facts } = store;
  const items = ports.parts.flatMap((part) => part.status());
  const { state, because } = ownState(context, items);
  return {
    protocol: linkProtocol,
    version: ports.build.version,
    pair: settings.pair,
    server,
    state,
    because,
    startedAtMs: situation.startedAtWallMs,
    wallMs: ports.clock.wallMs(),
    timeZone: ports.build.timeZone,
    settingsHash: ports.build.settingsHash,
    epoch: facts.record?.epoch ?? 0,
    active: facts.record?.active,
    isEnabled: facts.isEnabled,
    ...(facts.lastTurnedOff ? { lastTurnedOff: facts.lastTurnedOff } : {}),
    ...maintenanceNow(context),
    isFenced: situation.isFenced,
    isStopping: situation.isStopping,
    ...witnessView(context),
    guard: { isWanted: settings.ownership.guard, isRunning: situation.isGuardRunning },
    exclusion: exclusionView(context),
    confirmation: {
      source: situation.confirmedBy,
      ageSeconds: finite(confirmationAgeSeconds(context)),
    },
    managedSystem: managedSystemView(context),
    peer: {
      state: peerState(context),
      isConnected: isPeerConnected(context),
      lastSeenMs: situation.peerHeardAtWallMs,
      roundTripSeconds: situation.peerRoundTripSeconds,
      clockOffsetSeconds: situation.peerClockOffsetSeconds,
      version: situation.peerStatus?.version ?? "",
    },
    nameServer: nameServerView(context),
    ...(context.drill.list().length > 0 ? { drill: context.drill.status() } : {}),
    ...(situation.divergence.entries > 0 ? { divergence: { ...situation.divergence } } : {}),
    externalResourcesAvailable: situation.areExternalResourcesAvailable,
    ...vantagesView(context),
    recoveryPointSeconds: recoveryPointSeconds(context, items),
    sync: items.map((item) => ({ ...item })),
    configurationErrors: configurationErrorViews(context),
    ...(facts.operation ? { operation: facts.operation } : {}),
    lastOperations: facts.lastOperations,
    ...(situation.decision ? { decision: { ...situation.decision, criteria: [...situation.decision.criteria] } } : {}),
    asks: facts.asks.map(({ askedBy, askedAtMs, because: why }) => ({ askedBy, askedAtMs, because: why })),
    counters: Object.fromEntries(situation.counters),
    events: eventTimes(facts.eventTimesMs),
  };
}

function eventTimes(timesMs: Readonly<Record<string, number>>): ActorStatus["events"] {
  return Object.fromEntries(Object.entries(timesMs).map(([name, atMs]) => [name, atMs / 1000]));
}

function configurationErrorViews(context: ActorContext): ActorStatus["configurationErrors"] {
  const { configurationErrors } = context.store.facts;
  return configurationErrors.map((error) => ({
    ...error,
    isLasting: isConfigurationErrorLasting(context, error.reason),
  }));
}

function exclusionView({ ports, settings, situation }: ActorContext): ActorStatus["exclusion"] {
  const { updateServerSite } = settings.ownership;
  // A peer that does not know of the witness would claim without it.
  const isShared = situation.peerStatus?.settingsHash === ports.build.settingsHash;
  return judgeExclusion({
    updateServerSite,
    hasGuard: situation.isGuardRunning,
    hasWitness: settings.witness !== undefined && isShared,
  });
}

function witnessView(context: ActorContext): Pick<ActorStatus, "witness"> {
  const word = witnessWord(context);
  if (word === "none") return {};
  const { problem } = context.situation.witness;
  if (word !== "unknown") return { witness: { isAnswering: true, because: problem } };
  return { witness: { isAnswering: false, because: problem === "" ? "it has not answered lately" : problem } };
}

function vantagesView({ situation: { vantages } }: ActorContext): Pick<ActorStatus, "vantages"> {
  return vantages ? { vantages: { askedAtMs: vantages.askedAtWallMs, words: [...vantages.words] } } : {};
}

function managedSystemView({ situation }: ActorContext): ActorStatus["managedSystem"] {
  return {
    isServing: situation.isServing,
    isWhole: situation.isWhole,
    isAnswering: situation.isAnswering,
    because: situation.servingBecause,
    checkedAtMs: situation.servingCheckedAtWallMs,
    isActiveAvailable: situation.isActiveAvailable,
    unavailableSinceMs: situation.unavailableSinceWallMs,
  };
}

function nameServerView({ situation }: ActorContext): ActorStatus["nameServer"] {
  return {
    isReachable: situation.isUpdateServerReachable,
    lastReadMs: situation.recordReadAtWallMs,
    updatesTotal: situation.updatesTotal,
    updateFailuresTotal: situation.updateFailuresTotal,
    oldAnswersUntilMs: situation.oldAnswersUntilWallMs,
    publishedAddresses: [...situation.publishedAddresses],
  };
}

export function ownState(
  context: ActorContext,
  items: readonly SyncItemStatus[] = context.ports.parts.flatMap((part) => part.status()),
): ReturnType<typeof computeState> {
  const { facts } = context.store;
  const warnings = findWarnings(context, items);
  return computeState({
    isEnabled: facts.isEnabled,
    enabledBecause: facts.enabledBecause,
    active: facts.record?.active,
    runningOperation: facts.operation ?? undefined,
    configurationErrors: facts.configurationErrors,
    warnings,
  });
}

function findWarnings(context: ActorContext, items: readonly SyncItemStatus[]): string[] {
  const { situation, ports, store, server } = context;
  const warnings = items.filter((item) => item.health !== "ok").map((item) => `${item.name}: ${item.because}`);
  if (situation.recordProblem !== "") warnings.push(situation.recordProblem);
  if (situation.witness.problem !== "") warnings.push(situation.witness.problem);
  const peerVersion = situation.peerStatus?.version;
  if (peerVersion !== undefined && peerVersion !== ports.build.version) {
    warnings.push(`this server runs version ${ports.build.version}, the other one ${peerVersion}`);
  }
  const peerHash = situation.peerStatus?.settingsHash;
  if (peerHash !== undefined && peerHash !== ports.build.settingsHash) {
    warnings.push("the pair-wide settings of the two servers differ: compare both settings files");
  }
  if (isFenceUnacknowledged(context)) {
    warnings.push(
      "a weaker fence than before, or waiting longer, holds only when the other server has acknowledged it",
    );
  }
  if (situation.isGuardMissing) {
    warnings.push("the guard process does not run: start `sparesync guard`, or set ownership.guard to false");
  }
  if (store.facts.record?.active === server && store.facts.operation === null) {
    if (!situation.isWhole) warnings.push(`the managed system does not run as a whole: ${situation.servingBecause}`);
    else if (!situation.isAnswering) warnings.push("the managed system runs, but its test page does not answer here");
    if (situation.startProblem !== "") warnings.push(`it cannot be started: ${situation.startProblem}`);
  }
  return warnings;
}

/**
 * What would be lost if the active server were lost now, in seconds: on the active server until now, on the standby
 * as of the last moment at which the active one was known to be alive.
 */
export function recoveryPointSeconds(context: ActorContext, items: readonly SyncItemStatus[]): number {
  const { situation, ports, server, store } = context;
  const isActive = store.facts.record?.active === server;
  const known = isActive ? items : dataAsLastKnown(context, items);
  if (known.length === 0) return 0;
  const oldestMs = Math.min(...known.map((item) => item.completeUpToMs));
  const untilMs = isActive || isPeerConnected(context) ? ports.clock.wallMs() : lastAliveWallMs(situation);
  return oldestMs === 0 ? finite(Infinity) : Math.max(0, (untilMs - oldestMs) / 1000);
}

/** On the standby: what the active server last said of the data, else what this server itself knows of its copy. */
export function dataAsLastKnown(
  context: ActorContext,
  items: readonly SyncItemStatus[],
): readonly Pick<SyncItemStatus, "name" | "kind" | "completeUpToMs" | "isComplete">[] {
  const { peerStatus } = context.situation;
  const isPeerActive = peerStatus !== undefined && peerStatus.active === peerStatus.server;
  return items.map((item) => {
    const other = peerStatus?.sync.find(({ kind, name }) => kind === item.kind && name === item.name);
    if (!isPeerActive || !other) return item;
    return {
      name: item.name,
      kind: item.kind,
      completeUpToMs: Math.max(item.completeUpToMs, other.completeUpToMs),
      // Whether a folder still is the one that the source means, only its own server sees.
      isComplete: item.isComplete || (other.isComplete && item.kind !== "folder"),
    };
  });
}

function lastAliveWallMs(situation: ActorContext["situation"]): number {
  return Math.max(situation.peerHeardAtWallMs, situation.unavailableSinceWallMs);
}

/** JSON has no Infinity: "never" is shown as a very long time (about 31 years). */
const neverSeconds = 1e9;

function finite(seconds: number): number {
  return Number.isFinite(seconds) ? Math.max(0, seconds) : neverSeconds;
}

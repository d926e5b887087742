import { otherServer, type ServerName } from "../shared/core/server-name.js";
import type { Settings } from "../shared/core/settings/settings.js";
import { computePeerState } from "./core/state-table.js";
import type { StateName } from "../shared/core/states.js";
import type { Drill } from "./drill/create-drill.js";
import type { FactsStore } from "./facts-store.js";
import type { ActorPorts } from "./ports.js";
import type { Situation } from "./situation.js";

/** What the actor's loops and steps share: ports, settings, kept facts and what was seen. */
export interface ActorContext {
  readonly ports: ActorPorts;
  readonly settings: Settings;
  readonly server: ServerName;
  readonly store: FactsStore;
  readonly situation: Situation;
  /** Aborts when the actor stops. */
  readonly signal: AbortSignal;
  /** Serialises starting and stopping of the managed system; see managed-system-keeper. */
  readonly keeper: ManagedSystemKeeper;
  readonly drill: Drill;
  /** Makes the operations loop look at once. */
  wakeOperations(): void;
}

export interface ManagedSystemKeeper {
  /** Starts it, if this moment's reading of the ownership record is our own claim; the only way to start it. */
  start(signal: AbortSignal): Promise<void>;
  /** Stops it and looks; aborts a start under way. Resolves only when nothing of it serves. */
  stop(because: string, signal: AbortSignal): Promise<void>;
  /** Looks whether anything of it serves. */
  look(signal: AbortSignal): Promise<boolean>;
}

export function peerName(context: ActorContext): ServerName {
  return otherServer(context.server);
}

/** Seconds since a monotonic moment; Infinity when it never was. */
export function ageSeconds(context: ActorContext, atMs: number | undefined): number {
  return atMs === undefined ? Infinity : (context.ports.clock.monotonicMs() - atMs) / 1000;
}

export function peerState(context: ActorContext): StateName {
  const { situation, settings, store } = context;
  const hasSaidStopped = situation.peerStatus?.isStopping ?? store.facts.peerLastWord === "stopped";
  return computePeerState({
    heardAgeSeconds: ageSeconds(context, situation.peerHeardAtMs),
    inactiveAfterSeconds: settings.link.inactiveAfterSeconds,
    hasAnnouncedStop: store.facts.peerPromise.kind === "stopped" || hasSaidStopped,
    reportedState: situation.peerStatus?.state,
  });
}

export function isPeerConnected(context: ActorContext): boolean {
  const { situation, settings } = context;
  return (
    ageSeconds(context, situation.peerHeardAtMs) <= settings.link.inactiveAfterSeconds &&
    situation.peerStatus?.isStopping !== true
  );
}

export function count(context: ActorContext, name: string): void {
  const { counters } = context.situation;
  counters.set(name, (counters.get(name) ?? 0) + 1);
}

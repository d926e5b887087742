import { needsFullCopy } from "../../shared/core/full-copy.js";
import { messageCatalogue, messageCodes, type MessageCode } from "../../shared/core/message-catalogue.js";
import type { ActorStatus } from "../../shared/core/status.js";
import type { LocalStatus } from "../../shared/core/local-status.js";

/** A condition of the message catalogue that holds now, and why. */
export interface PresentCondition {
  readonly code: MessageCode;
  /** The folder, database or reason that it is about (`messageItems`); empty where its code is about none. */
  readonly item: string;
  readonly because: string;
}

/**
 * What this server has to say now by its own status and, of synchronisation, by what a connected peer says of its side:
 * some errors show on the target only. Events are told by the history.
 */
export function findConditions(status: LocalStatus, peer?: Pick<ActorStatus, "sync">): readonly PresentCondition[] {
  const sync = [...status.sync, ...(status.peer.isConnected ? (peer?.sync ?? []) : [])];
  const ofBoth = { ...status, sync };
  return messageCodes.flatMap((code) => {
    const found = mayRaise(code, status) ? (conditions[code]?.(ofBoth) ?? []) : [];
    return found.map((finding) => ({ code, ...finding }));
  });
}

type Finding = Omit<PresentCondition, "code">;

/**
 * What a service interval excuses; an error of synchronisation is none of it. A pause excuses nothing: while it lasts
 * nobody takes over, so people must hear of an outage all the more.
 */
export function mutedCodes({ serviceInterval }: Pick<LocalStatus, "serviceInterval">): readonly MessageCode[] {
  return serviceInterval ? ["MainAppInvisible", "MissingConnection"] : [];
}

/** Servers that have lost each other cannot know what the other one says, so both speak. */
function mayRaise(code: MessageCode, { server, active, peer }: LocalStatus): boolean {
  switch (messageCatalogue[code].raisedBy) {
    case "either":
    case "acting":
      return true;
    case "active":
      return active === server || !peer.isConnected;
    case "standby":
      return active !== server;
  }
}

/** One row each: what holds, and the reason. */
const conditions: Partial<Readonly<Record<MessageCode, (status: LocalStatus) => readonly Finding[]>>> = {
  MissingConnection: ({ peer }) =>
    when(!peer.isConnected && peer.state !== "stopped", `the other server is ${peer.state}`),
  FileSyncProblemWarn: (status) => findUnwell(status, "folder", "warning"),
  FileSyncProblemFatal: (status) => findUnwell(status, "folder", "fatal"),
  ConfigurationError: ({ configurationErrors }) =>
    joinFindings(configurationErrors.map(({ reason, because }) => ({ item: reason, because }))),
  MainAppInvisible: ({ managedSystem, externalResourcesAvailable }) =>
    when(
      managedSystem.unavailableSinceMs > 0 && externalResourcesAvailable,
      "the test page of the active server does not answer as expected, seen from this one",
    ),
  DbSyncProblemWarn: (status) => findUnwell(status, "database", "warning"),
  DbSyncProblemFatal: (status) => findUnwell(status, "database", "fatal"),
  DbSyncReInitRequired: (status) => findCopiesNeeded(status),
  OtherStoppedNotify: ({ peer }) => when(peer.state === "stopped", "the other server was stopped in order"),
  HttpServerNotStarted: ({ listeners }) =>
    when(listeners.admin === false, "the listener of the setting admin.listen is closed"),
  LinkServerNotStarted: ({ listeners }) =>
    when(listeners.link === false, "the listener of the setting link.listen is closed"),
  ExternalResourcesInvisible: ({ externalResourcesAvailable }) =>
    when(!externalResourcesAvailable, "too few of the external resources answer"),
};

function when(holds: boolean, because: string): readonly Finding[] {
  return holds ? [{ item: "", because }] : [];
}

function findCopiesNeeded({ sync, state }: LocalStatus): readonly Finding[] {
  const databases = sync.filter(({ kind }) => kind === "database");
  // What one side does not know to be under way, the other one may.
  const isUnderWay = (name: string): boolean => databases.some((item) => item.name === name && item.isReinitialising);
  const needed = databases.filter((item) => needsFullCopy(item, state) && !isUnderWay(item.name));
  return joinFindings(
    needed.map(({ name, because }) => ({
      item: name,
      because: because === "" ? "the copy is not whole, and none is under way" : because,
    })),
  );
}

function findUnwell(
  { sync }: LocalStatus,
  kind: "folder" | "database",
  health: "warning" | "fatal",
): readonly Finding[] {
  const unwell = sync.filter((item) => item.kind === kind && item.health === health);
  return joinFindings(unwell.map(({ name, because }) => ({ item: name, because })));
}

/** One for each item: both sides may speak of it, and say the same. */
function joinFindings(findings: readonly Finding[]): readonly Finding[] {
  const sentences = new Map<string, Set<string>>();
  for (const { item, because } of findings) sentences.set(item, (sentences.get(item) ?? new Set()).add(because));
  return [...sentences].map(([item, said]) => ({ item, because: [...said].join("; ") }));
}

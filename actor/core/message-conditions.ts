import { needsFullCopy } from "../../shared/core/full-copy.js";
import { messageCatalogue, messageCodes, type MessageCode } from "../../shared/core/message-catalogue.js";
import type { ActorStatus } from "../../shared/core/status.js";
import type { LocalStatus } from "../../shared/core/local-status.js";

/** A condition of the message catalogue that holds now, and why. */
export interface PresentCondition {
  readonly code: MessageCode;
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
    const because = mayRaise(code, status) ? (conditions[code]?.(ofBoth) ?? "") : "";
    return because === "" ? [] : [{ code, because }];
  });
}

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

/** One row each: empty when it does not hold, else the reason. */
const conditions: Partial<Readonly<Record<MessageCode, (status: LocalStatus) => string>>> = {
  MissingConnection: ({ peer }) =>
    peer.isConnected || peer.state === "stopped" ? "" : `the other server is ${peer.state}`,
  FileSyncProblemWarn: (status) => unwell(status, "folder", "warning"),
  FileSyncProblemFatal: (status) => unwell(status, "folder", "fatal"),
  ConfigurationError: ({ configurationErrors }) =>
    configurationErrors.map(({ reason, because }) => `${reason}: ${because}`).join("; "),
  MainAppInvisible: ({ managedSystem, externalResourcesAvailable }) =>
    managedSystem.unavailableSinceMs > 0 && externalResourcesAvailable
      ? "the test page of the active server does not answer as expected, seen from this one"
      : "",
  DbSyncProblemWarn: (status) => unwell(status, "database", "warning"),
  DbSyncProblemFatal: (status) => unwell(status, "database", "fatal"),
  DbSyncReInitRequired: (status) => needsCopy(status),
  OtherStoppedNotify: ({ peer }) => (peer.state === "stopped" ? "the other server was stopped in order" : ""),
  HttpServerNotStarted: ({ listeners }) =>
    listeners.admin ? "" : "the listener of the setting admin.listen is closed",
  LinkServerNotStarted: ({ listeners }) => (listeners.link ? "" : "the listener of the setting link.listen is closed"),
  ExternalResourcesInvisible: ({ externalResourcesAvailable }) =>
    externalResourcesAvailable ? "" : "too few of the external resources answer",
};

function needsCopy({ sync, state }: LocalStatus): string {
  const databases = sync.filter(({ kind }) => kind === "database");
  // What one side does not know to be under way, the other one may.
  const isUnderWay = (name: string): boolean => databases.some((item) => item.name === name && item.isReinitialising);
  const sentences = databases
    .filter((item) => needsFullCopy(item, state) && !isUnderWay(item.name))
    .map(
      ({ name, because }) => `${name}: ${because === "" ? "the copy is not whole, and none is under way" : because}`,
    );
  return [...new Set(sentences)].join("; ");
}

function unwell({ sync }: LocalStatus, kind: "folder" | "database", health: "warning" | "fatal"): string {
  const sentences = sync
    .filter((item) => item.kind === kind && item.health === health)
    .map(({ name, because }) => `${name}: ${because}`);
  // Both sides may say the same of it.
  return [...new Set(sentences)].join("; ");
}

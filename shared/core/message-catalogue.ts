export const severities = ["critical", "warning", "info"] as const;
export type Severity = (typeof severities)[number];

/** Which server may raise a message. When the servers have lost each other, both do. */
export type Raiser = "either" | "active" | "standby" | "acting";

export interface Message {
  readonly meaning: string;
  readonly severity: Severity;
  /** The condition must hold this long, or nothing is sent. */
  readonly delaySeconds: number;
  /** How often it is repeated while it lasts; undefined: said once. */
  readonly repeatSeconds: number | undefined;
  readonly raisedBy: Raiser;
  /** `event`: something happened, so there is nothing to resolve. */
  readonly kind: "condition" | "event";
  /** The alert asks the actors for a failover; whether there is one is decided there (DESIGN.md 7.1). */
  readonly action?: "switchover";
}

const once = undefined;
const hour = 3600;

/** What SpareSync tells people, by mail and by alerts: the one table rules, routes, mail and docs are made from. */
export const messageCatalogue = {
  MissingConnection: {
    meaning: "The servers have lost contact with each other.",
    ...{ severity: "warning", delaySeconds: 60, repeatSeconds: 8 * hour, raisedBy: "either", kind: "condition" },
  },
  FileSyncProblemWarn: {
    meaning: "A file could not be synchronised; it is tried again.",
    ...{ severity: "warning", delaySeconds: 60, repeatSeconds: 4 * hour, raisedBy: "active", kind: "condition" },
  },
  FileSyncProblemFatal: {
    meaning: "The synchronisation of files has stopped.",
    ...{ severity: "critical", delaySeconds: 10, repeatSeconds: 24 * hour, raisedBy: "active", kind: "condition" },
  },
  TurnedOff: {
    meaning: "SpareSync was turned off.",
    ...{ severity: "warning", delaySeconds: 1, repeatSeconds: once, raisedBy: "acting", kind: "event" },
  },
  TurnedOn: {
    meaning: "SpareSync was turned on.",
    ...{ severity: "info", delaySeconds: 1, repeatSeconds: once, raisedBy: "acting", kind: "event" },
  },
  ConfigurationError: {
    meaning: "SpareSync cannot work because of its configuration.",
    ...{ severity: "critical", delaySeconds: 1, repeatSeconds: 12 * hour, raisedBy: "either", kind: "condition" },
  },
  MainAppInvisible: {
    meaning: "The managed system is not available.",
    ...{ severity: "critical", delaySeconds: 120, repeatSeconds: 24 * hour, raisedBy: "standby", kind: "condition" },
    action: "switchover",
  },
  MainAppVisible: {
    meaning: "The managed system became available.",
    ...{ severity: "info", delaySeconds: 1, repeatSeconds: once, raisedBy: "standby", kind: "event" },
  },
  SwitchedSuccessfully: {
    meaning: "The managed system was switched to the other server.",
    ...{ severity: "info", delaySeconds: 1, repeatSeconds: once, raisedBy: "acting", kind: "event" },
  },
  SwitchedFailed: {
    meaning: "The managed system could not be switched to the other server.",
    ...{ severity: "critical", delaySeconds: 0, repeatSeconds: once, raisedBy: "acting", kind: "event" },
  },
  DbSyncProblemWarn: {
    meaning: "Rows of a database could not be synchronised; it is tried again.",
    ...{ severity: "warning", delaySeconds: 60, repeatSeconds: 4 * hour, raisedBy: "active", kind: "condition" },
  },
  DbSyncProblemFatal: {
    meaning: "The synchronisation of a database has stopped.",
    ...{ severity: "critical", delaySeconds: 10, repeatSeconds: 24 * hour, raisedBy: "active", kind: "condition" },
  },
  DbSyncReInitRequired: {
    meaning: "A database must be copied in full again.",
    ...{ severity: "critical", delaySeconds: 1, repeatSeconds: once, raisedBy: "active", kind: "condition" },
  },
  SwitchOnMainAppUnavailable: {
    meaning: "The managed system is down although the servers are connected; it will be switched.",
    ...{ severity: "critical", delaySeconds: 1, repeatSeconds: once, raisedBy: "standby", kind: "event" },
  },
  OtherStoppedNotify: {
    meaning: "The other SpareSync was shut down; nothing will be switched.",
    ...{ severity: "warning", delaySeconds: 60, repeatSeconds: hour, raisedBy: "either", kind: "condition" },
  },
  HttpServerNotStarted: {
    meaning: "The listener for operators and Alertmanager did not start; SpareSync works.",
    ...{ severity: "warning", delaySeconds: 0, repeatSeconds: 24 * hour, raisedBy: "either", kind: "condition" },
  },
  LinkServerNotStarted: {
    meaning: "The listener for the other server did not start; SpareSync cannot work correctly.",
    ...{ severity: "critical", delaySeconds: 0, repeatSeconds: 24 * hour, raisedBy: "either", kind: "condition" },
  },
  ExternalResourcesInvisible: {
    meaning: "The external resources are not available, so this server cannot trust its own connection.",
    ...{ severity: "warning", delaySeconds: 60, repeatSeconds: 12 * hour, raisedBy: "either", kind: "condition" },
  },
} as const satisfies Readonly<Record<string, Message>>;

export type MessageCode = keyof typeof messageCatalogue;

/** All codes, in the order in which people are shown them. */
export const messageCodes = Object.keys(messageCatalogue) as readonly MessageCode[];

/**
 * What a condition is about where there may be several at a time: the label of its alert, and for what a server tells it
 * apart.
 */
export const messageItems: Partial<Readonly<Record<MessageCode, "folder" | "database" | "reason">>> = {
  FileSyncProblemWarn: "folder",
  FileSyncProblemFatal: "folder",
  DbSyncProblemWarn: "database",
  DbSyncProblemFatal: "database",
  DbSyncReInitRequired: "database",
  ConfigurationError: "reason",
};

/** Those that happen and are over, so that there is nothing to resolve; `sparesync_event_last_timestamp_seconds` says when. */
export const eventCodes: readonly MessageCode[] = messageCodes.filter(
  (code) => messageCatalogue[code].kind === "event",
);

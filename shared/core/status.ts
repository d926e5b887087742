import { z } from "zod";
import { drillStatus } from "./drill.js";
import { serverName } from "./server-name.js";
import { stateNames } from "./states.js";
import { vantageWord } from "./vantage.js";

/** The link protocol's number. Two actors with different numbers do not work together (configuration error). */
export const linkProtocol = 5;

export const operationKinds = [
  "switch-to-secondary",
  "switch-to-primary",
  "failover",
  "force-to-secondary",
  "force-to-primary",
] as const;
export type OperationKind = (typeof operationKinds)[number];

export const stepStates = ["waiting", "running", "done", "failed", "undone", "skipped"] as const;
export const stepView = z.object({
  name: z.string(),
  title: z.string(),
  runsOn: serverName,
  state: z.enum(stepStates),
  startedAtMs: z.number(),
  endedAtMs: z.number(),
  because: z.string(),
});
export type StepView = z.output<typeof stepView>;

export const operationStates = ["running", "handed-over", "done", "undoing", "undone", "asks-a-person"] as const;
export const operationView = z.object({
  id: z.string(),
  kind: z.enum(operationKinds),
  state: z.enum(operationStates),
  requestedBy: z.string(),
  reason: z.string(),
  from: serverName,
  to: serverName,
  startedAtMs: z.number(),
  endedAtMs: z.number(),
  because: z.string(),
  progressRatio: z.number(),
  steps: z.array(stepView),
});
export type OperationView = z.output<typeof operationView>;

/** How far an initial copy or a full analysis is; see SyncTransfer. */
export const syncTransfer = z.object({
  table: z.string().optional(),
  rows: z.number().optional(),
  doneFiles: z.number(),
  totalFiles: z.number(),
  doneBytes: z.number(),
  totalBytes: z.number(),
  bytesPerSecond: z.number(),
  secondsLeft: z.number(),
});
export type SyncTransferView = z.output<typeof syncTransfer>;

export const syncItemStatus = z.object({
  kind: z.enum(["folder", "database"]),
  name: z.string(),
  health: z.enum(["ok", "warning", "fatal"]),
  because: z.string(),
  pendingChanges: z.number(),
  pendingBytes: z.number(),
  oldestPendingAtMs: z.number(),
  completeUpToMs: z.number(),
  lastSuccessAtMs: z.number(),
  lastFullAnalysisAtMs: z.number(),
  /** Of a folder: what its last full analysis found to differ; absent on the target. */
  differencesFound: z.number().optional(),
  changesApplied: z.number(),
  bytesApplied: z.number(),
  isComplete: z.boolean(),
  isReinitialising: z.boolean(),
  /** Of a database: its copy is known not to be whole, and none is under way. After a start nothing is known at first. */
  isCopyNeeded: z.boolean().optional(),
  progressRatio: z.number(),
  deletedFiles: z.number().optional(),
  deletedBytes: z.number().optional(),
  /** Of a target's folder. */
  lastPurgeAtMs: z.number().optional(),
  space: z.object({ bytes: z.number(), targetBytes: z.number(), targetRoomBytes: z.number() }).optional(),
  /** Of a folder, on its source: what the target does not keep of its files. */
  unkept: z.array(z.string()).readonly().optional(),
  watch: z.object({ isLimited: z.boolean(), losses: z.number() }).optional(),
  /** Of a folder, on its source: the full analysis under way, or the one asked for that has not begun. */
  analysis: z.object({ isUnderWay: z.boolean(), hasContent: z.boolean() }).optional(),
  transfer: syncTransfer.optional(),
  journal: z.object({ rows: z.number(), bytes: z.number() }).optional(),
  verification: z
    .object({
      isRunning: z.boolean(),
      table: z.string(),
      rows: z.number(),
      differences: z.number(),
      verifiedAtMs: z.number(),
      /** Tables that are too large for one reading. */
      unverified: z.array(z.string()).readonly().optional(),
    })
    .optional(),
});

export type SyncItemStatus = z.output<typeof syncItemStatus>;

export const criterionView = z.object({ name: z.string(), met: z.boolean(), because: z.string() });

/** What may come of weighing a failover, from the mildest on. */
export const decisionNames = ["stay", "ask-the-operator", "fail-over"] as const;

export const decisionView = z.object({
  decision: z.enum(decisionNames),
  because: z.string(),
  decidedAtMs: z.number(),
  criteria: z.array(criterionView),
});

/** How a status says "never" where a duration is expected: JSON has no Infinity (about 31 years). */
const neverSeconds = 1e9;

/** Whether a duration of the status stands for "not known, it may be any time". */
export function isNever(seconds: number): boolean {
  return seconds >= neverSeconds;
}

/**
 * What one actor knows of itself and of its peer: sent in heartbeats, read by the exporter over the local socket and
 * shown by `sparesync status`. Unknown keys of newer versions are dropped, not refused. Times are Unix milliseconds,
 * 0 = never.
 */
export const actorStatus = z.object({
  protocol: z.number(),
  version: z.string(),
  pair: z.string(),
  server: serverName,
  state: z.enum(stateNames),
  because: z.string(),
  startedAtMs: z.number(),
  wallMs: z.number(),
  timeZone: z.string(),
  settingsHash: z.string(),
  epoch: z.number(),
  active: serverName.optional(),
  isEnabled: z.boolean(),
  /** When the pair was last turned off, by whom and why; whether it was marked as checked since. Absent: never. */
  lastTurnedOff: z.object({ atMs: z.number(), because: z.string(), isChecked: z.boolean() }).optional(),
  /** The pause of automatic switching that holds now. */
  pause: z.object({ untilMs: z.number(), setAtMs: z.number(), setBy: z.string(), reason: z.string() }).optional(),
  /** The service interval of this moment. */
  serviceInterval: z.object({ name: z.string(), endsAtMs: z.number() }).optional(),
  isFenced: z.boolean(),
  isStopping: z.boolean(),
  guard: z.object({ isWanted: z.boolean(), isRunning: z.boolean() }),
  /** The witness at the third site; absent where none is set. */
  witness: z.object({ isAnswering: z.boolean(), because: z.string() }).optional(),
  exclusion: z.object({ kind: z.enum(["proof", "assumption", "none"]), because: z.string() }),
  confirmation: z.object({ source: z.enum(["", "update-server", "peer"]), ageSeconds: z.number() }),
  managedSystem: z.object({
    /** Anything of it runs or answers on this server, or that cannot be told. */
    isServing: z.boolean(),
    /** Every control of it runs on this server. */
    isWhole: z.boolean(),
    /** The active server's own look at its test page; true on the standby. */
    isAnswering: z.boolean(),
    because: z.string(),
    checkedAtMs: z.number(),
    /** Seen by this actor at the active server's public address; meaningful on the standby. */
    isActiveAvailable: z.boolean(),
    unavailableSinceMs: z.number(),
  }),
  peer: z.object({
    state: z.enum(stateNames),
    isConnected: z.boolean(),
    lastSeenMs: z.number(),
    roundTripSeconds: z.number(),
    clockOffsetSeconds: z.number(),
    version: z.string(),
  }),
  nameServer: z.object({
    isReachable: z.boolean(),
    lastReadMs: z.number(),
    updatesTotal: z.number(),
    updateFailuresTotal: z.number(),
    publishedAddresses: z.array(z.string()),
    /** Until when resolvers may still give the addresses from before the last takeover; 0: none is known. */
    oldAnswersUntilMs: z.number().default(0),
  }),
  externalResourcesAvailable: z.boolean(),
  /** Entries of divergence reports on this server that nobody has acknowledged yet; absent where there are none. */
  divergence: z.object({ entries: z.number(), sinceMs: z.number() }).optional(),
  /** The drills held on this server; absent where there was none. */
  drill: drillStatus.optional(),
  /** What other places said of the active server; absent where none is set, and on the active server. */
  vantages: z.object({ askedAtMs: z.number(), words: z.array(vantageWord) }).optional(),
  recoveryPointSeconds: z.number(),
  sync: z.array(syncItemStatus),
  configurationErrors: z.array(
    z.object({
      reason: z.string(),
      because: z.string(),
      sinceMs: z.number(),
      /** Its cause was seen a moment ago; if not, the error only waits for a person who marks the pair as checked. */
      isLasting: z.boolean(),
    }),
  ),
  operation: operationView.optional(),
  lastOperations: z.array(operationView),
  decision: decisionView.optional(),
  asks: z.array(z.object({ askedBy: z.string(), askedAtMs: z.number(), because: z.string() })),
  /** Monotonic counts since the start of the actor, by name; e.g. `link_refused.wrong-key`. */
  counters: z.record(z.string(), z.number()),
  /** When each event of the event catalogue happened last: Unix seconds, by name. Kept over restarts; absent: never. */
  events: z.record(z.string(), z.number()).default({}),
});
export type ActorStatus = z.output<typeof actorStatus>;

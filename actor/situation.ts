import type { StateName } from "../shared/core/states.js";
import type { ActorStatus, OperationView } from "../shared/core/status.js";
import type { VantageWord } from "../shared/core/vantage.js";
import type { ClockReading } from "./core/clock-gap.js";
import type { FailoverDecision } from "./core/failover-criteria.js";
import type { ClocksSeen } from "./core/ownership-time.js";
import type { OwnershipRecord } from "./core/ownership-record.js";
import type { WitnessHolder } from "./core/witness-rules.js";
import { emptyProbeWindow, type ProbeWindow } from "./core/probe-window.js";

export interface AskedVantages {
  readonly askedAtMs: number;
  readonly askedAtWallMs: number;
  readonly words: readonly VantageWord[];
}

/** What was last seen of the witness, and what is held there. */
export interface WitnessSeen {
  readonly askedAtMs: number | undefined;
  readonly holder: WitnessHolder | undefined;
  /** Of the lease that this process was granted; empty: none. */
  readonly leaseId: string;
  /** When the question was sent that last found this record in the key, by the ownership clock. */
  readonly held: { readonly atMs: number; readonly operationId: string } | undefined;
  readonly problem: string;
}

/** How far this server's hooks are that the other one has asked for. */
export interface HookRun {
  /** The operation and the moment. */
  readonly key: string;
  readonly isRunning: boolean;
  readonly isDone: boolean;
  readonly because: string;
  readonly ended: Promise<void>;
}

/**
 * What the running actor has seen; nothing here outlives it. Times ending in `AtMs` are of the monotonic clock unless
 * they say wall; undefined: never.
 */
export interface Situation {
  startedAtWallMs: number;
  /** What the clocks showed last, and how long the monotonic one stood still in all; see ownership-clock. */
  clocksSeen: ClocksSeen | undefined;
  /** When the question was sent whose answer last confirmed ownership, by the ownership clock. */
  confirmedAtMs: number | undefined;
  confirmedBy: "" | "update-server" | "peer";
  /** Another name server has shown a higher epoch; undefined: none did at the last look. By the ownership clock. */
  refutation: { readonly atMs: number; readonly because: string } | undefined;
  isFirstConfirmationOver: boolean;
  lastReadRecord: OwnershipRecord | undefined;
  isUpdateServerReachable: boolean;
  recordReadAtWallMs: number;
  recordProblem: string;
  witness: WitnessSeen;
  peerStatus: ActorStatus | undefined;
  /** As last heard; empty: never, or it has kept none yet. */
  peerMemoryId: string;
  /** As last logged. */
  peerStateNoted: StateName;
  peerHeardAtMs: number | undefined;
  peerHeardAtWallMs: number;
  peerRoundTripSeconds: number;
  peerClockOffsetSeconds: number;
  /** Named by the link: the peer answers, but cannot be worked with. */
  peerRefusal: "" | "same-roles" | "protocol";
  /** The peer was asked once, whatever came of it: a peer that speaks against a start has had its chance. */
  isFirstHeartbeatOver: boolean;
  /** When each configuration error was last found, by reason; one that ends by itself must have stayed away. */
  readonly configurationErrorFoundAtMs: Map<string, number>;
  /** Since when each folder and database has been fatal without a break, by its kind and name. */
  readonly itemFatalSinceMs: Map<string, number>;
  isServing: boolean;
  /** Every control of the managed system runs here. */
  isWhole: boolean;
  /** Why the last start did not come to its end; empty: it did, or there was none. */
  startProblem: string;
  /** The active server's own look at its test page. */
  isAnswering: boolean;
  servingBecause: string;
  servingCheckedAtWallMs: number;
  isFenced: boolean;
  isGuardRunning: boolean;
  /** It was looked for long enough and is not there. */
  isGuardMissing: boolean;
  /** How often the guard has stopped the managed system, as it last said. */
  guardStopsTotal: number;
  leaseProblem: string;
  /** The managed system should run here as soon as ownership is confirmed: after a start, after a fence. */
  shouldStart: boolean;
  isActiveAvailable: boolean;
  unavailableSinceMs: number | undefined;
  unavailableSinceWallMs: number;
  /** When the last probe began that found the active server's managed system available; an older ask is over. */
  lastAvailableWallMs: number;
  /** What maintenance was under way at the last look, in words; empty: none. */
  maintenance: string;
  /** When an outage was last excused: by maintenance, or because the peer had said itself that it goes. */
  excusedAtMs: number | undefined;
  areExternalResourcesAvailable: boolean;
  externalResourcesAvailableSinceMs: number | undefined;
  /** The last probes of the active server's public address. */
  probeWindow: ProbeWindow;
  /** What other places said of the active server when they were last asked. */
  vantages: AskedVantages | undefined;
  /** When the last tick of the decision ended, by both clocks. */
  tickEnded: ClockReading | undefined;
  /** When this process started or last woke from a sleep; what was seen before does not count. */
  wokenAtMs: number | undefined;
  /** When the questions were sent whose answer was the record, and that the peer last answered or not. */
  recordAskedAtMs: number | undefined;
  heartbeatAskedAtMs: number | undefined;
  clockStep: { readonly bySeconds: number; readonly atMs: number } | undefined;
  publishedAddresses: readonly string[];
  namePointsToNeitherSinceMs: number | undefined;
  /** Since when the name holds addresses of the server that does not own it. */
  nameStrangeSinceMs: number | undefined;
  nameCorrectedAtMs: number | undefined;
  /** The zone's serial just after an operation has published. */
  publishedSerial: { readonly operationId: string; readonly serial: number } | undefined;
  /** The hooks that were run to their end last, for an operation that this server leads, and what they said. */
  hooksEnded: { readonly operationId: string; readonly when: "before" | "after"; readonly note: string } | undefined;
  /** This server's hooks for the last operation that the other one leads. */
  readonly hookRuns: Map<string, HookRun>;
  /** Until when resolvers may give the addresses from before the last takeover; 0: none is known. */
  oldAnswersUntilWallMs: number;
  updatesTotal: number;
  updateFailuresTotal: number;
  claimWonAtMs: { readonly operationId: string; readonly atMs: number } | undefined;
  decision: (FailoverDecision & { readonly decidedAtMs: number }) | undefined;
  peerOperation: OperationView | undefined;
  /** Ends the attempt at a step that is under way; undefined: none is. */
  abortStep: (() => void) | undefined;
  isStopping: boolean;
  /** The role that each data part has taken up, as text; a part that is changing its role is not here. */
  readonly rolesTaken: Map<string, string>;
  /** Entries of divergence reports on this server that nobody has acknowledged, and since when (wall clock, 0: none). */
  divergence: { readonly entries: number; readonly sinceMs: number };
  /** Backups that the coordinator of an operation has asked for, by operation. */
  readonly backups: Map<string, { isRunning: boolean; isDone: boolean; because: string }>;
  readonly counters: Map<string, number>;
  /** The number of the last event in the history's file; undefined: not looked at yet. */
  eventsWritten: number | undefined;
}

export function newSituation(wallMs: number): Situation {
  return {
    startedAtWallMs: wallMs,
    clocksSeen: undefined,
    confirmedAtMs: undefined,
    confirmedBy: "",
    refutation: undefined,
    isFirstConfirmationOver: false,
    lastReadRecord: undefined,
    isUpdateServerReachable: false,
    recordReadAtWallMs: 0,
    recordProblem: "",
    witness: { askedAtMs: undefined, holder: undefined, leaseId: "", held: undefined, problem: "" },
    peerStatus: undefined,
    peerMemoryId: "",
    peerStateNoted: "unknown",
    peerHeardAtMs: undefined,
    peerHeardAtWallMs: 0,
    peerRoundTripSeconds: 0,
    peerClockOffsetSeconds: 0,
    peerRefusal: "",
    isFirstHeartbeatOver: false,
    configurationErrorFoundAtMs: new Map(),
    itemFatalSinceMs: new Map(),
    // Unknown counts as serving: until it was looked at, the managed system may run.
    isServing: true,
    isWhole: false,
    startProblem: "",
    isAnswering: true,
    servingBecause: "not looked at yet",
    servingCheckedAtWallMs: 0,
    isFenced: false,
    isGuardRunning: false,
    isGuardMissing: false,
    guardStopsTotal: 0,
    leaseProblem: "",
    shouldStart: true,
    ...newOutlook(),
    publishedAddresses: [],
    namePointsToNeitherSinceMs: undefined,
    nameStrangeSinceMs: undefined,
    nameCorrectedAtMs: undefined,
    publishedSerial: undefined,
    hooksEnded: undefined,
    hookRuns: new Map(),
    oldAnswersUntilWallMs: 0,
    updatesTotal: 0,
    updateFailuresTotal: 0,
    claimWonAtMs: undefined,
    decision: undefined,
    peerOperation: undefined,
    abortStep: undefined,
    isStopping: false,
    rolesTaken: new Map(),
    divergence: { entries: 0, sinceMs: 0 },
    backups: new Map(),
    counters: new Map(),
    eventsWritten: undefined,
  };
}

type Outlook = Pick<
  Situation,
  | "isActiveAvailable"
  | "unavailableSinceMs"
  | "unavailableSinceWallMs"
  | "lastAvailableWallMs"
  | "maintenance"
  | "excusedAtMs"
  | "areExternalResourcesAvailable"
  | "externalResourcesAvailableSinceMs"
  | "probeWindow"
  | "vantages"
  | "tickEnded"
  | "wokenAtMs"
  | "recordAskedAtMs"
  | "heartbeatAskedAtMs"
  | "clockStep"
>;

/** Nothing was seen of the active server or the world outside yet. */
function newOutlook(): Outlook {
  return {
    isActiveAvailable: true,
    unavailableSinceMs: undefined,
    unavailableSinceWallMs: 0,
    lastAvailableWallMs: 0,
    maintenance: "",
    excusedAtMs: undefined,
    areExternalResourcesAvailable: true,
    externalResourcesAvailableSinceMs: undefined,
    probeWindow: emptyProbeWindow,
    vantages: undefined,
    tickEnded: undefined,
    wokenAtMs: undefined,
    recordAskedAtMs: undefined,
    heartbeatAskedAtMs: undefined,
    clockStep: undefined,
  };
}

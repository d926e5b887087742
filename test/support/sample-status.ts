import type { LocalStatus } from "../../shared/core/local-status.js";

const nowMs = 1_800_000_000_000;

const item = {
  health: "ok",
  because: "",
  pendingChanges: 3,
  pendingBytes: 4096,
  oldestPendingAtMs: nowMs - 7_000,
  completeUpToMs: nowMs - 8_000,
  lastSuccessAtMs: nowMs - 9_000,
  lastFullAnalysisAtMs: nowMs - 3_600_000,
  changesApplied: 12,
  bytesApplied: 123_456,
  isComplete: true,
  isReinitialising: false,
  progressRatio: 1,
} as const;

/** What the actor of a healthy standby says; each test changes what it is about. */
export function sampleStatus(change: Partial<LocalStatus> = {}): LocalStatus {
  return {
    protocol: 1,
    version: "0.1.0",
    pair: "shop",
    server: "secondary",
    state: "working",
    because: "the primary is active",
    startedAtMs: nowMs - 86_400_000,
    wallMs: nowMs,
    timeZone: "Europe/Vienna",
    settingsHash: "0123abcd",
    epoch: 7,
    active: "primary",
    isEnabled: true,
    isFenced: true,
    isStopping: false,
    guard: { isWanted: true, isRunning: true },
    exclusion: { kind: "proof", because: "the update server stands elsewhere" },
    confirmation: { source: "update-server", ageSeconds: 2.5 },
    managedSystem: {
      isServing: false,
      isWhole: false,
      isAnswering: true,
      because: "all controls are stopped",
      checkedAtMs: nowMs,
      isActiveAvailable: true,
      unavailableSinceMs: 0,
    },
    peer: {
      state: "working",
      isConnected: true,
      lastSeenMs: nowMs - 1_000,
      roundTripSeconds: 0.004,
      clockOffsetSeconds: -0.25,
      version: "0.1.0",
    },
    nameServer: {
      isReachable: true,
      lastReadMs: nowMs - 2_500,
      updatesTotal: 2,
      updateFailuresTotal: 1,
      publishedAddresses: ["192.0.2.1"],
      oldAnswersUntilMs: 0,
    },
    externalResourcesAvailable: true,
    recoveryPointSeconds: 7,
    sync: [
      { kind: "folder", name: "uploads", ...item },
      { kind: "database", name: "orders", ...item },
    ],
    configurationErrors: [],
    lastOperations: [],
    decision: {
      decision: "stay",
      because: "the managed system is available",
      decidedAtMs: nowMs - 1_000,
      criteria: [
        { name: "unavailable-long-enough", met: false, because: "it is available" },
        { name: "external-resources-available", met: true, because: "2 of 2" },
      ],
    },
    asks: [],
    counters: { "webhook_alerts.accepted": 1, "link_refused.wrong-key": 4 },
    events: {},
    listeners: { admin: true, link: true },
    ...change,
  };
}

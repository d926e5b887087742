import type { DivergenceView } from "../../actor/core/divergence.js";
import type { Acknowledged, PairDivergence } from "../../actor/divergence/pair-divergence.js";
import type { MessageCode } from "../../shared/core/message-catalogue.js";
import type { HistoryPage } from "../../actor/event-log.js";
import { matchesEvent, type EventFilter, type EventRecord } from "../../shared/core/event-record.js";
import type { DecisionRecord } from "../../actor/core/decision-record.js";
import type {
  Actor,
  AlertOutcome,
  AnalysisRequest,
  FailoverAlert,
  OperationAnswer,
  OperationRequest,
} from "../../actor/actor-api.js";
import type { NameServerTestLine } from "../../actor/dns/test-update.js";
import type { DrillReport } from "../../shared/core/drill.js";
import type { SyncItemErrors } from "../../actor/sync-part.js";
import type { ActorStatus, OperationView } from "../../shared/core/status.js";

export const anOperation: OperationView = {
  id: "op1",
  kind: "switch-to-secondary",
  state: "running",
  requestedBy: "olga",
  reason: "patches",
  from: "primary",
  to: "secondary",
  startedAtMs: 1,
  endedAtMs: 0,
  because: "",
  progressRatio: 0.5,
  steps: [],
};

export const aStatus: ActorStatus = {
  protocol: 1,
  version: "0.1.0",
  pair: "shop",
  server: "secondary",
  state: "working",
  because: "",
  startedAtMs: 1,
  wallMs: 2,
  timeZone: "UTC",
  settingsHash: "h",
  epoch: 3,
  active: "primary",
  isEnabled: true,
  isFenced: false,
  isStopping: false,
  guard: { isWanted: true, isRunning: true },
  exclusion: { kind: "proof", because: "the update server stands elsewhere" },
  confirmation: { source: "", ageSeconds: 0 },
  managedSystem: {
    isServing: false,
    isWhole: false,
    isAnswering: true,
    because: "",
    checkedAtMs: 1,
    isActiveAvailable: true,
    unavailableSinceMs: 0,
  },
  peer: {
    state: "working",
    isConnected: true,
    lastSeenMs: 1,
    roundTripSeconds: 0.01,
    clockOffsetSeconds: 0,
    version: "0.1.0",
  },
  nameServer: {
    isReachable: true,
    lastReadMs: 1,
    updatesTotal: 0,
    updateFailuresTotal: 0,
    publishedAddresses: [],
    oldAnswersUntilMs: 0,
  },
  externalResourcesAvailable: true,
  recoveryPointSeconds: 0,
  sync: [],
  configurationErrors: [],
  lastOperations: [anOperation],
  asks: [],
  counters: {},
  events: {},
};

export const someErrors: SyncItemErrors = {
  name: "uploads",
  warnings: 1,
  pathsRefused: 0,
  paths: [{ path: "fifo", kind: "skipped", because: "a device, socket or FIFO", attempts: 3 }],
};

export const aDrill: DrillReport = {
  id: "drill1",
  result: "passed",
  because: "",
  requestedBy: "olga",
  startedAtMs: 1000,
  endedAtMs: 3000,
  lines: [{ name: "promotion", result: "passed", because: "promoted and rolled back: database shop", seconds: 0.5 }],
  measuredSeconds: 0.5,
  recoveryTimeSeconds: 220.5,
  recoveryPointSeconds: 2,
};

/** An actor that remembers what it was asked and answers what the test says. */
export const someDivergence: DivergenceView = {
  kind: "database",
  name: "shop",
  form: "found",
  id: "h1",
  server: "secondary",
  file: "/state/divergence/database/shop/h1.found.jsonl",
  atMs: 1_000,
  entries: 1,
  isAcknowledged: false,
  examples: [{ table: "public.orders", key: { id: "7" }, state: "present", row: { id: "7" }, present: null }],
};

export class FakeActor implements Actor {
  readonly linkHandlers = {};
  readonly asked: unknown[] = [];
  readonly counted: string[] = [];
  /** The answers of the admin listener, counted by handler and class of status. */
  readonly countedAnswers: string[] = [];
  answer: OperationAnswer = { kind: "accepted", operation: anOperation };
  alertOutcome: AlertOutcome = "accepted";
  adoption: OperationView | undefined;
  decided: readonly DecisionRecord[] = [];
  happened: readonly EventRecord[] = [];
  failure: Error | undefined;
  isEnabled = true;

  start(): Promise<void> {
    return Promise.resolve();
  }
  stop(): Promise<void> {
    return Promise.resolve();
  }
  status(): ActorStatus {
    return { ...aStatus, isEnabled: this.isEnabled };
  }
  operations(): readonly OperationView[] {
    return [anOperation];
  }
  requestOperation(request: OperationRequest): Promise<OperationAnswer> {
    return this.#take(request, this.answer);
  }
  findOperation(operationId: string): Promise<OperationView | undefined> {
    return Promise.resolve(operationId === anOperation.id ? anOperation : undefined);
  }
  abortOperation(operationId: string, requestedBy: string): Promise<OperationAnswer> {
    return this.#take({ abort: operationId, requestedBy }, this.answer);
  }
  retryOperation(operationId: string, requestedBy: string): Promise<OperationAnswer> {
    return this.#take({ retry: operationId, requestedBy }, this.answer);
  }
  takeAlert(alert: FailoverAlert): Promise<AlertOutcome> {
    return this.#take(alert, this.alertOutcome);
  }
  setEnabled(isEnabled: boolean, requestedBy: string, reason: string): Promise<void> {
    const answer = this.#take({ isEnabled, requestedBy, reason }, undefined);
    if (this.failure === undefined) this.isEnabled = isEnabled;
    return answer;
  }
  pause(requestedBy: string, reason: string, forSeconds: number): Promise<void> {
    return this.#take({ pausedBy: requestedBy, reason, forSeconds }, undefined);
  }
  resume(requestedBy: string): Promise<boolean> {
    return this.#take({ resumedBy: requestedBy }, true);
  }
  markChecked(requestedBy: string): Promise<void> {
    return this.#take({ markCheckedBy: requestedBy }, undefined);
  }
  approveFolder(folder: string, requestedBy: string, shown?: string): Promise<void> {
    return this.#take({ approved: folder, requestedBy, ...(shown === undefined ? {} : { shown }) }, undefined);
  }
  analyseFolders(request: AnalysisRequest, requestedBy: string): Promise<readonly string[]> {
    return this.#take({ analysed: request, requestedBy }, [request.folder ?? "uploads"]);
  }
  folderErrors(): readonly SyncItemErrors[] {
    return [someErrors];
  }
  readDivergence(examples: number): Promise<PairDivergence> {
    return this.#take({ divergenceExamples: examples }, { reports: [someDivergence], peerBecause: "" });
  }
  acknowledgeDivergence(requestedBy: string): Promise<Acknowledged> {
    return this.#take({ divergenceAcknowledgedBy: requestedBy }, { reports: 1, files: 3 });
  }
  beginDrill(requestedBy: string): Promise<DrillReport> {
    return this.#take({ drillBy: requestedBy }, aDrill);
  }
  drills(): readonly DrillReport[] {
    return [aDrill];
  }
  testNameServer(requestedBy: string): Promise<readonly NameServerTestLine[]> {
    return this.#take({ nameServerTestBy: requestedBy }, [{ what: "add x", passed: true, because: "", seconds: 0.1 }]);
  }
  createFirstRecord(requestedBy: string): Promise<void> {
    return this.#take({ firstRecordBy: requestedBy }, undefined);
  }
  adopt(requestedBy: string, reason: string): Promise<OperationView | undefined> {
    return this.#take({ adoptedBy: requestedBy, reason }, this.adoption);
  }
  decisions(): Promise<readonly DecisionRecord[]> {
    return Promise.resolve(this.decided);
  }
  sendTestMessage(code: MessageCode, requestedBy: string): Promise<void> {
    return this.#take({ testMessage: code, requestedBy }, undefined);
  }
  history(filter: EventFilter): Promise<HistoryPage> {
    this.asked.push(filter);
    return Promise.resolve({
      events: this.happened.filter((event) => matchesEvent(event, filter)),
      unreadableLines: 0,
    });
  }
  recordAct(): Promise<void> {
    return Promise.resolve();
  }
  count(name: string): void {
    (name.startsWith("http_requests.") ? this.countedAnswers : this.counted).push(name);
  }

  #take<Answer>(what: unknown, answer: Answer): Promise<Answer> {
    this.asked.push(what);
    return this.failure === undefined ? Promise.resolve(answer) : Promise.reject(this.failure);
  }
}

import type { AlertOutcome } from "../shared/core/alert-outcomes.js";
import type { EventFilter, OperatorAct } from "../shared/core/event-record.js";
import type { PlanStepView, PreCheckView } from "../shared/core/operation-plan.js";
import type { OperationKind, OperationView, ActorStatus } from "../shared/core/status.js";
import type { MessageCode } from "../shared/core/message-catalogue.js";
import type { DrillReport } from "../shared/core/drill.js";
import type { DecisionRecord } from "./core/decision-record.js";
import type { Acknowledged, PairDivergence } from "./divergence/pair-divergence.js";
import type { NameServerTestLine } from "./dns/test-update.js";
import type { HistoryPage } from "./event-log.js";
import type { LinkHandlers } from "./link/link.js";
import type { SyncItemErrors } from "./sync-part.js";

export { type AlertOutcome, alertOutcomes } from "../shared/core/alert-outcomes.js";

/** Who asks: the name of a token, `peer`, `watch`, `alertmanager`. Never the token itself. */
export interface OperationRequest {
  readonly kind: OperationKind;
  readonly requestedBy: string;
  readonly reason: string;
  /** Only plan and pre-check; nothing is done or written. */
  readonly isDryRun: boolean;
  /** Only of a forced takeover: a person says that the application on the other server is stopped and stays so. */
  readonly isPeerOff?: boolean;
}

export type OperationAnswer =
  | { readonly kind: "accepted"; readonly operation: OperationView }
  /** The same or another operation runs already: its view, so that a doubled request finds it. */
  | { readonly kind: "running"; readonly operation: OperationView }
  | {
      readonly kind: "planned";
      readonly operation: OperationView;
      readonly obstacles: readonly string[];
      readonly plan: readonly PlanStepView[];
      readonly checks: readonly PreCheckView[];
    }
  | { readonly kind: "refused"; readonly because: string; readonly hint: string };

/** One firing alert that asks for a failover. Fingerprint and startsAt identify the incident (DESIGN.md 7.1). */
export interface FailoverAlert {
  readonly fingerprint: string;
  readonly startsAt: string;
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
}

/** Which folder (all without one) is to be compared in full, and whether every file is read on both sides. */
export interface AnalysisRequest {
  readonly folder?: string | undefined;
  readonly hasContent: boolean;
}

/** Everything the HTTP routes, the link and main may ask of the actor. Nothing else reaches into it. */
export interface Actor {
  /** Reads what was kept, registers nothing, starts the loops; an operation left behind is resumed by them. */
  start(): Promise<void>;
  /** Orderly stop: announces `stopped` to the peer; the managed system goes on (the peer has promised or waits). */
  stop(reason: string): Promise<void>;
  status(): ActorStatus;
  /** Accepts, plans or refuses; never waits for the operation itself. */
  requestOperation(request: OperationRequest): Promise<OperationAnswer>;
  /** Known operations, newest first. */
  operations(): readonly OperationView[];
  /** One operation: of this server, or the one that the other server coordinates. */
  findOperation(operationId: string): Promise<OperationView | undefined>;
  /** Undoes an operation that has not claimed yet; refused from then on. */
  abortOperation(operationId: string, requestedBy: string): Promise<OperationAnswer>;
  /** Runs the step again at which an operation stopped to ask a person. */
  retryOperation(operationId: string, requestedBy: string): Promise<OperationAnswer>;
  /** Alertmanager's webhook, one alert. Durable before it resolves. May be called any number of times. */
  takeAlert(alert: FailoverAlert): Promise<AlertOutcome>;
  /** Pair-wide when connected: turns synchronisation and automatic switching on or off. */
  setEnabled(isEnabled: boolean, requestedBy: string, reason: string): Promise<void>;
  /** Pair-wide when connected: no automatic failover for so many seconds, in place of the pause there is. */
  pause(requestedBy: string, reason: string, forSeconds: number): Promise<void>;
  /** Pair-wide when connected: ends the pause before its time; false when there is none. */
  resume(requestedBy: string): Promise<boolean>;
  /** Ends configuration errors whose cause is gone and the block after an automatic failover. */
  markChecked(requestedBy: string): Promise<void>;
  /** A person has looked at what a folder's safety rules have stopped, and at just that question: the target may follow. */
  approveFolder(folder: string, requestedBy: string, shown?: string): Promise<void>;
  /**
   * Has a folder, or all of them, compared in full soon; returns the names of those that will be. Rejects with NOT_FOUND
   * for a folder that there is not, with OPERATION_REFUSED where nothing is sent from here.
   */
  analyseFolders(request: AnalysisRequest, requestedBy: string): Promise<readonly string[]>;
  /** Of each folder, what cannot be synchronised. */
  folderErrors(): readonly SyncItemErrors[];
  /** What both servers know of rows and files that one had and the other never got; of each report so many examples. */
  readDivergence(examples: number): Promise<PairDivergence>;
  /** A person has looked at that, on both servers; rejects with OPERATION_REFUSED when the other cannot be told. */
  acknowledgeDivergence(requestedBy: string): Promise<Acknowledged>;
  /** Begins a drill on the spare, or returns the one that runs; rejects with OPERATION_REFUSED where there can be none. */
  beginDrill(requestedBy: string): Promise<DrillReport>;
  /** The drills that are remembered, newest first. */
  drills(): readonly DrillReport[];
  /** Tries the update server with a name of its own. */
  testNameServer(requestedBy: string): Promise<readonly NameServerTestLine[]>;
  /** Operator's act: creates the very first ownership record (epoch 1, this server active); refused if one exists. */
  createFirstRecord(requestedBy: string): Promise<void>;
  /**
   * Operator's act where the record names this server and nothing here remembers why: vouches for the data of this
   * server. Returns the takeover that this begins; undefined where the managed system serves already.
   */
  adopt(requestedBy: string, reason: string): Promise<OperationView | undefined>;
  /** The last changes of the failover decision, newest first. */
  decisions(limit: number): Promise<readonly DecisionRecord[]>;
  /** Sends a test message by mail; rejects with the reason when the mail server does not take it. */
  sendTestMessage(code: MessageCode, requestedBy: string): Promise<void>;
  /** What has happened on this server, newest first. */
  history(filter: EventFilter): Promise<HistoryPage>;
  /** Puts what a person asked for elsewhere into the history. Durable when it resolves; never rejects. */
  recordAct(act: OperatorAct): Promise<void>;
  /** Adds to a named counter of the status, e.g. `link_refused.wrong-key`. */
  count(name: string): void;
  /** What the actor answers on the link: heartbeats, confirmations, commands. */
  readonly linkHandlers: LinkHandlers;
}

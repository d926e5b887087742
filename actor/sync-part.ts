import type { JsonObject } from "../shared/core/json.js";
import type { DivergenceView } from "./core/divergence.js";
import type { DataRole } from "./core/data-role.js";
import type { LinkHandlers } from "./link/link.js";

export type { DataRole };

export type SyncHealth = "ok" | "warning" | "fatal";

/** One synchronised thing (a folder or a database) as shown in status, metrics and the failover decision. */
export interface SyncItemStatus {
  readonly kind: "folder" | "database";
  readonly name: string;
  readonly health: SyncHealth;
  /** One sentence why, empty when ok. */
  readonly because: string;
  /** Changes known and not yet applied on the target: files, or journalled keys. */
  readonly pendingChanges: number;
  readonly pendingBytes: number;
  /** Wall-clock time (ms) of the oldest change not yet applied on the target; 0 when there is none. */
  readonly oldestPendingAtMs: number;
  /** Wall-clock time (ms) up to which the target is known to hold everything; 0 when never. */
  readonly completeUpToMs: number;
  readonly lastSuccessAtMs: number;
  readonly lastFullAnalysisAtMs: number;
  /** Of a folder, on its source: what the last full analysis found to differ. */
  readonly differencesFound?: number;
  readonly changesApplied: number;
  readonly bytesApplied: number;
  /** A target that is not a whole copy may not be promoted automatically. */
  readonly isComplete: boolean;
  readonly isReinitialising: boolean;
  /** Of a database: its copy is known not to be whole, and none is under way. */
  readonly isCopyNeeded?: boolean;
  readonly progressRatio: number;
  /** Only of a target's folder, once it was counted: what `.deleted` holds. */
  readonly deletedFiles?: number;
  readonly deletedBytes?: number;
  /** Of a target's folder: wall-clock time (ms) of the last purge of `.deleted` that succeeded, or since when one is expected. */
  readonly lastPurgeAtMs?: number;
  /**
   * Source: its bytes, the target's, and what still had room there. Of a folder at the last full analysis, of a database
   * within the last minutes, and only where the target's server can tell.
   */
  readonly space?: { readonly bytes: number; readonly targetBytes: number; readonly targetRoomBytes: number };
  /** Folders, source: whether a part is not watched for want of watches, and how often changes may have been missed. */
  readonly watch?: { readonly isLimited: boolean; readonly losses: number };
  /** Folders, source: what the target does not keep of its files, for people. */
  readonly unkept?: readonly string[];
  /** Folders, source: the full analysis under way, or the one that somebody asked for and that has not begun. */
  readonly analysis?: { readonly isUnderWay: boolean; readonly hasContent: boolean };
  /** Only while a source brings over a whole folder, or copies tables of a database. */
  readonly transfer?: SyncTransfer;
  /** Databases: what the journal holds on this server. */
  readonly journal?: { readonly rows: number; readonly bytes: number };
  /** Databases, source: the comparison of both sides. */
  readonly verification?: {
    readonly isRunning: boolean;
    readonly table: string;
    readonly rows: number;
    readonly differences: number;
    readonly verifiedAtMs: number;
  };
}

/** What of one item cannot be synchronised, with the reasons. */
export interface SyncItemErrors {
  readonly name: string;
  /** How many there are; more than are named, where there are very many. */
  readonly warnings: number;
  /** Paths that the other side may not send, refused since the start. */
  readonly pathsRefused: number;
  readonly paths: readonly {
    readonly path: string;
    /** `skipped`: by its nature; `failed`: it is tried again; `changed`: it does not come to rest. */
    readonly kind: string;
    readonly because: string;
    readonly attempts: number;
  }[];
  /** What waits for an approval here. */
  readonly question?: ApprovalQuestion;
}

/** What a person is asked before so much of an item goes. */
export interface ApprovalQuestion {
  readonly because: string;
  /** Of this question with the names of all that goes; an approval names it. */
  readonly shown: string;
  readonly files: number;
  /** The folders in the root from which most go ("" for the root itself). */
  readonly folders: readonly { readonly folder: string; readonly files: number }[];
  /** Some of the names. */
  readonly examples: readonly string[];
}

/** How far one initial copy or full analysis is. Of a database the tables stand for files. */
export interface SyncTransfer {
  /** Of a database: the one under way, and how many rows the target has of all. */
  readonly table?: string;
  readonly rows?: number;
  readonly doneFiles: number;
  readonly totalFiles: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number;
  /** 0 when it cannot be told yet. */
  readonly secondsLeft: number;
}

/** What became of a promotion that was rolled back; `because` is empty when it would have been done. */
export interface RehearsedPart {
  readonly name: string;
  readonly because: string;
}

/** Files of a folder whose content was compared with the source's; `differences` are their paths. */
export interface SampledFiles {
  readonly folder: string;
  readonly compared: number;
  readonly differences: readonly string[];
}

export interface SyncProgress {
  readonly item: string;
  readonly done: number;
  readonly total: number;
}

export interface DrainResult {
  readonly changesSent: number;
  readonly bytesSent: number;
}

/**
 * Files, or databases: everything the actor asks of them. Each method may be called again after a crash at any point
 * and then does only what is still missing. None retries for ever: what cannot be reached within `signal` rejects with
 * an AppError and the operation's runner decides.
 */
export interface SyncPart {
  readonly name: "files" | "database";
  /** Takes up a role; stops what the former role ran. Called at each start and at each change of role or epoch. */
  setRole(role: DataRole): Promise<void>;
  /** Source: brings everything that exists now to the target, once; the application may go on writing meanwhile. */
  synchronise(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult>;
  /** Source: refuses the application's writers and ends their sessions, so that what is read next is the last word. */
  closeSource(signal: AbortSignal): Promise<void>;
  /** Undo of closeSource: the application may write here again. */
  openSource(signal: AbortSignal): Promise<void>;
  /** True while the application's writers are refused here. Only what can be observed counts. */
  isSourceClosed(signal: AbortSignal): Promise<boolean>;
  /** Source, closed: sends until nothing is left and the target has applied (not only received) all of it. */
  drain(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult>;
  /** Target: from when this resolves, durably, batches of an epoch below `epoch` are refused before they take effect. */
  raiseEpoch(epoch: number, signal: AbortSignal): Promise<void>;
  /** Target: becomes ordinary data the application may write, journalled from the first change on. Idempotent. */
  promote(epoch: number, signal: AbortSignal): Promise<void>;
  isPromoted(signal: AbortSignal): Promise<boolean>;
  /** Target, before a reverse synchronisation: a copy that can be restored. Returns where it is, or "" for nothing. */
  backUp(label: string, signal: AbortSignal): Promise<string>;
  /**
   * Source that does not send yet, after a failover: writes down what the server that returned as target had and this one
   * never got (core/divergence). Changes no data on either side. Done once, it does nothing. Rejects when the target
   * does not answer; then it is asked again.
   */
  compareReturned?(signal: AbortSignal): Promise<void>;
  /** What of a reverse synchronisation is kept aside on this server until a person has acknowledged it. */
  listReplaced?(limit: number): Promise<readonly Omit<DivergenceView, "server">[]>;
  /**
   * A person has looked at all of that, and at the reports: from now on the usual purge applies, and a copy may come over
   * rows that nobody can name. Returns how many files.
   */
  releaseReplaced?(): Promise<number>;
  /** A person has looked: forgets a fatal error whose cause is gone, so that status shows what is true now. */
  lookAgain?(): Promise<void>;
  /**
   * A person has looked at what the safety rules stopped: the item follows. False: nothing of it waits for that here.
   * Rejects with OPERATION_REFUSED where `shown`, of the question that was looked at, is not of the one that stands.
   */
  approve?(item: string, shown?: string): Promise<boolean>;
  /**
   * Source: has the items named compared in full, by content if so said, soon and without waiting for it. Resolves to
   * the names of those that will be, once what must survive a restart is durable; to none where it does not send.
   */
  requestAnalysis?(hasContent: boolean, items: readonly string[]): Promise<readonly string[]>;
  /** Of each item, the single things in it that cannot be synchronised. */
  itemErrors?(): readonly SyncItemErrors[];
  /** Why a person must decide before this goes on, once for each reason: then SpareSync turns itself off. */
  takeTurnOff?(): string | undefined;
  /** Target: does what `promote` would, in transactions that are rolled back. Nothing of it is left. */
  rehearsePromotion?(epoch: number, signal: AbortSignal): Promise<readonly RehearsedPart[]>;
  /** Target: compares so many files of each folder, chosen at random, with the source's by content. Reads only. */
  sampleFiles?(count: number, signal: AbortSignal): Promise<readonly SampledFiles[]>;
  /** Never rejects, never blocks on a server: what is known now. */
  status(): readonly SyncItemStatus[];
  /** Details for `sparesync status --json`. */
  details(): JsonObject;
  /** What this part answers on the link; registered once by main. */
  readonly handlers: LinkHandlers;
  close(): Promise<void>;
}

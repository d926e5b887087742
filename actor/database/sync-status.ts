import type { JsonObject } from "../../shared/core/json.js";
import type { AppliedState } from "../core/journal-position.js";
import { tableLabel, type TableDefinition } from "../core/journal-schema.js";
import type { DataRole, SyncItemStatus } from "../sync-part.js";
import type { TargetView } from "./applier.js";
import type { JournalView } from "./journal-watch.js";
import type { CopyReport } from "./reinitialise.js";
import type { SideNumbers } from "./side.js";
import type { TargetReports } from "./target-differences.js";
import type { VerificationView } from "./verification-schedule.js";

/** What a source knows of itself, for status. */
export interface SourceView extends SideNumbers, TargetReports {
  pending: number;
  completeUpToMs: number;
  lastSuccessAtMs: number;
  firstSeenAtMs: number;
  /** See compareSizes. */
  space?: SyncItemStatus["space"] | undefined;
}

export const emptySource: SourceView = {
  changes: 0,
  bytes: 0,
  pending: 0,
  completeUpToMs: 0,
  lastSuccessAtMs: 0,
  firstSeenAtMs: 0,
  copy: undefined,
  missingSequences: [],
  oneSided: [],
};

export interface StatusFacts {
  readonly name: string;
  readonly role: DataRole["role"];
  readonly problem: { readonly health: "warning" | "fatal"; readonly because: string } | undefined;
  /** See Remedy; of a source. */
  readonly isCopyNeeded: boolean;
  readonly source: SourceView;
  readonly journal: JournalView;
  readonly verification: VerificationView;
  readonly target: TargetView;
  readonly stagedBatches: number;
  readonly tableCount: number;
}

/** The item's status from what is known now. Lag is never shown smaller than it may be. */
export function statusOf(facts: StatusFacts): SyncItemStatus {
  const common = {
    kind: "database",
    name: facts.name,
    ...healthOf(facts),
    lastFullAnalysisAtMs: facts.verification.verifiedAtMs,
    journal: facts.journal,
    verification: facts.verification,
  } as const;
  return facts.role === "target" ? { ...common, ...targetStatus(facts) } : { ...common, ...sourceStatus(facts) };
}

/** Each is a long sentence. */
const shownConstraints = 3;

/** What a failover would want counts where nothing fails now. */
function healthOf({ problem, role, source }: StatusFacts): Pick<SyncItemStatus, "health" | "because"> {
  if (problem) return problem;
  const found = role === "source" ? [...differingConstraints(source), ...absentSequences(source)] : [];
  return found.length === 0 ? { health: "ok", because: "" } : { health: "warning", because: found.join("; ") };
}

function differingConstraints({ oneSided }: SourceView): readonly string[] {
  const more =
    oneSided.length > shownConstraints ? [`${String(oneSided.length - shownConstraints)} more constraints differ`] : [];
  return [...oneSided.slice(0, shownConstraints).map(({ message }) => message), ...more];
}

function absentSequences(source: SourceView): readonly string[] {
  if (source.missingSequences.length === 0) return [];
  const names = source.missingSequences.slice(0, 5).join(", ");
  const more = source.missingSequences.length > 5 ? ` and ${String(source.missingSequences.length - 5)} more` : "";
  const because = `the target has no sequence ${names}${more}; create it there, or the application will miss it after a failover`;
  return [because];
}

type Common = "kind" | "name" | "health" | "because" | "lastFullAnalysisAtMs" | "journal" | "verification";
type Varying = Omit<SyncItemStatus, Common>;

function sourceStatus({ source, journal, isCopyNeeded }: StatusFacts): Varying {
  const { copy } = source;
  return {
    pendingChanges: source.pending,
    pendingBytes: source.pending === 0 ? 0 : journal.bytes,
    // What waits was committed after the last complete snapshot: that moment is the oldest it can be of.
    oldestPendingAtMs: source.pending === 0 ? 0 : source.completeUpToMs || source.firstSeenAtMs,
    completeUpToMs: source.completeUpToMs,
    lastSuccessAtMs: source.lastSuccessAtMs,
    changesApplied: source.changes,
    bytesApplied: source.bytes,
    // Only a copy that was confirmed since this server became the source is known to be whole.
    isComplete: source.completeUpToMs > 0 && copy === undefined && !isCopyNeeded,
    isReinitialising: copy !== undefined,
    isCopyNeeded: isCopyNeeded && copy === undefined,
    progressRatio: copy ? copy.ratio : 1,
    ...(copy ? { transfer: copy.transfer } : {}),
    ...(source.space ? { space: source.space } : {}),
  };
}

function targetStatus({ target, stagedBatches, tableCount }: StatusFacts): Varying {
  const stage = target.applied?.stage;
  const isReinitialising = stage === "copying" || stage === "catching-up";
  return {
    pendingChanges: stagedBatches,
    pendingBytes: 0,
    oldestPendingAtMs: 0,
    completeUpToMs: stage === "complete" ? (target.applied?.completeUpToMs ?? 0) : 0,
    lastSuccessAtMs: target.lastSuccessAtMs,
    changesApplied: target.changes,
    bytesApplied: target.bytes,
    isComplete: stage === "complete",
    isReinitialising,
    // The source decides by what the target answers.
    isCopyNeeded: false,
    progressRatio: isReinitialising ? target.copiedTables / Math.max(1, tableCount) : 1,
  };
}

export interface DetailFacts {
  readonly engine: string;
  readonly role: DataRole | undefined;
  /** undefined: not prepared yet. */
  readonly tables: readonly TableDefinition[] | undefined;
  readonly applied: AppliedState | undefined;
  readonly copy: CopyReport | undefined;
  readonly verification: VerificationView;
}

/** Of one database; see SyncPart.details. */
export function detailsOf({ engine, role, tables, applied, copy, verification }: DetailFacts): JsonObject {
  return {
    engine,
    role: role?.role ?? "idle",
    epoch: role?.epoch ?? 0,
    isPrepared: tables !== undefined,
    tables: tables?.map(tableLabel) ?? [],
    applied: applied ? { history: applied.history, point: applied.point, stage: applied.stage } : null,
    copy: copy ? { done: copy.done, total: copy.total, table: copy.table, rows: copy.rows, bytes: copy.bytes } : null,
    verification: { ...verification },
  };
}

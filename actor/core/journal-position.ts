/**
 * What a database keeps in itself about synchronisation. A history is the identity of one database's journal: new at
 * installation and at each promotion. A point is one snapshot of the source, numbered within the source's history.
 */
export interface JournalState {
  readonly history: string;
  /** The history this database was the target of when it was promoted, and how far it had come; "" for none. */
  readonly parent: Position;
  /** The newest point the peer is known to have applied, and the one sent last of which no answer is known. */
  readonly shippedPoint: number;
  readonly sending: { readonly point: number; readonly attempt: string; readonly snapshot: string } | undefined;
  /** Highest epoch accepted here; never falls. */
  readonly epoch: number;
  /** open: the application may write. closed: a source before its last point. standby: a target. */
  readonly mode: "open" | "closed" | "standby";
  readonly promotedEpoch: number;
  /** True once this database was a source: then it is whole, though perhaps old. */
  readonly hasBeenSource: boolean;
  readonly applied: AppliedState | undefined;
  /** Why nothing is journalled here any more, "" while it is. Another history begins when it is again. */
  readonly captureOffBecause: string;
  /** When all tables were last found equal on both sides, 0 for never. Kept on the source. */
  readonly verifiedAtMs: number;
  /** A person or a setting wants a full copy. */
  readonly isCopyRequested: boolean;
  /** Chunks of copies that were ever read here. It never falls, so one that is lower is of a database that was restored. */
  readonly chunksRead: number;
  /** On a target: what `chunksRead` was on the source when it had read the newest chunk that was written here. */
  readonly newestChunk: number;
}

/**
 * A mark names one uninterrupted journal of one table in one shape: it is another one as soon as the journal was made
 * anew or a column changed. A target keeps the mark under which it copied a table; while the source's is still the same,
 * points are enough. By label of the table.
 */
export type TableMarks = Readonly<Record<string, string>>;

export interface Position {
  readonly history: string;
  readonly point: number;
  readonly attempt: string;
}

/** How far this target is in the history of its source. `attempt` tells two readings of the same number apart. */
export interface AppliedState extends Position {
  /** copying: tables are being filled. catching-up: filled, not yet consistent. adopted: an old copy, not yet even. */
  readonly stage: "copying" | "catching-up" | "adopted" | "complete";
  readonly completeUpToMs: number;
}

export interface SourcePosition {
  readonly history: string;
  readonly isCopyRequested: boolean;
  readonly chunksRead: number;
  readonly marks: TableMarks;
  /** Marks of the source that this database was promoted from, as it had copied them. */
  readonly copied: TableMarks;
  readonly parent: Position;
  readonly shippedPoint: number;
  readonly sending: JournalState["sending"];
}

export interface TargetPosition {
  readonly history: string;
  readonly marks: TableMarks;
  readonly copied: TableMarks;
  readonly shippedPoint: number;
  readonly sending: Pick<NonNullable<JournalState["sending"]>, "point" | "attempt"> | undefined;
  readonly applied: AppliedState | undefined;
  readonly newestChunk: number;
}

export type SessionDecision =
  /** The target follows this history: go on after `point`. `isSendingApplied`: the unanswered point did arrive. */
  | { readonly kind: "continue"; readonly point: number; readonly isSendingApplied: boolean }
  /** As continue, once these tables have been copied again. */
  | {
      readonly kind: "copy-tables";
      readonly point: number;
      readonly isSendingApplied: boolean;
      readonly tables: readonly string[];
    }
  | { readonly kind: "resume-copy"; readonly point: number }
  /** The target is the database this source was promoted from: exchange its unshipped keys, then go on from 0. */
  | { readonly kind: "adopt"; readonly tables: readonly string[] }
  | { readonly kind: "reinitialise"; readonly because: string };

/** Decides how a source goes on with a target. Two positions that do not fit mean that one side was restored. */
export function decideSession(source: SourcePosition, target: TargetPosition): SessionDecision {
  if (source.isCopyRequested) return { kind: "reinitialise", because: "it was asked for" };
  if (target.applied?.history === source.history) return decideSameHistory(source, target, target.applied);
  if (source.parent.history !== "" && target.history === source.parent.history) return decideAdoption(source, target);
  const because = target.applied ? `it follows the history ${target.applied.history}` : "it follows no history yet";
  return { kind: "reinitialise", because: `the target's database is not a copy of this one: ${because}` };
}

function decideSameHistory(source: SourcePosition, target: TargetPosition, applied: AppliedState): SessionDecision {
  const { point, attempt } = applied;
  const isSendingApplied = point === source.sending?.point && attempt === source.sending.attempt;
  if (point !== source.shippedPoint && !isSendingApplied) {
    const because = `the target is at point ${String(point)}, the source knows of ${String(source.shippedPoint)}`;
    return { kind: "reinitialise", because: `${because}: one of the databases was restored from a backup` };
  }
  // Points tell nothing of a copy, during which none is sent: rows of it may be of a time that the source has forgotten.
  if (target.newestChunk > source.chunksRead) {
    const because = `the target holds chunk ${String(target.newestChunk)} of a copy, the source has read ${String(source.chunksRead)}`;
    return { kind: "reinitialise", because: `${because}: it was restored from a backup` };
  }
  if (applied.stage === "copying") return { kind: "resume-copy", point };
  const tables = differentMarks(source.marks, target.copied);
  return tables.length > 0
    ? { kind: "copy-tables", point, isSendingApplied, tables }
    : { kind: "continue", point, isSendingApplied };
}

function decideAdoption(source: SourcePosition, target: TargetPosition): SessionDecision {
  const { parent } = source;
  const isAnswerLost = parent.point === target.sending?.point && parent.attempt === target.sending.attempt;
  // Tables whose journal there was interrupted after they were copied here are not in it: they are copied afterwards.
  const uncertain = new Set(differentMarks(target.marks, source.copied));
  const tables = Object.keys(target.marks).filter((label) => !uncertain.has(label));
  if (parent.point === target.shippedPoint || isAnswerLost) return { kind: "adopt", tables };
  const because = `this database was promoted at point ${String(parent.point)} of the target's history, which shipped ${String(target.shippedPoint)}`;
  return { kind: "reinitialise", because: `${because}: one of the databases was restored from a backup` };
}

/** Tables of `own` of which `other` has not the same mark. */
function differentMarks(own: TableMarks, other: TableMarks): readonly string[] {
  return Object.keys(own).filter((label) => own[label] !== other[label]);
}

export interface PointHeader {
  readonly epoch: number;
  readonly history: string;
  readonly point: number;
  readonly attempt: string;
}

export type ApplyDecision =
  | { readonly kind: "apply" }
  | { readonly kind: "already-applied" }
  | { readonly kind: "refuse"; readonly code: "EPOCH_TOO_OLD" | "OPERATION_REFUSED"; readonly because: string };

/** Decides in the applying transaction what a delivered point is worth. The same number twice is not the same point. */
export function decideApply(state: JournalState, header: PointHeader): ApplyDecision {
  const allowed = decideWrite(state, header.epoch);
  if (allowed.kind === "refuse") return allowed;
  const applied = state.applied;
  if (applied?.history !== header.history) {
    return refuse(`the target follows ${applied?.history ?? "no history"}, not ${header.history}`);
  }
  if (applied.stage === "copying") return refuse("the initial copy has not ended");
  if (applied.point === header.point && applied.attempt === header.attempt) return { kind: "already-applied" };
  if (applied.point + 1 !== header.point) {
    return refuse(`the target is at point ${String(applied.point)}, so ${String(header.point)} cannot follow`);
  }
  return { kind: "apply" };
}

/** Whether anything of this epoch may be written into a target at all. */
export function decideWrite(state: JournalState, epoch: number): Exclude<ApplyDecision, { kind: "already-applied" }> {
  if (epoch < state.epoch) {
    const because = `the batch is of epoch ${String(epoch)}, the target has accepted ${String(state.epoch)}`;
    return { kind: "refuse", code: "EPOCH_TOO_OLD", because };
  }
  return state.mode === "standby" ? { kind: "apply" } : refuse("this database is not a target");
}

/** Whether all rows may be replaced: only where the application cannot write, so that nothing of it is lost unseen. */
export function decideReplace(state: JournalState): Exclude<ApplyDecision, { kind: "already-applied" }> {
  return state.mode === "open" ? refuse("the application may write to this database") : { kind: "apply" };
}

function refuse(because: string): Extract<ApplyDecision, { kind: "refuse" }> {
  return { kind: "refuse", code: "OPERATION_REFUSED", because };
}

export type PromotionDecision =
  | { readonly kind: "promote" }
  | { readonly kind: "already-promoted" }
  | {
      readonly kind: "refuse";
      readonly code: "EPOCH_TOO_OLD" | "REINITIALISATION_REQUIRED";
      readonly because: string;
    };

/** Decides whether a target may become ordinary data. Half a copy never may; an old but whole one may (by a person). */
export function decidePromotion(state: JournalState, epoch: number): PromotionDecision {
  if (epoch < state.epoch) {
    const because = `promotion at epoch ${String(epoch)} came after epoch ${String(state.epoch)}`;
    return { kind: "refuse", code: "EPOCH_TOO_OLD", because };
  }
  if (state.mode !== "standby" && state.promotedEpoch > 0) return { kind: "already-promoted" };
  const stage = state.applied?.stage;
  if (stage === "copying" || stage === "catching-up") {
    return { kind: "refuse", code: "REINITIALISATION_REQUIRED", because: "its reinitialisation has not ended" };
  }
  if (stage === undefined && !state.hasBeenSource) {
    return { kind: "refuse", code: "REINITIALISATION_REQUIRED", because: "it has never been filled" };
  }
  return { kind: "promote" };
}

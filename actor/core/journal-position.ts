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
}

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
  readonly parent: Position;
  readonly shippedPoint: number;
  readonly sending: JournalState["sending"];
}

export interface TargetPosition {
  readonly history: string;
  readonly shippedPoint: number;
  readonly sending: Pick<NonNullable<JournalState["sending"]>, "point" | "attempt"> | undefined;
  readonly applied: AppliedState | undefined;
}

export type SessionDecision =
  /** The target follows this history: go on after `point`. `isSendingApplied`: the unanswered point did arrive. */
  | { readonly kind: "continue"; readonly point: number; readonly isSendingApplied: boolean }
  | { readonly kind: "resume-copy" }
  /** The target is the database this source was promoted from: exchange its unshipped keys, then go on from 0. */
  | { readonly kind: "adopt" }
  | { readonly kind: "reinitialise"; readonly because: string };

/** Decides how a source goes on with a target. Two positions that do not fit mean that one side was restored. */
export function decideSession(source: SourcePosition, target: TargetPosition): SessionDecision {
  if (target.applied?.history === source.history) return decideSameHistory(source, target.applied);
  if (source.parent.history !== "" && target.history === source.parent.history) {
    return decideAdoption(source.parent, target);
  }
  const because = target.applied ? `it follows the history ${target.applied.history}` : "it follows no history yet";
  return { kind: "reinitialise", because: `the target's database is not a copy of this one: ${because}` };
}

function decideSameHistory(source: SourcePosition, applied: AppliedState): SessionDecision {
  if (applied.stage === "copying") return { kind: "resume-copy" };
  if (applied.point === source.shippedPoint) {
    return { kind: "continue", point: applied.point, isSendingApplied: false };
  }
  if (applied.point === source.sending?.point && applied.attempt === source.sending.attempt) {
    return { kind: "continue", point: applied.point, isSendingApplied: true };
  }
  const because = `the target is at point ${String(applied.point)}, the source knows of ${String(source.shippedPoint)}`;
  return { kind: "reinitialise", because: `${because}: one of the databases was restored from a backup` };
}

function decideAdoption(parent: Position, target: TargetPosition): SessionDecision {
  const isAnswerLost = parent.point === target.sending?.point && parent.attempt === target.sending.attempt;
  if (parent.point === target.shippedPoint || isAnswerLost) return { kind: "adopt" };
  const because = `this database was promoted at point ${String(parent.point)} of the target's history, which shipped ${String(target.shippedPoint)}`;
  return { kind: "reinitialise", because: `${because}: one of the databases was restored from a backup` };
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

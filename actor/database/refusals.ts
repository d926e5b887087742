import { AppError } from "../../shared/core/app-error.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import {
  decidePromotion,
  decideWrite,
  type ApplyDecision,
  type JournalState,
  type PointHeader,
} from "../core/journal-position.js";
import type { PointRequest } from "./engine.js";

type Named = { readonly settings: DatabaseSettings };

/** Turns a refusal into what the peer is told. */
export function refuseUnless({ settings }: Named, decision: ApplyDecision): void {
  if (decision.kind !== "refuse") return;
  throw new AppError(decision.code, `database ${settings.name}: ${decision.because}`);
}

/** Throws where it may not be promoted. */
export function isPromoted({ settings }: Named, state: JournalState, epoch: number): boolean {
  const decision = decidePromotion(state, epoch);
  if (decision.kind === "refuse") {
    throw new AppError(decision.code, `database ${settings.name} cannot be promoted: ${decision.because}`);
  }
  return decision.kind === "already-promoted";
}

/** Throws where the database is at another point of another history than the process that reads it: it was restored meanwhile. */
export function requireFollowing(
  { settings }: Named,
  follows: PointRequest["follows"],
  history: string,
  shippedPoint: number,
): void {
  if (!follows || (follows.history === history && follows.shippedPoint === shippedPoint)) return;
  const found = `point ${String(shippedPoint)} of ${history}, expected was ${String(follows.shippedPoint)} of ${follows.history}`;
  const because = "it was restored from a backup meanwhile, or its server has fallen";
  throw new AppError("DATABASE_BUSY", `database ${settings.name}: it is at ${found}: ${because}`);
}

/** Throws unless a copy of this history is under way here. */
export function requireCopying(
  named: Named,
  state: JournalState,
  { epoch, history }: Pick<PointHeader, "epoch" | "history">,
): void {
  refuseUnless(named, decideWrite(state, epoch));
  if (state.applied?.history !== history || state.applied.stage !== "copying") throw notCopying(named, history);
}

export function notCopying({ settings }: Named, history: string): Error {
  return new AppError("OPERATION_REFUSED", `database ${settings.name}: no copy of ${history} runs here`);
}

export function notTarget({ settings }: Named): Error {
  return new AppError("OPERATION_REFUSED", `database ${settings.name} is not a target`);
}

/** Of a target that was a source, and of whose rows not all were journalled. */
export function notAllKnown({ settings }: Named, because: string): Error {
  const what = `what was written there alone would be lost and cannot be named, for not all of it was journalled: ${because}`;
  return new AppError("REINITIALISATION_REQUIRED", `database ${settings.name} is not copied over: ${what}`, {
    hint: "Look at that server's database and save what only it has; then run `sparesync divergence acknowledge`, and again.",
  });
}

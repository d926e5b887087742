import type { Settings } from "../../shared/core/settings/settings.js";
import type { OperationKind } from "../../shared/core/status.js";
import type { ActorContext } from "../actor-context.js";
import type { OperationDocument } from "../core/kept-facts.js";
import type { StepName } from "../core/switchover-plan.js";

/** What a step works with: the actor's context and the operation as it was when the step began. */
export interface StepContext {
  readonly context: ActorContext;
  readonly operation: OperationDocument;
  readonly signal: AbortSignal;
  /** Progress of long work, shown and logged; 0 to 1. */
  reportProgress(ratio: number): void;
}

/** `note`: something to tell people about the step that is done. */
export type Verdict =
  { readonly holds: true; readonly note?: string } | { readonly holds: false; readonly because: string };

export type Undo =
  | { readonly kind: "run"; readonly run: (step: StepContext) => Promise<void> }
  | { readonly kind: "nothing-to-undo" }
  /** From here on there is no way back by undoing; the reason is shown. */
  | { readonly kind: "point-of-no-return"; readonly because: string };

/**
 * One step of an operation. `do` may be called again after a crash at any point and then does only what is missing;
 * `verify` looks at what is true, not at the log; the runner retries, nobody else. A step that throws AppError
 * OWNERSHIP_LOST ends the operation at once: trying again cannot help.
 */
export interface Step {
  readonly name: StepName;
  readonly title: string;
  /** How long one attempt may take. */
  readonly limitSeconds: (settings: Settings, kind: OperationKind) => number;
  /** How long attempts go on before the operation is undone or asks a person; Infinity: as long as it takes. */
  readonly patienceSeconds: number;
  readonly do: (step: StepContext) => Promise<void>;
  readonly verify: (step: StepContext) => Promise<Verdict>;
  readonly undo: Undo;
}

export function defineStep(step: Step): Step {
  return step;
}

export const holds: Verdict = { holds: true };

import type { PlanStepView } from "../../shared/core/operation-plan.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { SwitchoverPlan, StepName } from "../core/switchover-plan.js";
import { steps } from "./steps/index.js";

export interface SkippedSteps {
  readonly steps: readonly StepName[];
  readonly because: string;
}

/** The steps of a plan with what their files say of them. */
export function describePlan(
  plan: SwitchoverPlan,
  settings: Settings,
  skipped: SkippedSteps = { steps: [], because: "" },
): readonly PlanStepView[] {
  return plan.steps.map(({ name, runsOn }) => {
    const { title, limitSeconds, patienceSeconds, undo } = steps[name];
    return {
      name,
      title,
      runsOn,
      limitSeconds: limitSeconds(settings, plan.kind),
      ...(Number.isFinite(patienceSeconds) ? { patienceSeconds } : {}),
      undo: undo.kind,
      skippedBecause: skipped.steps.includes(name) ? skipped.because : "",
    };
  });
}

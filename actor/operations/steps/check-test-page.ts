import { AppError } from "../../../shared/core/app-error.js";
import { defineStep, holds, type StepContext, type Verdict } from "../step.js";

/** The test page must answer before the name moves here: the name never points to a dead application. */
export const checkTestPage = defineStep({
  name: "check-test-page",
  title: "Check the test page on this server",
  limitSeconds: (settings) => settings.managedSystem.testPage.limitSeconds * 2,
  patienceSeconds: 120,
  do: async (step) => {
    const verdict = await probe(step);
    if (!verdict.holds) throw new AppError("STEP_FAILED", verdict.because);
  },
  verify: probe,
  undo: { kind: "point-of-no-return", because: "this server owns the name" },
});

async function probe({ context, signal }: StepContext): Promise<Verdict> {
  const result = await context.ports.managedSystem.probeLocal(signal);
  return result.available ? holds : { holds: false, because: `test page: ${result.because}` };
}

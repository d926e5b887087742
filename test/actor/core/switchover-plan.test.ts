import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { operationKinds } from "../../../shared/core/status.js";
import { formatPlan } from "../../../actor/core/plan-text.js";
import { describePlan } from "../../../actor/operations/describe-plan.js";
import { exampleSettings } from "../../support/settings-example.js";
import { planSwitchover, stepNames, targetOf } from "../../../actor/core/switchover-plan.js";
import { steps, stepTitles } from "../../../actor/operations/steps/index.js";

/** Golden texts, so that a change of a plan is seen as what people are shown; UPDATE_PLANS=1 writes them anew. */
test.each(operationKinds)("the plan of %s is shown as it was agreed on", (kind) => {
  const plan = planSwitchover(kind, targetOf(kind));
  const text = `${formatPlan(plan, describePlan(plan, exampleSettings()))}\n`;
  const file = `test/fixtures/plans/${kind}.txt`;
  if (process.env["UPDATE_PLANS"] === "1") writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, "utf8"));
});

test("what a step has nothing to do for is shown with the reason", () => {
  const plan = planSwitchover("switch-to-primary", "primary");
  const steps = describePlan(plan, exampleSettings(), { steps: ["drain"], because: "nothing was written" });
  expect(formatPlan(plan, steps)).toContain("are applied (skipped: nothing was written)\n");
});

test("every step has a file, a title and a plan that uses it", () => {
  const used = new Set(operationKinds.flatMap((kind) => planSwitchover(kind, "primary").steps.map(({ name }) => name)));
  expect([...used].sort()).toEqual([...stepNames].sort());
  expect(Object.entries(steps).map(([name, step]) => [name, step.name])).toEqual(stepNames.map((name) => [name, name]));
  expect(Object.values(stepTitles).filter((title) => title === "")).toEqual([]);
});

test("what is done before the hand-over can be undone, and from the claim on there is no way back", () => {
  const printed = stepNames.map((name) => `${name}: ${steps[name].undo.kind}`).join("\n");
  expect(printed).toBe(`check-readiness: nothing-to-undo
run-before-hooks: run
check-target-stopped: nothing-to-undo
back-up-target-database: nothing-to-undo
synchronise-ahead: nothing-to-undo
stop-managed-system: run
close-source-database: run
drain: nothing-to-undo
hand-over: nothing-to-undo
stop-confirming: nothing-to-undo
claim-ownership: point-of-no-return
await-peer-stopped: point-of-no-return
raise-data-epoch: point-of-no-return
promote-target: point-of-no-return
start-managed-system: point-of-no-return
check-test-page: point-of-no-return
publish-addresses: point-of-no-return
verify-addresses: point-of-no-return
run-after-hooks: point-of-no-return`);
});

import { expect, test } from "@jest/globals";
import { operationKinds } from "../../../shared/core/status.js";
import { planSwitchover, stepNames } from "../../../actor/core/switchover-plan.js";
import { steps, stepTitles } from "../../../actor/operations/steps/index.js";

function print(kind: (typeof operationKinds)[number]): string {
  const plan = planSwitchover(kind, kind === "switch-to-primary" ? "primary" : "secondary");
  const lines = plan.steps.map((step) => `${step.runsOn}: ${step.name}`);
  return [`${plan.kind} from ${plan.from} to ${plan.to}`, ...lines].join("\n");
}

const takeoverBy = (server: string): string =>
  [
    "stop-confirming",
    "claim-ownership",
    "await-peer-stopped",
    "raise-data-epoch",
    "promote-target",
    "start-managed-system",
    "check-test-page",
    "publish-addresses",
    "verify-addresses",
  ]
    .map((name) => `${server}: ${name}`)
    .join("\n");

test("a switchover to the secondary is prepared by the primary and ended by the secondary", () => {
  expect(print("switch-to-secondary")).toBe(`switch-to-secondary from primary to secondary
primary: check-readiness
primary: check-target-stopped
primary: synchronise-ahead
primary: stop-managed-system
primary: close-source-database
primary: drain
primary: hand-over
${takeoverBy("secondary")}`);
});

test("a switchover to the primary backs up its database before anything is written there", () => {
  expect(print("switch-to-primary")).toBe(`switch-to-primary from secondary to primary
secondary: check-readiness
secondary: check-target-stopped
secondary: back-up-target-database
secondary: synchronise-ahead
secondary: stop-managed-system
secondary: close-source-database
secondary: drain
secondary: hand-over
${takeoverBy("primary")}`);
});

test("a failover is done by the secondary alone", () => {
  expect(print("failover")).toBe(`failover from primary to secondary\n${takeoverBy("secondary")}`);
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
verify-addresses: point-of-no-return`);
});

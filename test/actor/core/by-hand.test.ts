import { describe, expect, test } from "@jest/globals";
import { reportOperation, stepsByHand } from "../../../actor/core/by-hand.js";
import { stepNames, type StepName } from "../../../actor/core/switchover-plan.js";
import { steps } from "../../../actor/operations/steps/index.js";
import type { OperationView, StepView } from "../../../shared/core/status.js";
import { anOperationDocument } from "../../support/kept-documents.js";

type Done = Partial<Record<StepName, StepView["state"]>>;

function operation(kind: OperationView["kind"], state: OperationView["state"], done: Done): OperationView {
  const document = anOperationDocument(kind, { state });
  const views = document.steps.map((step) => ({ ...step, state: done[step.name as StepName] ?? step.state }));
  return { ...document, steps: views };
}

test("what the program undoes by itself can also be undone by hand", () => {
  const undone = stepNames.filter((name) => steps[name].undo.kind === "run");
  expect(undone.filter((name) => stepsByHand[name].undo === "")).toEqual([]);
});

test("what may be left when a takeover gets stuck can be finished by hand", () => {
  const left = stepNames.filter((name) => steps[name].undo.kind === "point-of-no-return");
  expect(left.filter((name) => stepsByHand[name].finish === "")).toEqual([]);
});

describe("the report of an operation", () => {
  test("says of a stuck takeover what was done, what was not and how a person finishes it", () => {
    const done = {
      "run-before-hooks": "done",
      "stop-confirming": "done",
      "claim-ownership": "done",
      "await-peer-stopped": "done",
    } as const;
    const report = reportOperation(
      operation("failover", "asks-a-person", { ...done, "raise-data-epoch": "done", "promote-target": "failed" }),
    );
    expect(report.done.at(-1)).toBe("secondary: Refuse data of the former epoch");
    expect(report.notDone[0]).toBe("secondary: Promote the copies of files and databases (failed)");
    expect(report.byHand[0]).toBe(
      "look at the reason, mend the folder or database on the secondary, then: sparesync operations retry op1; or give the name back: sparesync switch --to primary",
    );
    expect(report.byHand).toHaveLength(6);
  });

  test("lists what could not be undone, the last first", () => {
    const done = { "stop-managed-system": "done", "close-source-database": "failed" } as const;
    const { byHand } = reportOperation(operation("switch-to-secondary", "undone", done));
    expect(byHand.map((text) => text.slice(0, 30))).toEqual([
      "let the application write to t",
      "start the application on the p",
    ]);
  });

  test("leaves nothing to do by hand when all was undone or done", () => {
    const undone = { "check-readiness": "done", "stop-managed-system": "undone" } as const;
    expect(reportOperation(operation("switch-to-secondary", "undone", undone)).byHand).toEqual([]);
    expect(reportOperation(operation("failover", "done", { "claim-ownership": "done" })).byHand).toEqual([]);
  });
});

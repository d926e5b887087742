import { expect, test } from "@jest/globals";
import { CoverageOfRun, everything, summarise } from "./coverage.js";

test("what a run has exercised is counted against all that can be, and what no run has is named", () => {
  const run = new CoverageOfRun();
  run.noteEvent("step-done", { step: "drain" });
  run.noteEvent("operation-undoing", { step: "drain" });
  run.noteEvent("peer-state-changed", { from: "working", to: "inactive" });
  run.noteKill([
    { name: "drain", state: "done" },
    { name: "hand-over", state: "running" },
    { name: "stop-confirming", state: "waiting" },
  ]);
  run.noteCriteria([{ name: "no-operation", met: false }]);
  expect([...run.steps]).toEqual(["drain done", "drain fails", "drain killed after", "hand-over killed before"]);
  expect([...run.transitions]).toEqual(["working → inactive"]);
  const other = new CoverageOfRun();
  other.noteEvent("step-done", { step: "claim-ownership" });
  const { reached, missing } = summarise([run, other]);
  expect(reached).toMatchObject({
    steps: `5/${everything.steps.size}`,
    transitions: `1/${everything.transitions.size}`,
  });
  expect(missing).toContain("claim-ownership killed before");
  expect(missing).not.toContain("drain done");
});

import { describe, expect, test } from "@jest/globals";
import { add, closingLine, exitCode, nothing, outcomeOfJest } from "./outcome.js";

const report = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};

describe("the outcome of a test run", () => {
  test.each([
    { when: "all passed", change: {}, line: "5 passed, 0 failed", code: 0 },
    { when: "one failed", change: { numFailedTests: 1 }, line: "5 passed, 1 failed", code: 1 },
    { when: "a file cannot be loaded", change: { numRuntimeErrorTestSuites: 1 }, line: "5 passed, 1 failed", code: 1 },
    {
      when: "some skipped",
      change: { numPendingTests: 2, numTodoTests: 1 },
      line: "5 passed, 0 failed, 3 skipped",
      code: 0,
    },
    { when: "nothing ran", change: { numPassedTests: 0 }, line: "0 passed, 0 failed", code: 1 },
  ])("closes as expected when $when", ({ change, line, code }) => {
    const outcome = outcomeOfJest({ ...report, ...change });
    expect(closingLine(outcome)).toBe(line);
    expect(exitCode(outcome)).toBe(code);
  });

  test("adds up over the parts", () => {
    const sum = add(add(nothing, { passed: 1, failed: 2, skipped: 3 }), { passed: 10, failed: 20, skipped: 30 });
    expect(sum).toEqual({ passed: 11, failed: 22, skipped: 33 });
  });
});

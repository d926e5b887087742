/** What one part of the run came to. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The numbers of jest's --json report that count. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not be loaded: none of their tests is in the other numbers. */
  readonly numRuntimeErrorTestSuites: number;
}

export const nothing: Outcome = { passed: 0, failed: 0, skipped: 0 };

export function outcomeOfJest(report: JestReport): Outcome {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

export function add(a: Outcome, b: Outcome): Outcome {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** The last line of the run; machines read it, so its form is fixed. */
export function closingLine(outcome: Outcome): string {
  const line = `${String(outcome.passed)} passed, ${String(outcome.failed)} failed`;
  return outcome.skipped === 0 ? line : `${line}, ${String(outcome.skipped)} skipped`;
}

/** A run in which no test ran proves nothing and is a failure too. */
export function exitCode(outcome: Outcome): 0 | 1 {
  return outcome.failed > 0 || outcome.passed === 0 ? 1 : 0;
}

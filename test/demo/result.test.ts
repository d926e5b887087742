import { describe, expect, test } from "@jest/globals";
import { type DemonstrationResult, shortcomings } from "../../demo/result.js";

const good: DemonstrationResult = {
  switched: true,
  failedBack: true,
  unavailableSeconds: 13.4,
  detectSeconds: 4.2,
  switchSeconds: 9.1,
  failbackUnavailableSeconds: 2.5,
  rowsAcknowledged: 500,
  filesAcknowledged: 120,
  rowsLostInFailover: 3,
  filesLostInFailover: 1,
  recoveryPointSeconds: 0.4,
  lostBeyondRecoveryPoint: 0,
  lostAndNotReported: 0,
  rowsLostInFailback: 0,
  filesLostInFailback: 0,
  filesDifferent: 0,
  rowsDifferent: 0,
  dualActiveSeconds: 0,
  returnedPrimaryPassive: true,
  askedBy: "watch",
  seconds: 71,
};

describe("the result of the demonstration", () => {
  test("is good although something was lost within the recovery point", () => {
    expect(shortcomings(good)).toEqual([]);
  });

  test.each([
    { when: "the secondary did not take over", change: { switched: false } },
    { when: "the primary did not get it back", change: { failedBack: false } },
    { when: "the returned primary served unasked", change: { returnedPrimaryPassive: false } },
    { when: "both served for a moment", change: { dualActiveSeconds: 0.01 } },
    { when: "a row was lost in the failback", change: { rowsLostInFailback: 1 } },
    { when: "a file was lost in the failback", change: { filesLostInFailback: 1 } },
    { when: "a row differs", change: { rowsDifferent: 1 } },
    { when: "a file differs", change: { filesDifferent: 1 } },
    { when: "more was lost than was shown", change: { lostBeyondRecoveryPoint: 1 } },
    { when: "something was lost that no report names", change: { lostAndNotReported: 1 } },
    { when: "no row was acknowledged", change: { rowsAcknowledged: 0 } },
    { when: "no file was acknowledged", change: { filesAcknowledged: 0 } },
  ])("is not good when $when", ({ change }) => {
    expect(shortcomings({ ...good, ...change })).toHaveLength(1);
  });
});

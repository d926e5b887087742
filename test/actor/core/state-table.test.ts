import { describe, expect, test } from "@jest/globals";
import { computePeerState, computeState, stateTable, type StateFacts } from "../../../actor/core/state-table.js";
import { ownStateNames } from "../../../shared/core/states.js";

const working: StateFacts = {
  isEnabled: true,
  active: "primary",
  runningOperation: undefined,
  configurationErrors: [],
  warnings: [],
};
const all: StateFacts = {
  isEnabled: false,
  active: "secondary",
  runningOperation: { kind: "failover", to: "secondary" },
  configurationErrors: [{ reason: "clocks-apart" }],
  warnings: ["a warning"],
};

test("every state a server can have of itself has exactly one row", () => {
  expect(stateTable.map(({ state }) => state).sort()).toEqual([...ownStateNames].sort());
});

test.each<[string, StateFacts, string]>([
  ["switching_to_secondary", all, "operation failover runs"],
  ["switching_to_primary", { ...all, runningOperation: { kind: "switch-to-primary", to: "primary" } }, "operation"],
  ["turned_off", { ...all, runningOperation: undefined }, "turned off by an operator"],
  ["configuration_error", { ...all, runningOperation: undefined, isEnabled: true }, "clocks-apart"],
  ["switched", { ...working, active: "secondary", warnings: ["a warning"] }, "the secondary is active"],
  ["working_with_errors", { ...working, warnings: ["one", "two"] }, "one; two"],
  ["working_with_errors", { ...working, active: undefined }, "no ownership record"],
  ["working", working, ""],
])("%s goes before all that stand below it in the table", (state, facts, because) => {
  expect(computeState(facts)).toEqual({ state, because: expect.stringContaining(because) });
});

describe("the peer as seen from here", () => {
  const heard = {
    heardAgeSeconds: 1,
    inactiveAfterSeconds: 15,
    hasAnnouncedStop: false,
    reportedState: "working" as const,
  };
  test.each([
    ["working", heard],
    ["inactive", { ...heard, heardAgeSeconds: 15.1 }],
    ["unknown", { ...heard, heardAgeSeconds: Infinity, reportedState: undefined }],
    ["stopped", { ...heard, heardAgeSeconds: Infinity, hasAnnouncedStop: true }],
  ])("%s", (state, facts) => {
    expect(computePeerState(facts)).toBe(state);
  });
});

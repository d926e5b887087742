import { describe, expect, test } from "@jest/globals";
import {
  computePeerState,
  computeState,
  peerStateTable,
  stateTable,
  type StateFacts,
} from "../../../actor/core/state-table.js";
import { stateNames } from "../../../shared/core/states.js";

const well: StateFacts = {
  isEnabled: true,
  active: "primary",
  runningOperation: undefined,
  configurationErrors: [],
  warnings: [],
};
const clocks = { configurationErrors: [{ reason: "clocks" }] };
const warned = { warnings: ["a folder has errors"] };
const home = { runningOperation: { kind: "switch-to-primary", to: "primary" } } as const;

describe("the state of a server", () => {
  test.each<{ change: Partial<StateFacts>; state: string; because: string }>([
    { change: {}, state: "working", because: "" },
    { change: warned, state: "working_with_errors", because: "a folder has errors" },
    { change: { active: undefined }, state: "working_with_errors", because: "no ownership record is known yet" },
    {
      change: { ...warned, active: "secondary" },
      state: "switched",
      because: "the secondary is active until somebody switches back",
    },
    { change: { ...clocks, active: "secondary" }, state: "configuration_error", because: "clocks" },
    { change: { ...clocks, isEnabled: false }, state: "turned_off", because: "turned off by an operator" },
    {
      change: { ...home, isEnabled: false, active: "secondary" },
      state: "switching_to_primary",
      because: "operation switch-to-primary runs",
    },
    {
      change: { runningOperation: { kind: "failover", to: "secondary" } },
      state: "switching_to_secondary",
      because: "operation failover runs",
    },
  ])("is $state when the first row that holds says so: $because", ({ change, state, because }) => {
    expect(computeState({ ...well, ...change })).toEqual({ state, because });
  });
});

describe("the state of the peer", () => {
  const heard = {
    heardAgeSeconds: 1,
    inactiveAfterSeconds: 6,
    hasAnnouncedStop: false,
    reportedState: "working",
  } as const;
  test.each([
    { change: {}, state: "working" },
    { change: { heardAgeSeconds: 6 }, state: "working" },
    { change: { heardAgeSeconds: 6.1 }, state: "inactive" },
    { change: { heardAgeSeconds: Infinity, reportedState: undefined }, state: "unknown" },
    { change: { heardAgeSeconds: 1000, hasAnnouncedStop: true }, state: "stopped" },
  ])("is $state", ({ change, state }) => {
    expect(computePeerState({ ...heard, ...change })).toBe(state);
  });
});

test("each state of the catalogue stands in one of the tables, once", () => {
  const named = [...stateTable, ...peerStateTable].map(({ state }) => state);
  expect([...named].sort()).toEqual([...stateNames].sort());
});

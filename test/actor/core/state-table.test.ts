import { describe, expect, test } from "@jest/globals";
import {
  computePeerState,
  computeState,
  stateTable,
  type PeerFacts,
  type StateFacts,
} from "../../../actor/core/state-table.js";

const base: StateFacts = {
  isEnabled: true,
  enabledBecause: "olga: patches",
  active: "primary",
  runningOperation: undefined,
  configurationErrors: [],
  warnings: [],
};
const failover = { kind: "failover", to: "secondary" } as const;
const switchBack = { kind: "switch-to-primary", to: "primary" } as const;
const error = { reason: "clocks-apart" };

/** From what speaks for the last row to what speaks for the first; each line adds one fact to those before it. */
const lines: readonly (readonly [string, Partial<StateFacts>])[] = [
  ["nothing is wrong", {}],
  ["no record is known", { active: undefined }],
  ["a warning", { warnings: ["folder uploads: slow", "the managed system does not serve"] }],
  ["the secondary is active", { active: "secondary" }],
  ["configuration errors", { configurationErrors: [error, { reason: "same-roles" }] }],
  ["turned off", { isEnabled: false }],
  ["an operation to the primary", { runningOperation: switchBack }],
  ["an operation to the secondary", { runningOperation: failover }],
];

test("the whole state table reads so: alone, and with everything above it in the list", () => {
  let all = base;
  const printed = lines.map(([when, change]) => {
    const alone = computeState({ ...base, ...change });
    all = { ...all, ...change };
    const together = computeState(all);
    return `${when} | ${alone.state}: ${alone.because} | ${together.state}: ${together.because}`;
  });
  expect(printed.join("\n")).toBe(
    `
nothing is wrong | working:  | working: 
no record is known | working_with_errors: no ownership record is known yet: it is read from the update server, or created once by: sparesync first-record | working_with_errors: no ownership record is known yet: it is read from the update server, or created once by: sparesync first-record
a warning | working_with_errors: folder uploads: slow; the managed system does not serve | working_with_errors: no ownership record is known yet: it is read from the update server, or created once by: sparesync first-record
the secondary is active | switched: the secondary is active until somebody switches back | switched: the secondary is active until somebody switches back
configuration errors | configuration_error: clocks-apart, same-roles | configuration_error: clocks-apart, same-roles
turned off | turned_off: turned off by olga: patches | turned_off: turned off by olga: patches
an operation to the primary | switching_to_primary: operation switch-to-primary runs | switching_to_primary: operation switch-to-primary runs
an operation to the secondary | switching_to_secondary: operation failover runs | switching_to_secondary: operation failover runs
`.slice(1, -1),
  );
});

test("the rows are tried in this order", () => {
  expect(stateTable.map((row) => row.state)).toEqual([
    "switching_to_secondary",
    "switching_to_primary",
    "turned_off",
    "configuration_error",
    "switched",
    "working_with_errors",
    "working",
  ]);
});

describe("the peer's state as seen from here", () => {
  const heard: PeerFacts = {
    heardAgeSeconds: 1,
    inactiveAfterSeconds: 15,
    hasAnnouncedStop: false,
    reportedState: "working",
  };
  test.each([
    { when: "it was just heard", change: {}, state: "working" },
    { when: "it is heard with another state", change: { reportedState: "turned_off" as const }, state: "turned_off" },
    { when: "it was heard just below the limit", change: { heardAgeSeconds: 14.9 }, state: "working" },
    { when: "it was heard at the limit", change: { heardAgeSeconds: 15 }, state: "working" },
    { when: "it was last heard above the limit", change: { heardAgeSeconds: 15.1 }, state: "inactive" },
    { when: "it was never heard", change: { heardAgeSeconds: Infinity, reportedState: undefined }, state: "unknown" },
    { when: "it announced its stop", change: { hasAnnouncedStop: true }, state: "stopped" },
    {
      when: "it announced its stop long ago",
      change: { hasAnnouncedStop: true, heardAgeSeconds: 9999 },
      state: "stopped",
    },
    {
      when: "its stop is all that is known",
      change: { hasAnnouncedStop: true, heardAgeSeconds: Infinity, reportedState: undefined },
      state: "stopped",
    },
  ])("is $state when $when", ({ change, state }) => {
    expect(computePeerState({ ...heard, ...change })).toBe(state);
  });
});

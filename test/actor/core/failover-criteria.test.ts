import { describe, expect, test } from "@jest/globals";
import {
  decideFailover,
  failoverCriteria,
  type CriterionName,
  type FailoverFacts,
  type FailoverLimits,
} from "../../../actor/core/failover-criteria.js";
import { readyFacts as facts, strictLimits as limits } from "../../support/failover-facts.js";

interface Row {
  readonly criterion: CriterionName;
  readonly when: string;
  readonly facts?: Partial<FailoverFacts>;
  readonly limits?: Partial<FailoverLimits>;
  /** Left out: the criterion is met and the failover begins. */
  readonly unmet?: "stay" | "ask-the-operator";
}

const connected = { isPeerConnected: true, peerSaysDown: true } as const;
const rows: readonly Row[] = [
  { criterion: "is-standby", when: "the secondary stands by" },
  { criterion: "is-standby", when: "the secondary is active", facts: { active: "secondary" }, unmet: "stay" },
  { criterion: "is-standby", when: "nobody is known to be active", facts: { active: undefined }, unmet: "stay" },
  {
    criterion: "is-standby",
    when: "the primary stands by",
    facts: { server: "primary", active: "secondary" },
    unmet: "stay",
  },
  { criterion: "is-standby", when: "the primary is active", facts: { server: "primary" }, unmet: "stay" },
  { criterion: "asked", when: "Alertmanager has asked", facts: { askedBy: ["alertmanager"] } },
  { criterion: "asked", when: "nobody has asked", facts: { askedBy: [] }, unmet: "stay" },
  { criterion: "unavailable-long-enough", when: "it is at the limit" },
  { criterion: "unavailable-long-enough", when: "it is above the limit", facts: { unavailableSeconds: 120.1 } },
  {
    criterion: "unavailable-long-enough",
    when: "it is below the limit",
    facts: { unavailableSeconds: 119.9 },
    unmet: "stay",
  },
  { criterion: "automatic-switching-on", when: "it is off", facts: { isAutomatic: false }, unmet: "stay" },
  {
    criterion: "not-paused",
    when: "there is a pause",
    facts: { pauseSecondsLeft: 0.1, pauseBecause: "olga: patches" },
    unmet: "stay",
  },
  {
    criterion: "not-in-service-interval",
    when: "there is one",
    facts: { serviceInterval: "nightly", serviceIntervalSecondsLeft: 60 },
    unmet: "stay",
  },
  { criterion: "own-state-working", when: "there are warnings", facts: { ownState: "working_with_errors" } },
  ...(
    [
      "turned_off",
      "switched",
      "configuration_error",
      "switching_to_secondary",
      "switching_to_primary",
      "unknown",
    ] as const
  ).map(
    (ownState) =>
      ({ criterion: "own-state-working", when: `it is ${ownState}`, facts: { ownState }, unmet: "stay" }) as const,
  ),
  {
    criterion: "peer-not-stopped-in-order",
    when: "the peer announced a stop",
    facts: { hasPeerAnnouncedStop: true },
    unmet: "stay",
  },
  {
    criterion: "peer-not-stopped-in-order",
    when: "it did, and that counts as a loss",
    facts: { hasPeerAnnouncedStop: true },
    limits: { whenPeerStopped: true },
  },
  { criterion: "peer-not-turned-off", when: "the peer was never seen", facts: { peerLastState: undefined } },
  {
    criterion: "peer-not-turned-off",
    when: "the peer was turned off",
    facts: { peerLastState: "turned_off" },
    unmet: "stay",
  },
  { criterion: "connected-switch-allowed", when: "the connected peer says that it is down", facts: connected },
  {
    criterion: "connected-switch-allowed",
    when: "the connected peer serves",
    facts: { isPeerConnected: true },
    unmet: "stay",
  },
  {
    criterion: "connected-switch-allowed",
    when: "the setting forbids it",
    facts: connected,
    limits: { whenConnected: false },
    unmet: "stay",
  },
  {
    criterion: "connected-switch-allowed",
    when: "the setting forbids it and the peer is lost",
    limits: { whenConnected: false },
  },
  {
    criterion: "external-resources-available",
    when: "its own line is down",
    facts: { areExternalResourcesAvailable: false, externalResourcesAvailableSeconds: 0 },
    unmet: "stay",
  },
  { criterion: "external-resources-available", when: "they are back for just long enough" },
  {
    criterion: "external-resources-available",
    when: "they are back for almost long enough",
    facts: { externalResourcesAvailableSeconds: 59.9 },
    unmet: "stay",
  },
  {
    criterion: "external-resources-available",
    when: "none are required",
    facts: { externalResourcesAvailableSeconds: Infinity },
  },
  { criterion: "probes-failed", when: "as many failed as are needed", facts: { probesFailed: 2 } },
  { criterion: "probes-failed", when: "one fewer failed", facts: { probesFailed: 1 }, unmet: "stay" },
  { criterion: "probes-failed", when: "the last one was answered", facts: { didLastProbeFail: false }, unmet: "stay" },
  {
    criterion: "looked-since-waking",
    when: "the peer was not asked yet",
    facts: { notLookedAt: ["asked the peer"] },
    unmet: "stay",
  },
  { criterion: "clocks-sane", when: "they differ by the limit", facts: { peerClockOffsetSeconds: -30 } },
  {
    criterion: "clocks-sane",
    when: "the peer's was behind by more",
    facts: { peerClockOffsetSeconds: -30.1 },
    unmet: "stay",
  },
  {
    criterion: "clocks-sane",
    when: "its own was just set back",
    facts: { clockStepSeconds: -31, secondsSinceClockStep: 119.9 },
    unmet: "stay",
  },
  {
    criterion: "clocks-sane",
    when: "its own was set some time ago",
    facts: { clockStepSeconds: 31, secondsSinceClockStep: 120 },
  },
  {
    criterion: "clocks-sane",
    when: "its own was set by a little",
    facts: { clockStepSeconds: 30, secondsSinceClockStep: 1 },
  },
  {
    criterion: "update-server-as-expected",
    when: "it does not answer",
    facts: { isUpdateServerReachable: false },
    unmet: "stay",
  },
  {
    criterion: "update-server-as-expected",
    when: "the record is another",
    facts: { isRecordAsExpected: false },
    unmet: "stay",
  },
  { criterion: "not-promised", when: "a promise binds", facts: { hasPromisedNotToClaim: true }, unmet: "stay" },
  { criterion: "no-operation-running", when: "one runs", facts: { isOperationRunning: true }, unmet: "stay" },
  { criterion: "no-flap", when: "the last one is at the limit", facts: { secondsSinceUncheckedFailover: 3600 } },
  {
    criterion: "no-flap",
    when: "the last one is below the limit",
    facts: { secondsSinceUncheckedFailover: 3599.9 },
    unmet: "stay",
  },
  {
    criterion: "second-signal",
    when: "one vantage is not enough",
    limits: { acceptSingleVantage: false },
    unmet: "ask-the-operator",
  },
  {
    criterion: "second-signal",
    when: "the peer itself is the second",
    facts: connected,
    limits: { acceptSingleVantage: false },
  },
  {
    criterion: "second-signal",
    when: "a vantage elsewhere sees it too",
    facts: { vantages: [{ name: "office", site: "elsewhere", says: "down" }] },
    limits: { acceptSingleVantage: false },
  },
  {
    criterion: "second-signal",
    when: "a vantage at the primary sees it too",
    facts: { vantages: [{ name: "office", site: "primary", says: "down" }] },
    limits: { acceptSingleVantage: false },
  },
  {
    criterion: "second-signal",
    when: "only one beside the spare sees it too",
    facts: { vantages: [{ name: "office", site: "secondary", says: "down" }] },
    limits: { acceptSingleVantage: false },
    unmet: "ask-the-operator",
  },
  {
    criterion: "second-signal",
    when: "the vantage does not answer",
    facts: { vantages: [{ name: "office", site: "elsewhere", says: "nothing" }] },
    limits: { acceptSingleVantage: false },
    unmet: "ask-the-operator",
  },
  {
    criterion: "no-vantage-contradicts",
    when: "one vantage sees it down and another up",
    facts: {
      vantages: [
        { name: "office", site: "elsewhere", says: "down" },
        { name: "cloud", site: "elsewhere", says: "up" },
      ],
    },
    unmet: "ask-the-operator",
  },
  {
    criterion: "no-vantage-contradicts",
    when: "one beside the spare says up",
    facts: { vantages: [{ name: "office", site: "secondary", says: "up" }] },
  },
  {
    criterion: "no-vantage-contradicts",
    when: "the peer itself says down",
    facts: { vantages: [{ name: "cloud", site: "elsewhere", says: "up" }], ...connected },
  },
  {
    criterion: "exclusion-certain",
    when: "it is assumed",
    facts: { exclusion: "assumption" },
    unmet: "ask-the-operator",
  },
  {
    criterion: "exclusion-certain",
    when: "the assumption is accepted",
    facts: { exclusion: "assumption" },
    limits: { acceptAssumption: true },
  },
  {
    criterion: "exclusion-certain",
    when: "there is none",
    facts: { exclusion: "none" },
    limits: { acceptAssumption: true },
    unmet: "ask-the-operator",
  },
  {
    criterion: "exclusion-certain",
    when: "there is none and the peer says down",
    facts: { exclusion: "none", ...connected },
  },
  {
    criterion: "exclusion-certain",
    when: "there is none and the peer said down before it was lost",
    facts: { exclusion: "none", peerSaysDown: true },
    unmet: "ask-the-operator",
  },
  { criterion: "witness-allows", when: "nobody holds the lease", facts: { witness: "free" } },
  {
    criterion: "witness-allows",
    when: "the peer holds the lease",
    facts: { witness: "held" },
    unmet: "ask-the-operator",
  },
  {
    criterion: "witness-allows",
    when: "the witness does not answer",
    facts: { witness: "unknown" },
    unmet: "ask-the-operator",
  },
  { criterion: "witness-allows", when: "the peer itself says down", facts: { witness: "held", ...connected } },
  {
    criterion: "data-complete",
    when: "the copy is not whole",
    facts: { isDataComplete: false },
    unmet: "ask-the-operator",
  },
  { criterion: "recovery-point-within-limit", when: "it is at the limit" },
  {
    criterion: "recovery-point-within-limit",
    when: "it is above the limit",
    facts: { recoveryPointSeconds: 60.1 },
    unmet: "ask-the-operator",
  },
  { criterion: "recovery-point-within-limit", when: "it is below the limit", facts: { recoveryPointSeconds: 59.9 } },
];

describe("a failover", () => {
  test("begins when every criterion is met", () => {
    const decision = decideFailover(facts, limits);
    expect(decision).toMatchObject({ decision: "fail-over", because: "all criteria are met" });
    expect(decision.criteria.map(({ name }) => name)).toEqual(failoverCriteria.map(({ name }) => name));
  });

  test.each(rows)("$criterion when $when", ({ criterion, facts: change, limits: limitChange, unmet }) => {
    const decision = decideFailover({ ...facts, ...change }, { ...limits, ...limitChange });
    const row = decision.criteria.find(({ name }) => name === criterion);
    expect(row?.met).toBe(unmet === undefined);
    expect(decision.decision).toBe(unmet ?? "fail-over");
    if (unmet !== undefined) expect(decision.because).toContain(row?.because);
  });

  test("is only left to a person when nothing but what a person may decide is unmet", () => {
    const asking = { ...facts, isDataComplete: false, exclusion: "none" } as const;
    expect(decideFailover(asking, limits).decision).toBe("ask-the-operator");
    expect(decideFailover({ ...asking, hasPromisedNotToClaim: true }, limits).decision).toBe("stay");
  });

  test("names everything that is unmet", () => {
    const decision = decideFailover({ ...facts, askedBy: [], unavailableSeconds: 1.25 }, limits);
    expect(decision.because).toBe(
      "nobody allowed to ask has asked; the managed system is unavailable for 1.3 s, allowed are 120.0 s",
    );
  });
});

test("every criterion has a row that meets it and, but for those of the base case, one that does not", () => {
  const named = new Set(rows.filter((row) => row.unmet).map((row) => row.criterion));
  expect([...named].sort()).toEqual(failoverCriteria.map(({ name }) => name).sort());
});

test.each([
  {
    when: "the peer serves",
    change: { isPeerConnected: true },
    because: "the peer is connected and says that its managed system serves",
  },
  { when: "the peer is gone", change: {}, because: "the peer is not connected" },
  { when: "the peer says down", change: connected, because: "the peer says that its managed system is down" },
])("the reason for a connected switch is told when $when", ({ change, because }) => {
  const { criteria } = decideFailover({ ...facts, ...change }, limits);
  expect(criteria.find(({ name }) => name === "connected-switch-allowed")?.because).toBe(because);
});

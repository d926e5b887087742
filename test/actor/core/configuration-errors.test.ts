import { expect, test } from "@jest/globals";
import {
  configurationErrorReasons,
  findConfigurationErrors,
  type ConfigurationFacts,
} from "../../../actor/core/configuration-errors.js";
import { linkProtocol } from "../../../shared/core/status.js";

const peerStatus = { server: "secondary", protocol: linkProtocol, timeZone: "UTC" } as const;
const fine: ConfigurationFacts = {
  server: "primary",
  peerStatus,
  isPeerStateKnown: true,
  peerRefusal: "",
  clockOffsetSeconds: -30,
  timeZone: "UTC",
  pointsToNeitherSeconds: 30,
  isOperationRunning: false,
  items: [{ kind: "folder", name: "upload", health: "warning", because: "busy" }],
};
const reasonsOf = (facts: Partial<ConfigurationFacts>): string[] =>
  findConfigurationErrors({ ...fine, ...facts }, { maximumOffsetSeconds: 30 }).map(({ reason }) => reason);
const fatal = (kind: "folder" | "database") => [{ kind, name: "shop", health: "fatal" as const, because: "gone" }];

const causes: readonly [string, Partial<ConfigurationFacts>][] = [
  ["same-roles", { peerRefusal: "same-roles", peerStatus: undefined, isPeerStateKnown: false }],
  ["same-roles", { peerStatus: { ...peerStatus, server: "primary" } }],
  ["protocol-versions", { peerRefusal: "protocol", peerStatus: undefined, isPeerStateKnown: false }],
  ["protocol-versions", { peerStatus: { ...peerStatus, protocol: linkProtocol + 1 } }],
  ["clocks-apart", { clockOffsetSeconds: 30.1 }],
  ["clocks-apart", { clockOffsetSeconds: -30.1 }],
  ["time-zones-differ", { timeZone: "Europe/Vienna" }],
  ["name-points-to-neither", { pointsToNeitherSeconds: 31 }],
  ["fatal-file-error", { items: fatal("folder") }],
  ["fatal-database-error", { items: fatal("database") }],
];

test.each(causes)("%s", (reason, facts) => {
  expect(reasonsOf(facts)).toEqual([reason]);
});

test("every reason has its cause above", () => {
  expect([...new Set(causes.map(([reason]) => reason))]).toEqual([...configurationErrorReasons]);
});

test("nothing is an error within the limits, and what the peer said long ago is not held against it", () => {
  expect(reasonsOf({})).toEqual([]);
  const old = { server: "primary", protocol: 0, timeZone: "Asia/Tokyo" } as const;
  expect(reasonsOf({ isPeerStateKnown: false, peerStatus: old, clockOffsetSeconds: 99 })).toEqual([]);
});

test("during an operation the name may point to neither", () => {
  expect(reasonsOf({ pointsToNeitherSeconds: 99, isOperationRunning: true })).toEqual([]);
});

import { expect, test } from "@jest/globals";
import {
  configurationErrorReasons,
  fatalLimitSeconds,
  findConfigurationErrors,
  type ConfigurationFacts,
} from "../../../actor/core/configuration-errors.js";

import { linkProtocol } from "../../../shared/core/status.js";

const peerStatus = { server: "primary", protocol: linkProtocol, timeZone: "Europe/Vienna" } as const;
const facts: ConfigurationFacts = {
  server: "secondary",
  peerStatus,
  isPeerStateKnown: true,
  peerRefusal: "",
  clockOffsetSeconds: 0,
  timeZone: "Europe/Vienna",
  pointsToNeitherSeconds: 0,
  nameAddresses: {
    name: "app.example",
    published: ["192.0.2.9"],
    primary: ["192.0.2.1"],
    secondary: ["192.0.2.2", "2001:db8::2"],
  },
  isOperationRunning: false,
  readiness: "not-owner",
  items: [{ kind: "folder", name: "uploads", because: "", fatalSeconds: undefined }],
};
const fatal = { because: "no such folder", fatalSeconds: fatalLimitSeconds } as const;
const sameRoles = "same-roles: both servers are set up as the secondary";
const clocks = (offset: string): string => `clocks-apart: the peer's clock is ${offset} this server's, allowed are 5 s`;
const neither = (answer: string): string =>
  `name-points-to-neither: app.example ${answer}, dns.addresses has 192.0.2.1 for the primary and 192.0.2.2 and 2001:db8::2 for the secondary: correct the name at the name server, or the settings of both servers`;

const notRemembered =
  "ownership-not-remembered: the ownership record names this server, but its state directory does not remember how that came about, so the data here may be old: compare them with the other server's; if these are the newer, run here: sparesync adopt";

const rows: readonly {
  readonly when: string;
  readonly change: Partial<ConfigurationFacts>;
  readonly found: readonly string[];
}[] = [
  { when: "nothing is wrong", change: {}, found: [] },
  { when: "the peer was never heard", change: { peerStatus: undefined, isPeerStateKnown: false }, found: [] },
  {
    when: "the peer has the same role",
    change: { peerStatus: { ...peerStatus, server: "secondary" } },
    found: [sameRoles],
  },
  {
    when: "the peer had the same role long ago",
    change: { peerStatus: { ...peerStatus, server: "secondary" }, isPeerStateKnown: false },
    found: [],
  },
  {
    when: "the link refused the same role",
    change: { peerRefusal: "same-roles", peerStatus: undefined, isPeerStateKnown: false },
    found: [sameRoles],
  },
  {
    when: "the peer speaks another protocol",
    change: { peerStatus: { ...peerStatus, protocol: linkProtocol + 1 } },
    found: [`protocol-versions: this server speaks link protocol ${linkProtocol}, the peer ${linkProtocol + 1}`],
  },
  {
    when: "the link cannot speak with the peer",
    change: { peerRefusal: "protocol", peerStatus: undefined, isPeerStateKnown: false },
    found: [`protocol-versions: this server speaks link protocol ${linkProtocol}, the peer another one`],
  },
  ...(["not-owner", "ready", "in-operation", "claim-came-true"] as const).map((readiness) => ({
    when: `this server is ${readiness}`,
    change: { readiness },
    found: [],
  })),
  {
    when: "nothing here remembers why the name is this server's",
    change: { readiness: "unknown" },
    found: [notRemembered],
  },
  { when: "the clocks are apart at the limit", change: { clockOffsetSeconds: 5 }, found: [] },
  {
    when: "the clocks are apart above the limit",
    change: { clockOffsetSeconds: 5.1 },
    found: [clocks("5.1 s ahead of")],
  },
  { when: "the peer's clock is behind", change: { clockOffsetSeconds: -5.1 }, found: [clocks("5.1 s behind")] },
  {
    when: "the clocks were apart when the peer was last heard",
    change: { clockOffsetSeconds: 9, isPeerStateKnown: false },
    found: [],
  },
  {
    when: "the time zones differ",
    change: { timeZone: "UTC" },
    found: ["time-zones-differ: this server's time zone is UTC, the peer's Europe/Vienna"],
  },
  { when: "the name points to neither at the limit", change: { pointsToNeitherSeconds: 30 }, found: [] },
  {
    when: "the name points to neither above the limit",
    change: { pointsToNeitherSeconds: 30.1 },
    found: [neither("points to 192.0.2.9")],
  },
  {
    when: "the name has no address",
    change: { pointsToNeitherSeconds: 31, nameAddresses: { ...facts.nameAddresses, published: [] } },
    found: [neither("has no address")],
  },
  {
    when: "the name points to neither during an operation",
    change: { pointsToNeitherSeconds: 99, isOperationRunning: true },
    found: [],
  },
  {
    when: "an item has a warning",
    change: { items: [{ kind: "folder", name: "uploads", because: "slow", fatalSeconds: undefined }] },
    found: [],
  },
  {
    when: "a database has just become fatal",
    change: { items: [{ kind: "database", name: "shop", ...fatal, fatalSeconds: fatalLimitSeconds - 0.1 }] },
    found: [],
  },
  {
    when: "a folder is fatal",
    change: { items: [{ kind: "folder", name: "uploads", ...fatal }] },
    found: ["fatal-file-error: uploads: no such folder"],
  },
  {
    when: "a database is fatal",
    change: { items: [{ kind: "database", name: "shop", ...fatal }] },
    found: ["fatal-database-error: shop: no such folder"],
  },
  {
    when: "two folders are fatal",
    change: { items: ["uploads", "themes"].map((name) => ({ kind: "folder" as const, name, ...fatal })) },
    found: ["fatal-file-error: uploads: no such folder"],
  },
];

test.each(rows)("is found or not when $when", ({ change, found }) => {
  const errors = findConfigurationErrors({ ...facts, ...change }, { maximumOffsetSeconds: 5 });
  expect(errors.map(({ reason, because }) => `${reason}: ${because}`)).toEqual(found);
});

test("every reason has a row", () => {
  const shown = new Set(rows.flatMap(({ found }) => found.map((line) => line.split(":")[0])));
  expect([...shown].sort()).toEqual([...configurationErrorReasons].sort());
});

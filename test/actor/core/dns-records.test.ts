import { describe, expect, test } from "@jest/globals";
import { dnsType } from "../../../actor/core/dns-codes.js";
import { encodeName } from "../../../actor/core/dns-name.js";
import { planPublish } from "../../../actor/core/dns-ownership-update.js";
import {
  isSerialReached,
  longestTtlSeconds,
  moreNamesOf,
  namesNotPublished,
  type NameRecords,
} from "../../../actor/core/dns-records.js";
import { exampleSettings } from "../../support/settings-example.js";

const { dns } = exampleSettings((input) => {
  Object.assign(input.dns, {
    moreNames: [
      { name: "www.example.org" },
      {
        name: "API.example.org.",
        ttlSeconds: 300,
        addresses: { primary: ["2001:db8:0::1", "192.0.2.7"], secondary: ["192.0.2.8"] },
      },
      { name: "files.example.org", alias: { primary: "One.example.net", secondary: "two.example.net" } },
    ],
  });
});

test("each further name has its own records and time to live, or those of the main name", () => {
  expect(moreNamesOf(dns, "primary")).toEqual([
    { name: "www.example.org", kind: "addresses", values: ["192.0.2.1"], ttlSeconds: 60 },
    { name: "api.example.org", kind: "addresses", values: ["192.0.2.7", "2001:db8::1"], ttlSeconds: 300 },
    { name: "files.example.org", kind: "alias", values: ["one.example.net"], ttlSeconds: 60 },
  ]);
  expect(moreNamesOf(dns, "secondary").map(({ values }) => values)).toEqual([
    ["192.0.2.2"],
    ["192.0.2.8"],
    ["two.example.net"],
  ]);
  expect(longestTtlSeconds(dns)).toBe(300);
});

test("all names are published in one update, an alias only where no addresses stand and the reverse", () => {
  const where = { zone: "example.org", name: "shop.example.org", ttlSeconds: 60 };
  const own = { epoch: 2, active: "secondary", operationId: "op2" } as const;
  const [, , files] = moreNamesOf(dns, "secondary");
  const update = planPublish(where, own, ["192.0.2.2"], [files!]);
  expect(update.prerequisites.map((one) => [one.kind, one.name, "type" in one ? one.type : 0])).toEqual([
    ["rrset-absent", "shop.example.org", dnsType.CNAME],
    ["rrset-absent", "files.example.org", dnsType.A],
    ["rrset-absent", "files.example.org", dnsType.AAAA],
    ["rrset-equals", "_sparesync.shop.example.org", dnsType.TXT],
  ]);
  expect(update.changes.slice(-2)).toEqual([
    { kind: "delete-rrset", name: "files.example.org", type: dnsType.CNAME },
    { kind: "add", name: "files.example.org", type: dnsType.CNAME, ttl: 60, data: encodeName("two.example.net") },
  ]);
});

describe("what an authoritative server answers", () => {
  const more: NameRecords[] = [{ name: "www", kind: "addresses", values: ["a", "b"], ttlSeconds: 1 }];
  test.each([
    { when: "all is there", addresses: ["x"], names: [{ name: "www", values: ["b", "a"] }], late: [] },
    { when: "the main name is late", addresses: ["y"], names: [{ name: "www", values: ["a", "b"] }], late: [""] },
    {
      when: "a further one lacks an address",
      addresses: ["x"],
      names: [{ name: "www", values: ["a"] }],
      late: ["www"],
    },
    { when: "a further one is not there", addresses: ["x"], names: [], late: ["www"] },
    { when: "an address too many", addresses: ["x", "y"], names: [{ name: "www", values: ["a", "b"] }], late: [""] },
  ])("is late at $late when $when", ({ addresses, names, late }) => {
    expect(namesNotPublished({ addresses, names }, ["x"], more)).toEqual(late);
  });
});

test.each([
  { serial: 7, wanted: 7, is: true },
  { serial: 8, wanted: 7, is: true },
  { serial: 6, wanted: 7, is: false },
  { serial: 3, wanted: 4294967290, is: true },
  { serial: 4294967290, wanted: 3, is: false },
])("the serial $serial has reached $wanted: $is", ({ serial, wanted, is }) => {
  expect(isSerialReached(serial, wanted)).toBe(is);
});

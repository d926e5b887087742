import { expect, test } from "@jest/globals";
import { judgeExclusion } from "../../../shared/core/exclusion.js";
import { isLoopbackHost } from "../../../shared/core/loopback.js";

test.each([
  { updateServerSite: "elsewhere", hasGuard: true, kind: "proof", says: /stops before another may start$/ },
  { updateServerSite: "primary", hasGuard: true, kind: "proof", says: /; but .*losing that site cannot fail over/ },
  {
    updateServerSite: "secondary",
    hasGuard: true,
    kind: "assumption",
    says: /^the update server stands at the secondary/,
  },
  { updateServerSite: "elsewhere", hasGuard: false, kind: "assumption", says: /^there is no guard process/ },
  {
    updateServerSite: "primary",
    hasGuard: false,
    kind: "assumption",
    says: /no guard.*losing that site cannot fail over/,
  },
  { updateServerSite: "secondary", hasGuard: false, kind: "assumption", says: /secondary's site.*no guard/ },
] as const)("update server $updateServerSite, guard $hasGuard: $kind", ({ updateServerSite, hasGuard, kind, says }) => {
  const exclusion = judgeExclusion({ updateServerSite, hasGuard });
  expect(exclusion.kind).toBe(kind);
  expect(exclusion.because).toMatch(says);
});

test.each([
  { hasGuard: true, kind: "proof", says: /only when it has that lease$/ },
  { hasGuard: false, kind: "assumption", says: /^there is no guard process/ },
])("a witness, the update server beside the spare, guard $hasGuard: $kind", ({ hasGuard, kind, says }) => {
  const exclusion = judgeExclusion({ updateServerSite: "secondary", hasGuard, hasWitness: true });
  expect(exclusion.kind).toBe(kind);
  expect(exclusion.because).toMatch(says);
});

test.each([
  ["127.0.0.1", true],
  ["127.8.9.1", true],
  ["::1", true],
  ["[::1]", true],
  ["localhost", true],
  ["a.localhost.", true],
  ["0.0.0.0", false],
  ["::", false],
  ["128.0.0.1", false],
  ["localhost.example.org", false],
  ["127.0.0.1.example.org", false],
])("%s is loopback: %s", (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected);
});

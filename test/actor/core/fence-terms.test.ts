import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  agreedFence,
  claimWaitSeconds,
  fenceInForce,
  fenceTermsOf,
  isFenceProven,
  noFence,
  withFenceSeen,
  withOwnFence,
  withPeerFence,
  type FenceFacts,
  type FenceTerms,
} from "../../../actor/core/fence-terms.js";
import { witnessSettings } from "../../../shared/core/settings/witness-settings.js";
import { exampleSettings } from "../../support/settings-example.js";

const witness = witnessSettings.parse({ endpoints: ["https://witness.example:2379"] });

function settingsWith(ownership: object, hasWitness = false) {
  const settings = exampleSettings((input) => {
    Object.assign(input.ownership, { stopSeconds: 5, marginSeconds: 6, updateServerSite: "elsewhere", ...ownership });
  });
  return hasWitness ? { ...settings, witness } : settings;
}

const terms = (waitSeconds: number, servesOn: FenceTerms["servesOn"] = "nothing"): FenceTerms => ({
  waitSeconds,
  servesOn,
});

/** As after servers that were connected: announced, heard, acknowledged. */
function acknowledged(own: FenceTerms): FenceFacts {
  const announced = withOwnFence(noFence, own);
  return withFenceSeen(announced, announced.own.sequence);
}

describe("what a server's fence settings amount to", () => {
  test.each([
    { when: "the update server stands elsewhere", site: "elsewhere", hasWitness: false, servesOn: "nothing" },
    { when: "it stands at the primary's site", site: "primary", hasWitness: false, servesOn: "nothing" },
    { when: "it stands beside the spare", site: "secondary", hasWitness: false, servesOn: "assumption" },
    { when: "it stands beside the spare, with a witness", site: "secondary", hasWitness: true, servesOn: "lease" },
  ])("is $servesOn to serve on by when $when", ({ site, hasWitness, servesOn }) => {
    const settings = settingsWith({ selfFenceSeconds: 60, updateServerSite: site }, hasWitness);
    expect(fenceTermsOf(settings)).toEqual({ waitSeconds: 71, servesOn });
  });
});

describe("a fence that is changed", () => {
  test("goes by the settings where the other server has never heard of one", () => {
    const settings = settingsWith({ selfFenceSeconds: 60 });
    expect(fenceInForce(settings, agreedFence(noFence, settings))).toMatchObject({ selfFenceSeconds: 60 });
  });

  test.each([
    { when: "made longer", to: 300, before: 60 },
    { when: "made shorter", to: 30, before: 30 },
  ])("$when ends after $before s until the other server has acknowledged it, then after $to s", ({ to, before }) => {
    const former = settingsWith({ selfFenceSeconds: 60 });
    const settings = settingsWith({ selfFenceSeconds: to });
    const kept = acknowledged(fenceTermsOf(former));
    expect(fenceInForce(settings, agreedFence(kept, settings)).selfFenceSeconds).toBe(before);
    const announced = withOwnFence(kept, fenceTermsOf(settings));
    expect(fenceInForce(settings, agreedFence(announced, settings)).selfFenceSeconds).toBe(before);
    const seen = withFenceSeen(announced, announced.own.sequence);
    expect(fenceInForce(settings, agreedFence(seen, settings)).selfFenceSeconds).toBe(to);
  });

  test("is begun earlier by as much as stopping may take longer", () => {
    const kept = acknowledged(fenceTermsOf(settingsWith({ selfFenceSeconds: 60 })));
    const settings = settingsWith({ selfFenceSeconds: 60, stopSeconds: 25 });
    expect(fenceInForce(settings, agreedFence(kept, settings)).selfFenceSeconds).toBe(40);
    const far = settingsWith({ selfFenceSeconds: 60, stopSeconds: 500 });
    expect(fenceInForce(far, agreedFence(kept, far)).selfFenceSeconds).toBe(0);
  });

  test.each([
    { when: "an assumption instead of a proof", known: terms(71), hasWitness: false, site: "elsewhere" },
    { when: "a lease instead of a proof", known: terms(71), hasWitness: true, site: "elsewhere" },
    { when: "an assumption instead of a lease", known: terms(71, "lease"), hasWitness: false, site: "elsewhere" },
    { when: "a lease, as before", known: terms(71, "lease"), hasWitness: true, site: "secondary" },
    { when: "a lease instead of an assumption", known: terms(71, "assumption"), hasWitness: true, site: "secondary" },
  ])(
    "lets an unconfirmed server serve on as if the update server stood $site: $when",
    ({ known, hasWitness, site }) => {
      const settings = settingsWith({ selfFenceSeconds: 60, updateServerSite: "secondary" }, hasWitness);
      expect(fenceInForce(settings, agreedFence(acknowledged(known), settings)).updateServerSite).toBe(site);
    },
  );

  test("is announced once, above what was announced before a lost disk", () => {
    const once = withOwnFence(noFence, terms(71));
    expect(once.own).toEqual({ sequence: 1, terms: terms(71) });
    expect(withOwnFence(once, terms(71))).toBe(once);
    expect(withFenceSeen(once, 7).own).toEqual({ sequence: 8, terms: terms(71) });
  });
});

describe("a claimant", () => {
  const settings = settingsWith({ selfFenceSeconds: 60 });

  test.each([
    { when: "has announced nothing", peer: noFence.peer, waits: 71 },
    { when: "fences later", peer: { sequence: 1, terms: terms(200) }, waits: 200 },
    { when: "fences earlier", peer: { sequence: 1, terms: terms(20) }, waits: 71 },
  ])("waits $waits s when the other server $when", ({ peer, waits }) => {
    expect(claimWaitSeconds(settings, { ...noFence, peer })).toBe(waits);
  });

  test.each([
    { servesOn: "nothing", hasWitness: false, isProven: true },
    { servesOn: "lease", hasWitness: true, isProven: true },
    { servesOn: "lease", hasWitness: false, isProven: false },
    { servesOn: "assumption", hasWitness: true, isProven: false },
  ] as const)(
    "takes a fence that lets $servesOn be served on by as proven: $isProven (witness here: $hasWitness)",
    ({ servesOn, hasWitness, isProven }) => {
      const fence = withPeerFence(noFence, { sequence: 1, terms: terms(71, servesOn) });
      expect(isFenceProven(hasWitness ? { witness } : {}, fence)).toBe(isProven);
    },
  );

  test("believes no announcement that is older than the one it knows", () => {
    const fence = withPeerFence(noFence, { sequence: 2, terms: terms(200) });
    expect(withPeerFence(fence, { sequence: 1, terms: terms(20) })).toBe(fence);
  });
});

test("whatever is lost or comes late, the claimant waits for as long as the other server may serve", () => {
  const change = fc.record({
    kind: fc.constant("settings" as const),
    selfFenceSeconds: fc.integer({ min: 1, max: 500 }),
  });
  const message = fc.record({
    kind: fc.constantFrom("announce" as const, "acknowledge" as const),
    /** How many messages ago it was sent. */
    late: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(change, message), { maxLength: 40 }), (acts) => {
      const spareSettings = settingsWith({ selfFenceSeconds: 1 });
      let settings = settingsWith({ selfFenceSeconds: 60 });
      let active = acknowledged(fenceTermsOf(settings));
      let spare = withPeerFence(noFence, active.own);
      const announcements = [active.own];
      for (const act of acts) {
        if (act.kind === "settings") {
          settings = settingsWith({ selfFenceSeconds: act.selfFenceSeconds });
          // It serves by them before they are kept, too.
          expectWaited(settings, active, spare);
          active = withOwnFence(active, fenceTermsOf(settings));
          announcements.push(active.own);
        } else if (act.kind === "announce") {
          spare = withPeerFence(spare, announcements.at(-1 - act.late) ?? active.own);
        } else {
          active = withFenceSeen(active, spare.peer.sequence);
        }
        expectWaited(settings, active, spare);
      }

      function expectWaited(now: typeof settings, its: FenceFacts, others: FenceFacts): void {
        const { selfFenceSeconds, stopSeconds, marginSeconds } = fenceInForce(now, agreedFence(its, now));
        const servesSeconds = selfFenceSeconds + stopSeconds + marginSeconds;
        expect(servesSeconds).toBeLessThanOrEqual(claimWaitSeconds(spareSettings, others));
      }
    }),
    { numRuns: 200 },
  );
});

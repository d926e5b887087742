import { describe, expect, test } from "@jest/globals";
import type { ContextBench } from "../support/context-bench.js";
import { benchContext, firstRecord } from "../support/context-bench.js";
import { isBoundByPromise, type Promised } from "../../actor/core/kept-facts.js";
import { decideServing } from "../../actor/core/ownership.js";
import { createPeerMessage, peerMessage, takePeerMessage, type PeerMessage } from "../../actor/peer-message.js";
import { stopConfirming } from "../../actor/operations/steps/stop-confirming.js";
import { desiredPromise, keepPromise } from "../../actor/watch/peer-watch.js";
import { gatherFailoverFacts } from "../../actor/watch/failover-facts.js";
import { anOperationDocument } from "../support/kept-documents.js";
import { exampleSettings } from "../support/settings-example.js";

function messageOf(bench: ContextBench, change: Partial<PeerMessage> = {}): PeerMessage {
  return { ...peerMessage.parse(createPeerMessage(bench.context)), ...change };
}

async function pair(): Promise<{ primary: ContextBench; secondary: ContextBench; exchange: () => Promise<void> }> {
  const primary = await benchContext("primary");
  const secondary = await benchContext("secondary");
  const exchange = async (): Promise<void> => {
    await takePeerMessage(primary.context, messageOf(secondary));
    await takePeerMessage(secondary.context, messageOf(primary));
  };
  return { primary, secondary, exchange };
}

function mayServeUnconfirmed({ context }: ContextBench): boolean {
  const facts = {
    server: context.server,
    record: context.store.facts.record,
    confirmedAgeSeconds: Infinity,
    peerPromise: context.store.facts.peerPromise,
    updateServerSite: "elsewhere",
    areExternalResourcesAvailable: true,
  } as const;
  return decideServing(facts, context.settings.ownership).kind === "may-serve";
}

describe("what a standby promises", () => {
  const manual = exampleSettings((input) => {
    input.server = "secondary";
    Object.assign(input.failover, { automatic: false });
  });
  const error = { reason: "clocks-apart", because: "", sinceMs: 1 };
  test.each<{
    when: string;
    change: (bench: ContextBench) => unknown;
    settings?: typeof manual;
    kind: Promised["kind"];
  }>([
    { when: "it may take over", change: () => undefined, kind: null },
    { when: "it is stopped in order", change: ({ context }) => (context.situation.isStopping = true), kind: "stopped" },
    {
      when: "it is turned off",
      change: ({ context }) => context.store.change((facts) => ({ ...facts, isEnabled: false })),
      kind: "turned-off",
    },
    { when: "it does not switch by itself", change: () => undefined, settings: manual, kind: "not-automatic" },
    {
      when: "it is blocked",
      change: ({ context }) => context.store.change((facts) => ({ ...facts, configurationErrors: [error] })),
      kind: "configuration-error",
    },
    {
      when: "it is active itself",
      change: ({ context }) =>
        context.store.change((facts) => ({
          ...facts,
          isEnabled: false,
          record: { ...firstRecord, active: "secondary" },
        })),
      kind: null,
    },
  ])("is $kind when $when", async ({ change, settings, kind }) => {
    const bench = await benchContext("secondary", settings ? { settings } : {});
    await change(bench);
    expect(desiredPromise(bench.context)).toBe(kind);
  });
});

describe("a promise", () => {
  test("lets the active server serve on unconfirmed", async () => {
    const { primary, secondary, exchange } = await pair();
    await exchange();
    expect(mayServeUnconfirmed(primary)).toBe(false);
    secondary.context.situation.isStopping = true;
    await keepPromise(secondary.context);
    await exchange();
    expect(mayServeUnconfirmed(primary)).toBe(true);
    expect(primary.kept().peerPromise).toEqual({ sequence: 1, kind: "stopped" });
  });

  test("binds from before the peer hears of it", async () => {
    const { secondary } = await pair();
    secondary.context.situation.isStopping = true;
    await keepPromise(secondary.context);
    expect(gatherFailoverFacts(secondary.context).hasPromisedNotToClaim).toBe(true);
    expect(secondary.kept().ownPromise).toEqual({ sequence: 1, kind: "stopped" });
  });

  test("binds until the peer has acknowledged that it was taken back", async () => {
    const { primary, secondary, exchange } = await pair();
    secondary.context.situation.isStopping = true;
    await keepPromise(secondary.context);
    await exchange();
    secondary.context.situation.isStopping = false;
    await keepPromise(secondary.context);
    expect(gatherFailoverFacts(secondary.context).hasPromisedNotToClaim).toBe(true);
    // An answer that was on its way since before acknowledges only the former promise.
    await takePeerMessage(secondary.context, messageOf(primary));
    expect(gatherFailoverFacts(secondary.context).hasPromisedNotToClaim).toBe(true);
    await exchange();
    expect(gatherFailoverFacts(secondary.context).hasPromisedNotToClaim).toBe(false);
    expect(mayServeUnconfirmed(primary)).toBe(false);
  });

  test("that is taken back confirms the active server as of that moment, and once only", async () => {
    const { primary } = await pair();
    const { context, ports } = primary;
    await takePeerMessage(context, messageOf(primary, { promise: { sequence: 1, kind: "stopped" } }));
    const freed = messageOf(primary, { promise: { sequence: 2, kind: null } });
    expect(context.situation.confirmedAtMs).toBeUndefined();
    const heardAtMs = ports.clock.nowMs;
    await takePeerMessage(context, freed);
    expect(context.situation).toMatchObject({ confirmedAtMs: heardAtMs, confirmedBy: "peer" });
    ports.clock.nowMs += 5000;
    await takePeerMessage(context, freed);
    expect(context.situation.confirmedAtMs).toBe(heardAtMs);
  });

  test("that is older and comes late is ignored", async () => {
    const { primary } = await pair();
    await takePeerMessage(primary.context, messageOf(primary, { promise: { sequence: 2, kind: null } }));
    await takePeerMessage(primary.context, messageOf(primary, { promise: { sequence: 1, kind: "turned-off" } }));
    expect(primary.kept().peerPromise).toEqual({ sequence: 2, kind: null });
    expect(mayServeUnconfirmed(primary)).toBe(false);
  });

  test("is not made in the middle of a takeover, and no line says that it was", async () => {
    const bench = await benchContext("secondary", { facts: { operation: anOperationDocument("failover") } });
    const { context, ports } = bench;
    await stopConfirming.do({
      context,
      operation: context.store.facts.operation!,
      signal: context.signal,
      reportProgress: () => undefined,
    });
    context.situation.isStopping = true;
    await keepPromise(context);
    expect(bench.kept().ownPromise).toEqual({ sequence: 0, kind: null });
    expect(ports.events()).not.toContain("promise-changed");
  });
});

describe("a failover that was accepted before a promise was made", () => {
  test.each([
    {
      when: "the promise stands",
      ownPromise: { sequence: 1, kind: "turned-off" as const },
      isKnown: true,
      isPeerStopped: false,
      claims: false,
    },
    {
      when: "its taking back is not acknowledged",
      ownPromise: { sequence: 2, kind: null },
      isKnown: false,
      isPeerStopped: false,
      claims: false,
    },
    {
      when: "its taking back is acknowledged",
      ownPromise: { sequence: 2, kind: null },
      isKnown: true,
      isPeerStopped: false,
      claims: true,
    },
    {
      when: "there was none",
      ownPromise: { sequence: 0, kind: null },
      isKnown: false,
      isPeerStopped: false,
      claims: true,
    },
    {
      when: "the other server has stopped and handed over",
      ownPromise: { sequence: 1, kind: "not-automatic" as const },
      isKnown: true,
      isPeerStopped: true,
      claims: true,
    },
  ])("claims: $claims, when $when", async ({ ownPromise, isKnown, isPeerStopped, claims }) => {
    const operation = anOperationDocument("failover", { isPeerStopped });
    const { context, kept } = await benchContext("secondary", {
      facts: { operation, ownPromise, isOwnPromiseKnown: isKnown },
    });
    const step = { context, operation, signal: context.signal, reportProgress: () => undefined };
    const outcome = await stopConfirming.do(step).then(
      () => "done",
      (error: unknown) => (error as { code: string }).code,
    );
    expect(outcome).toBe(claims ? "done" : "OWNERSHIP_LOST");
    expect(kept().claim?.operationId).toBe(claims ? "op1" : undefined);
  });
});

test("a spare that was set up anew takes back the promise its former self had made", async () => {
  const { primary, secondary, exchange } = await pair();
  await primary.context.store.change((facts) => ({ ...facts, peerPromise: { sequence: 5, kind: "stopped" } }));
  expect(mayServeUnconfirmed(primary)).toBe(true);
  await takePeerMessage(secondary.context, messageOf(primary));
  expect(secondary.kept().ownPromise).toEqual({ sequence: 6, kind: null });
  expect(isBoundByPromise(secondary.kept())).toBe(true);
  await exchange();
  expect(primary.kept().peerPromise).toEqual({ sequence: 6, kind: null });
  expect(mayServeUnconfirmed(primary)).toBe(false);
  expect(isBoundByPromise(secondary.kept())).toBe(false);
});

describe("being turned off or on", () => {
  const off = { isEnabled: false, because: "olga: patches" };
  test.each([
    { when: "the peer's change is newer", own: 1, peer: 2, isEnabled: false },
    { when: "the peer's change is older", own: 3, peer: 2, isEnabled: true },
    { when: "both changed as often: off wins", own: 2, peer: 2, isEnabled: false },
  ])("is the pair's: enabled $isEnabled, when $when", async ({ own, peer, isEnabled }) => {
    const bench = await benchContext("primary", { facts: { enabledSequence: own } });
    await takePeerMessage(bench.context, messageOf(bench, { enabled: { ...off, sequence: peer } }));
    expect(bench.kept().isEnabled).toBe(isEnabled);
    if (!isEnabled) {
      const lastTurnedOff = { because: "olga: patches", isChecked: false };
      expect(bench.kept()).toMatchObject({ enabledBecause: "olga: patches", enabledSequence: peer, lastTurnedOff });
    }
  });

  test("never comes back on by a tie", async () => {
    const bench = await benchContext("primary", { facts: { enabledSequence: 2, isEnabled: false } });
    await takePeerMessage(bench.context, messageOf(bench, { enabled: { isEnabled: true, because: "", sequence: 2 } }));
    expect(bench.kept().isEnabled).toBe(false);
  });
});

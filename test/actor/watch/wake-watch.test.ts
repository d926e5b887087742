import { describe, expect, test } from "@jest/globals";
import type { ActorContext } from "../../../actor/actor-context.js";
import { listNotLookedAt, noteTickEnded, noteWaking } from "../../../actor/watch/wake-watch.js";
import { benchContext, type ContextBench } from "../../support/context-bench.js";

const everything = ["read the ownership record", "asked the peer", "probed the managed system"];

function look({ situation, ports }: ActorContext): void {
  const nowMs = ports.clock.monotonicMs();
  situation.recordAskedAtMs = nowMs;
  situation.heartbeatAskedAtMs = nowMs;
  const probe = { startedAtMs: nowMs, startedAtWallMs: ports.clock.wallMs(), available: false };
  situation.probeWindow = { probes: [probe], outageSince: probe };
  situation.unavailableSinceMs = nowMs;
  situation.isActiveAvailable = false;
  situation.externalResourcesAvailableSinceMs = nowMs;
}

async function tickingSpare(): Promise<ContextBench> {
  const bench = await benchContext("secondary");
  noteWaking(bench.context, 1);
  noteTickEnded(bench.context);
  look(bench.context);
  return bench;
}

describe("a spare", () => {
  test("that has just started has looked at nothing yet", async () => {
    const { context } = await benchContext("secondary");
    noteWaking(context, 1);
    expect(listNotLookedAt(context)).toEqual(everything);
    look(context);
    expect(listNotLookedAt(context)).toEqual([]);
  });

  test.each([
    { when: "the process was frozen", monotonicMs: 61_000, wallMs: 0 },
    { when: "the machine was suspended", monotonicMs: 1000, wallMs: 60_000 },
  ])("that wakes, because $when, counts nothing of what it saw", async ({ monotonicMs, wallMs }) => {
    const { context, ports } = await tickingSpare();
    ports.clock.nowMs += monotonicMs;
    ports.clock.wallOffsetMs += wallMs;
    noteWaking(context, 1);
    expect(ports.events()).toContain("woken");
    expect(listNotLookedAt(context)).toEqual(everything);
    expect(context.situation).toMatchObject({
      isActiveAvailable: true,
      unavailableSinceMs: undefined,
      externalResourcesAvailableSinceMs: undefined,
      probeWindow: { probes: [], outageSince: undefined },
    });
  });

  test("that is only busy goes on with what it has seen", async () => {
    const { context, ports } = await tickingSpare();
    ports.clock.nowMs += 5000;
    noteWaking(context, 1);
    expect(listNotLookedAt(context)).toEqual([]);
    expect(context.situation.isActiveAvailable).toBe(false);
  });

  test("whose tick took long has not slept: only the pause between two counts", async () => {
    const { context, ports } = await tickingSpare();
    ports.clock.nowMs += 30_000;
    noteTickEnded(context);
    ports.clock.nowMs += 1000;
    noteWaking(context, 1);
    expect(ports.events()).not.toContain("woken");
  });

  test("whose clock is set back remembers by how much", async () => {
    const { context, ports } = await tickingSpare();
    ports.clock.nowMs += 1000;
    ports.clock.wallOffsetMs -= 3_600_000;
    noteWaking(context, 1);
    expect(context.situation.clockStep).toEqual({ bySeconds: -3600, atMs: ports.clock.nowMs });
    expect(listNotLookedAt(context)).toEqual([]);
  });
});

import { beforeEach, describe, expect, test } from "@jest/globals";
import { AnalysisTimes } from "../../../actor/files/analysis-times.js";
import type { ContentTime } from "../../../actor/files/content-times.js";
import { createSystemClock } from "../../../shared/system-clock.js";

const day = 86_400;
let nowMs: number;
let bootAtMs: number;
let kept: ContentTime;
beforeEach(() => {
  nowMs = 5000;
  bootAtMs = 1_700_000_000_000;
  kept = { lastAtMs: 0, isAsked: false };
});

/** As a process that has just begun sees it. */
function begin(contentAnalysisSeconds = 0): AnalysisTimes {
  const times = new AnalysisTimes({
    clock: { ...createSystemClock(), monotonicMs: () => nowMs, wallMs: () => bootAtMs + nowMs },
    fullAnalysisSeconds: 30 * day,
    contentAnalysisSeconds,
    kept: {
      get: () => kept,
      set: (value) => {
        kept = value;
        return Promise.resolve();
      },
    },
  });
  times.begin();
  return times;
}

/** What the source does when a full analysis is due; returns whether the contents were read. */
async function analyse(times: AnalysisTimes, lastFullAtMs: number): Promise<boolean> {
  const hasContent = times.isContentDue(lastFullAtMs);
  await times.noteDone(hasContent, nowMs);
  return hasContent;
}

describe("the contents are compared", () => {
  test("one interval after the first start, however often the process is restarted", async () => {
    for (let restart = 0; restart < 7; restart += 1) {
      expect(await analyse(begin(7 * day), -Infinity)).toBe(false);
      nowMs += day * 1000;
    }
    const times = begin(7 * day);
    expect(await analyse(times, -Infinity)).toBe(false);
    const firstAtMs = nowMs;
    // Not with the first analysis after a start, and not at once after it.
    expect(times.dueAtMs(firstAtMs)).toBe(firstAtMs + 600_000);
    nowMs = firstAtMs + 600_000;
    expect(await analyse(times, firstAtMs)).toBe(true);
    expect(times.dueAtMs(nowMs)).toBe(nowMs + 7 * day * 1000);
  });

  test("no later for a wall clock that was set back", async () => {
    await analyse(begin(day), -Infinity);
    bootAtMs -= 400 * day * 1000;
    const times = begin(day);
    await analyse(times, -Infinity);
    expect(times.dueAtMs(nowMs)).toBe(nowMs + day * 1000);
  });

  test("as soon as somebody has asked, after a restart, too", async () => {
    await begin().ask(true);
    const times = begin();
    expect(await analyse(times, -Infinity)).toBe(false);
    expect(times.dueAtMs(nowMs)).toBe(nowMs);
    expect(await analyse(times, nowMs)).toBe(true);
    expect(times.isContentDue(nowMs)).toBe(false);
  });

  test("never, where nobody wants it", async () => {
    const times = begin();
    await analyse(times, -Infinity);
    nowMs += 1000 * day * 1000;
    expect(times.isContentDue(0)).toBe(false);
    expect(kept).toEqual({ lastAtMs: 0, isAsked: false });
  });
});

test("a full analysis that was asked for is due at once, once", async () => {
  const times = begin();
  await analyse(times, -Infinity);
  expect(times.dueAtMs(nowMs)).toBe(nowMs + 30 * day * 1000);
  await times.ask(false);
  expect(times.dueAtMs(nowMs)).toBe(nowMs);
  expect(await analyse(times, nowMs)).toBe(false);
  expect(times.dueAtMs(nowMs)).toBe(nowMs + 30 * day * 1000);
});

test.each([false, true])("who asks while an analysis runs gets another one (by content: %s)", async (hasContent) => {
  const times = begin();
  await analyse(times, -Infinity);
  await times.ask(hasContent);
  const beganAtMs = nowMs;
  nowMs += 60_000;
  await times.ask(hasContent);
  await times.noteDone(hasContent, beganAtMs);
  expect(times.asked).toEqual({ hasContent });
  expect(times.dueAtMs(beganAtMs)).toBe(beganAtMs);
  await times.noteDone(hasContent, nowMs);
  expect(times.asked).toBeUndefined();
});

test("nothing is said to be asked for where nothing that is asked for is done", async () => {
  const times = begin();
  await times.ask(true);
  times.begin(false);
  expect(times.asked).toBeUndefined();
});

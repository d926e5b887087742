import { describe, expect, test } from "@jest/globals";
import type { FailoverAlert } from "../../actor/actor-api.js";
import type { KeptFacts } from "../../actor/core/kept-facts.js";
import { takeAlert } from "../../actor/take-alert.js";
import { anOperationDocument } from "../support/kept-documents.js";
import { benchContext, type BenchOptions } from "../support/context-bench.js";
import { exampleSettings } from "../support/settings-example.js";

const startsAt = "2026-01-01T00:10:00.123Z";
const startsAtMs = Date.parse(startsAt);
const alert: FailoverAlert = {
  fingerprint: "c0ffee",
  startsAt,
  status: "firing",
  labels: { alertname: "SpareSyncMainAppInvisible", action: "switchover", pair: "shop" },
};

function ended(state: "done" | "undone", endedAtMs: number): Partial<KeptFacts> {
  return { lastOperations: [anOperationDocument("switch-to-primary", { state, endedAtMs })] };
}

const askedByWatch = exampleSettings((input) => {
  input.server = "secondary";
  Object.assign(input.failover, { askedBy: "watch" });
});

describe("an alert", () => {
  test.each<{ when: string; change?: Partial<FailoverAlert>; options?: BenchOptions; outcome: string }>([
    { when: "it asks for a switchover of this pair", outcome: "accepted" },
    { when: "it is resolved", change: { status: "resolved" }, outcome: "resolved" },
    {
      when: "it asks for another action",
      change: { labels: { ...alert.labels, action: "page" } },
      outcome: "not-a-request",
    },
    { when: "it has no action", change: { labels: { pair: "shop" } }, outcome: "not-a-request" },
    { when: "it is about another pair", change: { labels: { ...alert.labels, pair: "mail" } }, outcome: "other-pair" },
    { when: "only the watch may ask", options: { settings: askedByWatch }, outcome: "not-asked-here" },
    { when: "it has no time", change: { startsAt: "now" }, outcome: "too-late" },
    {
      when: "it began just before the last switch",
      options: { facts: ended("done", startsAtMs + 1) },
      outcome: "too-late",
    },
    { when: "it began with the last switch", options: { facts: ended("done", startsAtMs) }, outcome: "accepted" },
    { when: "it began after the last switch", options: { facts: ended("done", startsAtMs - 1) }, outcome: "accepted" },
    {
      when: "the last operation was undone, so nothing was switched",
      options: { facts: ended("undone", startsAtMs + 1) },
      outcome: "accepted",
    },
    { when: "it was taken before", options: { facts: { seenAlerts: [`c0ffee ${startsAt}`] } }, outcome: "duplicate" },
    {
      when: "another incident of the same alert was taken",
      options: { facts: { seenAlerts: ["c0ffee 2026-01-01T00:00:00Z"] } },
      outcome: "accepted",
    },
  ])("is $outcome when $when", async ({ change = {}, options = {}, outcome }) => {
    const { context, kept } = await benchContext("secondary", options);
    expect(await takeAlert(context, { ...alert, ...change })).toBe(outcome);
    expect(context.store.facts.asks).toHaveLength(outcome === "accepted" ? 1 : 0);
    expect(kept().asks).toEqual(context.store.facts.asks);
  });

  test("adds an ask that ends by itself, and nothing else", async () => {
    const { context, ports } = await benchContext("secondary");
    await takeAlert(context, alert);
    const askedAtMs = ports.clock.wallMs();
    const expiresAtMs = askedAtMs + context.settings.failover.askValidSeconds * 1000;
    const because = "SpareSyncMainAppInvisible";
    expect(context.store.facts.asks).toEqual([
      { askedBy: "alertmanager", askedAtMs, expiresAtMs, because, fingerprint: "c0ffee" },
    ]);
    expect(context.store.facts.operation).toBeNull();
    expect(ports.done).toEqual([]);
  });

  test("that comes twice at once is taken once", async () => {
    const { context } = await benchContext("secondary");
    expect(await Promise.all([takeAlert(context, alert), takeAlert(context, alert)])).toEqual([
      "accepted",
      "duplicate",
    ]);
    expect(context.store.facts.asks).toHaveLength(1);
  });

  test("takes the place of an older one and leaves the other askers alone", async () => {
    const { context } = await benchContext("secondary");
    const ask = { askedAtMs: 1, expiresAtMs: 9e15, because: "", fingerprint: "" };
    await context.store.change((facts) => ({
      ...facts,
      asks: [
        { ...ask, askedBy: "watch" },
        { ...ask, askedBy: "alertmanager" },
      ],
    }));
    await takeAlert(context, alert);
    expect(context.store.facts.asks.map(({ askedBy, fingerprint }) => [askedBy, fingerprint])).toEqual([
      ["watch", ""],
      ["alertmanager", "c0ffee"],
    ]);
  });

  test("is not taken when it cannot be kept, and is taken when it comes again", async () => {
    const { context, ports } = await benchContext("secondary");
    ports.beforeWrite = () => Promise.reject(new Error("disk full"));
    await expect(takeAlert(context, alert)).rejects.toThrow("disk full");
    ports.beforeWrite = () => Promise.resolve();
    expect(await takeAlert(context, alert)).toBe("accepted");
  });

  test("is one of five hundred that are remembered", async () => {
    const seenAlerts = Array.from({ length: 500 }, (_, index) => `f${index} t`);
    const { context } = await benchContext("secondary", { facts: { seenAlerts } });
    await takeAlert(context, alert);
    expect(context.store.facts.seenAlerts).toHaveLength(500);
    expect(context.store.facts.seenAlerts[0]).toBe(`c0ffee ${startsAt}`);
  });
});

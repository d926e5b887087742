import { describe, expect, test } from "@jest/globals";
import { takeAlert } from "../../../actor/take-alert.js";
import { keepAsks } from "../../../actor/watch/failover-asks.js";
import { benchContext } from "../../support/context-bench.js";

const labels = { action: "switchover", pair: "shop" };

describe("what was asked", () => {
  test("in the moment in which the watch asks as well is not lost", async () => {
    const { context, ports, kept } = await benchContext("secondary");
    context.situation.unavailableSinceMs = ports.clock.nowMs - 3_600_000;
    const startsAt = new Date(ports.clock.wallMs()).toISOString();
    await Promise.all([
      takeAlert(context, { fingerprint: "f", startsAt, status: "firing", labels }),
      keepAsks(context),
    ]);
    expect(kept().asks.map(({ askedBy }) => askedBy)).toEqual(["alertmanager", "watch"]);
  });

  test.each([
    { when: "its time is over", maintenance: "", laterMs: 601_000, left: 0 },
    { when: "its time is not over", maintenance: "", laterMs: 599_000, left: 1 },
    { when: "its time is over in a pause", maintenance: "pause", laterMs: 601_000, left: 1 },
  ])("stays ($left) when $when", async ({ maintenance, laterMs, left }) => {
    const { context, ports } = await benchContext("secondary");
    const startsAt = new Date(ports.clock.wallMs()).toISOString();
    await takeAlert(context, { fingerprint: "f", startsAt, status: "firing", labels });
    context.situation.maintenance = maintenance;
    ports.clock.nowMs += laterMs;
    await keepAsks(context);
    expect(context.store.facts.asks).toHaveLength(left);
  });
});

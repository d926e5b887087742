import { expect, test } from "@jest/globals";
import { decisionRecord, replayDecision } from "../../actor/core/decision-record.js";
import { pass, settledWorld } from "./settled-world.js";

test("the spare keeps every change of its decision, and each can be made again from what was kept", async () => {
  const world = await settledWorld();
  world.host("primary").powerOff();
  expect(await pass(world, 120, () => world.host("secondary").isServing())).toBe(true);
  const { decided } = world.host("secondary");
  const kept = decided.map((record) => decisionRecord.parse(JSON.parse(JSON.stringify(record))));
  expect(kept.map(replayDecision).filter(({ isSame }) => !isSame)).toEqual([]);
  const unmet = kept.map(({ criteria }) => criteria.filter(({ met }) => !met).map(({ name }) => name));
  for (const [index, names] of unmet.entries())
    expect([kept[index]!.decision, names]).not.toEqual([kept[index - 1]?.decision, unmet[index - 1]]);
  const failover = kept.findIndex(({ decision }) => decision === "fail-over");
  expect(kept[failover]).toMatchObject({ facts: { server: "secondary", askedBy: ["watch"] } });
  expect(kept[failover - 1]?.decision).toBe("stay");
  // That the primary does not take over by itself is no news.
  expect(world.host("primary").decided).toEqual([]);
});

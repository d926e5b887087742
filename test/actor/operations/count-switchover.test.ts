import { expect, test } from "@jest/globals";
import { countSwitchover } from "../../../actor/operations/count-switchover.js";
import { benchContext } from "../../support/context-bench.js";

test.each([
  { part: "claimant", kind: "switch-to-primary", isAutomatic: false, end: "done", counted: ["switchovers.operator"] },
  { part: "coordinator", kind: "switch-to-primary", isAutomatic: false, end: "done", counted: [] },
  { part: "claimant", kind: "failover", isAutomatic: true, end: "done", counted: ["switchovers.automatic"] },
  {
    part: "claimant",
    kind: "failover",
    isAutomatic: true,
    end: "undone",
    counted: ["switchovers.automatic", "switchover_failures.automatic"],
  },
  { part: "claimant", kind: "switch-to-secondary", isAutomatic: false, end: "undone", counted: [] },
  {
    part: "coordinator",
    kind: "switch-to-secondary",
    isAutomatic: false,
    end: "undone",
    counted: ["switchovers.operator", "switchover_failures.operator"],
  },
] as const)("the $part of a $kind that is $end counts $counted", async ({ end, counted, ...operation }) => {
  const { context } = await benchContext("primary");
  countSwitchover(context, operation, end);
  expect([...context.situation.counters]).toEqual(counted.map((name) => [name, 1]));
});

import { expect, test } from "@jest/globals";
import { restartOf } from "../../../../actor/database/sqlserver/identities.js";

const sequence = { increment: "1", minimum: "1", maximum: "100", is_cycling: "0" };

test.each([
  { when: "values are left", row: { shipped: "41" }, value: 42n, isUsedUp: false },
  { when: "the last but one was given out", row: { shipped: "99" }, value: 100n, isUsedUp: false },
  { when: "the last was given out", row: { shipped: "100" }, value: 100n, isUsedUp: true },
  {
    when: "the last was given out of one that cycles",
    row: { shipped: "100", is_cycling: "1" },
    value: 1n,
    isUsedUp: false,
  },
  { when: "the next step leads beyond the end", row: { shipped: "95", increment: "10" }, value: 100n, isUsedUp: true },
  { when: "it descends and has given out its last", row: { shipped: "1", increment: "-1" }, value: 1n, isUsedUp: true },
  {
    when: "it descends and cycles",
    row: { shipped: "1", increment: "-1", is_cycling: "1" },
    value: 100n,
    isUsedUp: false,
  },
  { when: "the source's lies before what this one may give out", row: { shipped: "-20" }, value: 1n, isUsedUp: false },
  {
    when: "it ends where the type ends",
    row: { shipped: "9223372036854775807", maximum: "9223372036854775807" },
    value: 9223372036854775807n,
    isUsedUp: true,
  },
])("a sequence goes on within its limits where $when", ({ row, value, isUsedUp }) => {
  expect(restartOf({ ...sequence, ...row })).toEqual({ value, isUsedUp });
});

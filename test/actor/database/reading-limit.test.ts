import { expect, test } from "@jest/globals";
import { ReadingLimit } from "../../../actor/database/reading-limit.js";
import { errorMessage } from "../../../shared/core/app-error.js";
import { ManualClock } from "../../support/manual-clock.js";

test.each([
  { when: "ends in time", read: () => Promise.resolve("read"), result: "read" },
  { when: "fails by itself", read: () => Promise.reject(new Error("torn")), result: "torn" },
])("nothing waits any more for a reading that $when", async ({ read, result }) => {
  const clock = new ManualClock();
  const limit = new ReadingLimit(clock, 60_000);
  expect(await limit.run<string>("it", read).catch(errorMessage)).toBe(result);
  expect(clock.waiting).toBe(0);
});

import { describe, expect, test } from "@jest/globals";
import { endsWithin } from "../../../actor/database/ends-within.js";
import { ManualClock } from "../../support/manual-clock.js";

describe("work with a limit for waiting", () => {
  test("that has ended is said to have", async () => {
    expect(await endsWithin(Promise.resolve(), new ManualClock(), 1000)).toBe(true);
  });

  test("that fails within the limit rejects", async () => {
    await expect(endsWithin(Promise.reject(new Error("no")), new ManualClock(), 1000)).rejects.toThrow("no");
  });

  test("that takes longer goes on, and its failure afterwards troubles nobody", async () => {
    const clock = new ManualClock();
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise((_, reject) => {
      fail = reject;
    });
    const answer = endsWithin(work, clock, 1000);
    await clock.advance(1);
    expect(await answer).toBe(false);
    fail(new Error("later"));
    await clock.advance(1);
  });
});

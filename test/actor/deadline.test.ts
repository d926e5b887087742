import { expect, test } from "@jest/globals";
import { withDeadline } from "../../actor/deadline.js";
import { ManualClock, settled } from "../support/manual-clock.js";

const never = (): Promise<never> => new Promise(() => undefined);

test("work that ends in time gives its result and leaves no timer behind", async () => {
  const clock = new ManualClock();
  const parent = new AbortController();
  expect(await withDeadline(clock, "asking", 3, parent.signal, () => Promise.resolve(7))).toBe(7);
  await settled();
  expect(clock.waiting).toBe(0);
});

test("work that fails gives its own error", async () => {
  const failing = (): Promise<never> => Promise.reject(new Error("broken"));
  const running = withDeadline(new ManualClock(), "asking", 3, new AbortController().signal, failing);
  await expect(running).rejects.toThrow("broken");
});

test("work that takes longer is told by its signal and left behind at the limit, not before", async () => {
  const clock = new ManualClock();
  const told: boolean[] = [];
  const running = withDeadline(clock, "asking", 3, new AbortController().signal, (signal) => {
    signal.addEventListener("abort", () => told.push(true));
    return never();
  });
  const judged = expect(running).rejects.toMatchObject({
    code: "DEADLINE_EXCEEDED",
    message: "asking took longer than 3 s",
  });
  await clock.advance(2.999);
  expect(told).toEqual([]);
  await clock.advance(0.001);
  await judged;
  expect(told).toEqual([true]);
});

test("the parent's abort ends it at once, also when it came before", async () => {
  const parent = new AbortController();
  const judged = expect(withDeadline(new ManualClock(), "asking", 3, parent.signal, never)).rejects.toMatchObject({
    code: "ABORTED",
  });
  await settled();
  parent.abort();
  await judged;
  let isBegun = false;
  const late = withDeadline(new ManualClock(), "asking", 3, parent.signal, () => {
    isBegun = true;
    return never();
  });
  await expect(late).rejects.toMatchObject({ code: "ABORTED" });
  expect(isBegun).toBe(false);
});

import { getEventListeners } from "node:events";
import { expect, test } from "@jest/globals";
import { AppError } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { withDeadline } from "../../shared/deadline.js";

/** A clock whose only sleep ends when the test says so. */
function handClock() {
  let ring: () => void = () => undefined;
  let aborted = false;
  const clock: ClockPort = {
    monotonicMs: () => 0,
    wallMs: () => 0,
    sleep: (_ms, signal) =>
      new Promise((resolve, reject) => {
        ring = resolve;
        signal?.addEventListener("abort", () => {
          aborted = true;
          reject(new AppError("ABORTED", "cancelled"));
        });
      }),
  };
  return {
    clock,
    ring: () => {
      ring();
    },
    isTimerEnded: () => aborted,
  };
}

const never = () => new Promise<never>(() => undefined);

test("gives what the work gives, and ends its timer", async () => {
  const { clock, isTimerEnded } = handClock();
  expect(await withDeadline(clock, { limitSeconds: 1, what: "it" }, () => Promise.resolve(5))).toBe(5);
  expect(isTimerEnded()).toBe(true);
});

test("rejects as the work does", async () => {
  const failing = withDeadline(handClock().clock, { limitSeconds: 1, what: "it" }, () =>
    Promise.reject(new Error("x")),
  );
  await expect(failing).rejects.toThrow("x");
});

test("after the limit it is DEADLINE_EXCEEDED, though the work ignores its signal, which has aborted", async () => {
  const { clock, ring } = handClock();
  let given: AbortSignal | undefined;
  const waiting = withDeadline(clock, { limitSeconds: 3, what: "reading" }, (signal) => {
    given = signal;
    return never();
  });
  ring();
  await expect(waiting).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED", message: "reading did not end within 3 s" });
  expect(given?.aborted).toBe(true);
});

test("with the caller's signal it is ABORTED: before and during the work", async () => {
  const { clock } = handClock();
  let started = 0;
  const work = () => {
    started += 1;
    return never();
  };
  const options = { limitSeconds: 1, what: "it" };
  const before = withDeadline(clock, { ...options, signal: AbortSignal.abort() }, work);
  await expect(before).rejects.toMatchObject({ code: "ABORTED" });
  expect(started).toBe(0);
  const cancel = new AbortController();
  const during = withDeadline(clock, { ...options, signal: cancel.signal }, work);
  cancel.abort();
  await expect(during).rejects.toMatchObject({ code: "ABORTED" });
  expect(started).toBe(1);
});

test("the work's signal has aborted as soon as the caller's has", async () => {
  const { clock, isTimerEnded } = handClock();
  const cancel = new AbortController();
  let given: AbortSignal | undefined;
  const waiting = withDeadline(clock, { limitSeconds: 1, what: "it", signal: cancel.signal }, (signal) => {
    given = signal;
    return never();
  });
  cancel.abort();
  expect(given?.aborted).toBe(true);
  expect(isTimerEnded()).toBe(true);
  await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
});

test("work that throws at once leaves no timer and no listener behind", async () => {
  const { clock, isTimerEnded } = handClock();
  const { signal } = new AbortController();
  const failing = withDeadline(clock, { limitSeconds: 1, what: "it", signal }, () => {
    throw new Error("at once");
  });
  await expect(failing).rejects.toThrow("at once");
  expect(isTimerEnded()).toBe(true);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

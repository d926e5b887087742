import { expect, test } from "@jest/globals";
import { runUntilStopped } from "../../actor/retry-listener.js";
import { AppError } from "../../shared/core/app-error.js";
import { rememberLog } from "../support/log-memory.js";
import { ManualClock, settled } from "../support/manual-clock.js";

function createListener() {
  const calls: string[] = [];
  let open: () => Promise<{ port: number }> = () =>
    Promise.reject(new AppError("LISTENER_FAILED", "address in use", { hint: "end it" }));
  return {
    calls,
    openWith: (next: typeof open) => (open = next),
    start: () => {
      calls.push("start");
      return open();
    },
    stop: () => {
      calls.push("stop");
      return Promise.resolve();
    },
  };
}

test("a listener whose address is taken is tried again every five seconds until it opens", async () => {
  const [listener, clock, log] = [createListener(), new ManualClock(), rememberLog()];
  const running = runUntilStopped(listener, { name: "link", clock, log });
  await running.firstAttempt;
  expect(running.isListening()).toBe(false);
  await clock.advance(4.9);
  expect(listener.calls).toEqual(["start"]);
  await clock.advance(20);
  expect(listener.calls).toHaveLength(5);
  expect(log.lines.map(({ event, fields }) => [event, fields["hint"]])).toEqual([["listener-not-started", "end it"]]);
  listener.openWith(() => Promise.resolve({ port: 7401 }));
  await clock.advance(0.1);
  await settled();
  expect(running.isListening()).toBe(true);
  await clock.advance(60);
  expect(listener.calls).toHaveLength(6);
  expect(log.lines.map(({ event }) => event)).toEqual(["listener-not-started", "listening"]);
  await running.stop();
  expect(listener.calls.slice(5)).toEqual(["start", "stop"]);
});

test("a listener that was stopped is not tried again", async () => {
  const [listener, clock, log] = [createListener(), new ManualClock(), rememberLog()];
  const running = runUntilStopped(listener, { name: "link", clock, log });
  await running.firstAttempt;
  expect(running.isListening()).toBe(false);
  const stopping = running.stop();
  expect(running.isListening()).toBeUndefined();
  await stopping;
  expect(running.isListening()).toBeUndefined();
  await clock.advance(60);
  expect(listener.calls).toEqual(["start", "stop"]);
});

test("a listener that opens just while it is stopped does not stay open", async () => {
  const [listener, clock, log] = [createListener(), new ManualClock(), rememberLog()];
  let opened: (port: { port: number }) => void = () => undefined;
  listener.openWith(() => new Promise((resolve) => (opened = resolve)));
  const running = runUntilStopped(listener, { name: "link", clock, log });
  expect(running.isListening()).toBeUndefined();
  const stopping = running.stop();
  await settled();
  expect(listener.calls).toEqual(["start"]);
  opened({ port: 7401 });
  await stopping;
  expect(listener.calls).toEqual(["start", "stop"]);
});

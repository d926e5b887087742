import { expect, test } from "@jest/globals";
import { runLoop } from "../../../actor/watch/loop.js";
import { AppError } from "../../../shared/core/app-error.js";
import { benchContext } from "../../support/context-bench.js";

test("a loop goes on after a failure, which is counted each time and logged once", async () => {
  const { context, ports, stopping } = await benchContext("primary");
  const failures = [
    new AppError("PEER_UNREACHABLE", "gone"),
    new AppError("PEER_UNREACHABLE", "gone"),
    new Error("oops"),
    undefined,
    new Error("oops"),
  ];
  let ticks = 0;
  const running = runLoop(
    context,
    "probe",
    () => 2,
    () => {
      const failure = failures[ticks];
      ticks += 1;
      return failure ? Promise.reject(failure) : Promise.resolve();
    },
  );
  await ports.clock.advance(7.9);
  expect(ticks).toBe(4);
  await ports.clock.advance(0.1);
  expect(ticks).toBe(5);
  expect(context.situation.counters.get("loop_failures.probe")).toBe(4);
  expect(ports.log.lines.map(({ level, fields }) => [level, fields["code"]])).toEqual([
    ["warn", "PEER_UNREACHABLE"],
    ["error", "bug"],
    ["error", "bug"],
  ]);
  stopping.abort();
  await running;
  await ports.clock.advance(10);
  expect(ticks).toBe(5);
});

test("a tick that fails because the actor stops is no failure", async () => {
  const { context, ports, stopping } = await benchContext("primary");
  await runLoop(
    context,
    "probe",
    () => 2,
    () => {
      stopping.abort();
      return Promise.reject(new AppError("ABORTED", "cancelled"));
    },
  );
  expect(context.situation.counters.size).toBe(0);
  expect(ports.log.lines).toEqual([]);
});

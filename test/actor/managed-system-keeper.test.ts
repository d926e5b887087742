import { describe, expect, test } from "@jest/globals";
import type { OwnershipRecord } from "../../actor/core/ownership-record.js";
import { AppError } from "../../shared/core/app-error.js";
import { benchContext, firstRecord } from "../support/context-bench.js";
import { settled } from "../support/manual-clock.js";

describe("the choke point before a start", () => {
  test.each<{ when: string; read: OwnershipRecord | undefined; because: RegExp }>([
    {
      when: "the record names the peer in a newer epoch",
      read: { ...firstRecord, epoch: 2, active: "secondary" },
      because: /newer than what is known/,
    },
    {
      when: "the record is its own, but newer than known",
      read: { ...firstRecord, epoch: 2 },
      because: /newer than what is known/,
    },
    { when: "the record is older than known", read: { ...firstRecord, epoch: 0 }, because: /answers epoch 0/ },
    {
      when: "the record is of another operation",
      read: { ...firstRecord, operationId: "x" },
      because: /two different records/,
    },
    { when: "there is no record", read: undefined, because: /no ownership record/ },
  ])("refuses when $when", async ({ read, because }) => {
    const { context, ports } = await benchContext("primary");
    ports.record = read;
    await expect(context.keeper.start(context.signal)).rejects.toMatchObject({ code: "OWNERSHIP_LOST" });
    await expect(context.keeper.start(context.signal)).rejects.toThrow(because);
    expect(ports.done).toEqual([]);
    expect(context.situation.confirmedAtMs).toBeUndefined();
  });

  test("refuses on the server that the record does not name", async () => {
    const { context, ports } = await benchContext("secondary");
    await expect(context.keeper.start(context.signal)).rejects.toThrow(/names the primary/);
    expect(ports.done).toEqual([]);
  });

  test("refuses when the update server does not answer in time", async () => {
    const { context, ports } = await benchContext("primary");
    ports.readRecord = () => new Promise(() => undefined);
    const starting = expect(context.keeper.start(context.signal)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await ports.clock.advance(context.settings.dns.limitSeconds);
    await starting;
    expect(ports.done).toEqual([]);
  });

  test.each([
    { frozenSeconds: 9.9, isStarted: true },
    { frozenSeconds: 10, isStarted: true },
    { frozenSeconds: 10.1, isStarted: false },
  ])("starts: $isStarted, when $frozenSeconds s have passed since it asked for the record", async (row) => {
    const { context, ports } = await benchContext("primary");
    ports.readRecord = () => {
      // Frozen: time goes on and no timer of this process runs.
      ports.clock.nowMs += row.frozenSeconds * 1000;
      return Promise.resolve(firstRecord);
    };
    const outcome = await context.keeper.start(context.signal).then(
      () => "started",
      (error: unknown) => (error as AppError).code,
    );
    expect(outcome).toBe(row.isStarted ? "started" : "OWNERSHIP_UNCLEAR");
    expect(ports.isServing).toBe(row.isStarted);
  });

  test("counts the reading as a confirmation as of the question", async () => {
    const { context, ports } = await benchContext("primary");
    const askedAtMs = ports.clock.nowMs;
    ports.readRecord = () => {
      ports.clock.nowMs += 2000;
      return Promise.resolve(firstRecord);
    };
    await context.keeper.start(context.signal);
    expect(context.situation).toMatchObject({ confirmedAtMs: askedAtMs, shouldStart: false, isFenced: false });
  });
});

describe("a stop", () => {
  test("that comes during a start aborts it and has the last word", async () => {
    const { context, ports } = await benchContext("primary");
    ports.startApp = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          reject(new AppError("ABORTED", "start cancelled"));
        });
      });
    const starting = expect(context.keeper.start(context.signal)).rejects.toMatchObject({ code: "ABORTED" });
    await settled();
    await context.keeper.stop("fenced", context.signal);
    await starting;
    expect(ports.done).toEqual(["start", "stop"]);
    expect(context.situation.isServing).toBe(false);
  });

  test("does not say stopped while a start that does not listen may still bring it up, and then stops that too", async () => {
    const { context, ports } = await benchContext("primary");
    let finish = (): void => undefined;
    ports.startApp = () => new Promise((resolve) => (finish = resolve));
    const starting = expect(context.keeper.start(context.signal)).rejects.toMatchObject({ code: "ABORTED" });
    await settled();
    const progress = { isStopped: false };
    const stopping = context.keeper.stop("fenced", context.signal).then(() => {
      progress.isStopped = true;
    });
    await settled();
    expect(progress.isStopped).toBe(false);
    finish();
    await Promise.all([starting, stopping]);
    expect(ports.done).toEqual(["start", "stop", "stop"]);
    expect(ports.isServing).toBe(false);
  });

  test("fails when a start that does not listen does not end either", async () => {
    const { context, ports } = await benchContext("primary");
    ports.startApp = () => new Promise(() => undefined);
    const starting = expect(context.keeper.start(context.signal)).rejects.toMatchObject({ code: "ABORTED" });
    await settled();
    const stopping = expect(context.keeper.stop("fenced", context.signal)).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    await ports.clock.advance(context.settings.ownership.stopSeconds * 2);
    await Promise.all([starting, stopping]);
  });

  test("fails when something still serves afterwards", async () => {
    const { context, ports } = await benchContext("primary");
    ports.managedSystem.isServing = () =>
      Promise.resolve({ serving: true, isWhole: false, because: "port 80 answers" });
    await expect(context.keeper.stop("fenced", context.signal)).rejects.toThrow(/does not stop: port 80 answers/);
  });

  test("does not wait for a managed system that hangs", async () => {
    const { context, ports } = await benchContext("primary");
    ports.managedSystem.stop = () => new Promise(() => undefined);
    const stopping = expect(context.keeper.stop("fenced", context.signal)).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    await ports.clock.advance(context.settings.ownership.stopSeconds * 2);
    await stopping;
  });
});

test("what cannot be looked at counts as serving", async () => {
  const { context, ports } = await benchContext("primary");
  ports.managedSystem.isServing = () => Promise.reject(new AppError("MANAGED_SYSTEM_FAILED", "no such command"));
  expect(await context.keeper.look(context.signal)).toBe(true);
  expect(context.situation.servingBecause).toBe("unknown: no such command");
});

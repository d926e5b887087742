import { describe, expect, test } from "@jest/globals";
import { Remedy } from "../../../actor/database/remedy.js";
import { AppError } from "../../../shared/core/app-error.js";
import { testSettings } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";

function refusedByTarget(code: "DATABASE_FAILED" | "DATABASE_BUSY" | "DATABASE_VALUE_REFUSED"): Error {
  const cause = new AppError(code, "a value");
  return new AppError("PEER_REFUSED", "the target said: a value", { cause });
}

/** Fails so often with this; what came of it. */
async function afterFailures(error: Error, times: number, reinitialiseOnError: boolean) {
  const settings = testSettings("postgresql", 5432, "shop", { reinitialiseOnError });
  const remedy = new Remedy({ settings, log: rememberLog() });
  const seen = { copies: 0 };
  for (let time = 0; time < times; time += 1) {
    await remedy.apply(error, () => {
      seen.copies += 1;
      return Promise.resolve();
    });
  }
  return { copies: seen.copies, turnOff: remedy.takeTurnOff(), again: remedy.takeTurnOff() };
}

const failed = refusedByTarget("DATABASE_FAILED");
const required = new AppError("REINITIALISATION_REQUIRED", "must be copied anew");

describe("whether a copy is needed", () => {
  const settings = testSettings("postgresql", 5432, "shop", { reinitialiseOnError: false });
  const afterRequired = async (): Promise<Remedy> => {
    const remedy = new Remedy({ settings, log: rememberLog() });
    await remedy.apply(required, () => Promise.resolve());
    return remedy;
  };

  test("is remembered until the target is a whole copy again, also over what goes well meanwhile", async () => {
    const remedy = await afterRequired();
    expect(remedy.isCopyNeeded).toBe(true);
    remedy.noteSuccess(false);
    expect(remedy.isCopyNeeded).toBe(true);
    remedy.noteSuccess(true);
    expect(remedy.isCopyNeeded).toBe(false);
  });

  test("is not said of what passes by itself", async () => {
    const remedy = new Remedy({ settings, log: rememberLog() });
    await remedy.apply(refusedByTarget("DATABASE_BUSY"), () => Promise.resolve());
    expect(remedy.isCopyNeeded).toBe(false);
  });
});

describe("whether help is at hand, so that a failure is not fatal yet", () => {
  const remedyWith = (reinitialiseOnError: boolean): Remedy => {
    const settings = testSettings("postgresql", 5432, "shop", { reinitialiseOnError });
    return new Remedy({ settings, log: rememberLog() });
  };

  test("it is until a copy was tried, where a copy may be made without asking", async () => {
    const remedy = remedyWith(true);
    for (let time = 0; time < 3; time += 1) {
      expect(remedy.isAtHand(failed)).toBe(true);
      await remedy.apply(failed, () => Promise.resolve());
    }
    expect(remedy.isAtHand(failed)).toBe(false);
    remedy.noteSuccess(true);
    expect(remedy.isAtHand(failed)).toBe(true);
    expect(remedyWith(false).isAtHand(failed)).toBe(false);
  });

  test.each([
    { error: refusedByTarget("DATABASE_BUSY"), isAtHand: false },
    { error: new AppError("DATABASE_FAILED", "here"), isAtHand: false },
    { error: required, isAtHand: false },
  ])("it is not for $error.code of this side, nor for what a copy does not mend", ({ error, isAtHand }) => {
    expect(remedyWith(true).isAtHand(error)).toBe(isAtHand);
  });

  test("a target leaves to its source what a copy mends", () => {
    const here = new AppError("DATABASE_FAILED", "here");
    expect(remedyWith(true).isPeers(here)).toBe(true);
    expect(remedyWith(false).isPeers(here)).toBe(false);
    expect(remedyWith(true).isPeers(new AppError("DATABASE_SCHEMA_CHANGED", "here"))).toBe(false);
  });
});

describe("what is done about failures that repeat", () => {
  test.each([
    { when: "twice", error: failed, times: 2, setting: true, copies: 0, turnOff: undefined },
    { when: "three times", error: failed, times: 3, setting: true, copies: 1, turnOff: undefined },
    { when: "after a copy, too", error: failed, times: 9, setting: true, copies: 1, turnOff: undefined },
    { when: "twice, to be asked", error: failed, times: 2, setting: false, copies: 0, turnOff: undefined },
    { when: "three times, to be asked", error: failed, times: 3, setting: false, copies: 0, turnOff: failed.message },
    { when: "a copy is due", error: required, times: 1, setting: true, copies: 0, turnOff: undefined },
    {
      when: "a copy is due, to be asked",
      error: required,
      times: 1,
      setting: false,
      copies: 0,
      turnOff: required.message,
    },
    { when: "busy", error: refusedByTarget("DATABASE_BUSY"), times: 9, setting: true, copies: 0, turnOff: undefined },
    {
      when: "busy, to be asked",
      error: refusedByTarget("DATABASE_BUSY"),
      times: 9,
      setting: false,
      copies: 0,
      turnOff: undefined,
    },
    {
      when: "here",
      error: new AppError("DATABASE_FAILED", "x"),
      times: 9,
      setting: false,
      copies: 0,
      turnOff: undefined,
    },
  ])("$when (copies by itself: $setting)", async ({ error, times, setting, copies, turnOff }) => {
    expect(await afterFailures(error, times, setting)).toEqual({ copies, turnOff, again: undefined });
  });

  test("a success in between begins the count anew, and a whole copy allows the next one", async () => {
    const remedy = new Remedy({ settings: testSettings("postgresql", 5432, "shop"), log: rememberLog() });
    let copies = 0;
    const fail = (): Promise<void> =>
      remedy.apply(failed, () => {
        copies += 1;
        return Promise.resolve();
      });
    for (const isTargetComplete of [false, false, true]) {
      await fail();
      await fail();
      remedy.noteSuccess(isTargetComplete);
    }
    expect(copies).toBe(0);
    for (let time = 0; time < 4; time += 1) await fail();
    remedy.noteSuccess(true);
    for (let time = 0; time < 3; time += 1) await fail();
    expect(copies).toBe(2);
  });
});

import { describe, expect, test } from "@jest/globals";
import {
  readingLimitMs,
  VerificationSchedule,
  type VerifiedSide,
} from "../../../actor/database/verification-schedule.js";
import type { SideIo } from "../../../actor/database/side.js";
import { AppError } from "../../../shared/core/app-error.js";
import { testSettings } from "../../support/database-fixture.js";
import { rememberLog } from "../../support/log-memory.js";
import { ManualClock } from "../../support/manual-clock.js";

const hourMs = 3_600_000;

describe("a scheduled verification", () => {
  function scheduleAt(clock: { nowMs: number }, verificationSeconds = 24 * 3600): VerificationSchedule {
    const settings = testSettings("postgresql", 1, "shop", { verificationSeconds });
    return new VerificationSchedule({ settings, clock: { wallMs: () => clock.nowMs } } as unknown as SideIo);
  }

  test("becomes due also where the actor starts anew every night", () => {
    const clock = { nowMs: 1_000 * hourMs };
    const verifiedAtMs = clock.nowMs;
    const due: number[] = [];
    for (let night = 0; night < 3; night += 1) {
      const schedule = scheduleAt(clock);
      schedule.begin(verifiedAtMs);
      for (let hour = 0; hour < 23; hour += 1, clock.nowMs += hourMs) {
        if (schedule.isDue()) due.push((clock.nowMs - verifiedAtMs) / hourMs);
      }
    }
    // 24 hours after the last one, an hour after the start of the second night; it was never done, so it stays due.
    expect(due[0]).toBe(24);
  });

  test("waits a quarter of an hour after a start, when it is overdue", () => {
    const clock = { nowMs: 1_000 * hourMs };
    const schedule = scheduleAt(clock);
    schedule.begin(0);
    clock.nowMs += 14 * 60_000;
    expect(schedule.isDue()).toBe(false);
    clock.nowMs += 60_000;
    expect(schedule.isDue()).toBe(true);
  });

  test("is never due where the setting says so", () => {
    const clock = { nowMs: 1_000 * hourMs };
    const schedule = scheduleAt(clock, 0);
    schedule.begin(0);
    clock.nowMs += 1_000 * hourMs;
    expect(schedule.isDue()).toBe(false);
  });
});

describe("a table without a key that is too large for one reading", () => {
  const signal = new AbortController().signal;
  const tables = ["large", "small"].map((name) => ({ schema: "public", name, columns: [], keyColumns: [] }));

  function open() {
    const asked: string[] = [];
    const noted: number[] = [];
    let isTooLarge = true;
    const io = {
      settings: testSettings("postgresql", 1, "shop"),
      clock: new ManualClock(),
      log: rememberLog(),
      engine: { noteVerified: (atMs: number) => Promise.resolve(void noted.push(atMs)) },
    };
    const send: VerifiedSide["send"] = ([check]) => {
      asked.push(check?.table ?? "");
      if (isTooLarge && check?.limitMs !== undefined && check.table === "public.large") {
        return Promise.reject(new AppError("DEADLINE_EXCEEDED", "the point gave nothing"));
      }
      const same = { isSame: true, rows: 1, middle: null, differences: [], unnamed: 0 };
      return Promise.resolve({ sums: check ? [{ ...check, rows: 1, sum: "1" }] : [], answers: [same] });
    };
    const side = { tables, send, readingLimitMs };
    const schedule = new VerificationSchedule(io as unknown as SideIo);
    const verify = () => schedule.verify(side, { isRepairing: false, loadPercent: 100 }, signal);
    const shrink = (): void => {
      isTooLarge = false;
    };
    return { schedule, side, verify, asked, noted, shrink };
  }

  test("leaves the database unverified, and is named", async () => {
    const { schedule, verify, noted, shrink } = open();
    expect(await verify()).toMatchObject({ unverified: ["public.large"], rows: 1 });
    expect(noted).toEqual([]);
    expect(schedule.view).toMatchObject({ isRunning: false, verifiedAtMs: 0, unverified: ["public.large"] });
    shrink();
    expect(await verify()).toMatchObject({ unverified: [], rows: 2 });
    expect(noted).toHaveLength(1);
    expect(schedule.view.unverified).toEqual([]);
  });

  test("is not read again before the next round, whatever else asks for it", async () => {
    const { schedule, side, verify, asked, shrink } = open();
    await schedule.verifyTables(side, ["public.large", "public.small"], signal);
    expect(asked.splice(0)).toEqual(["public.large", "public.small"]);
    await schedule.verifyTables(side, ["public.large", "public.small"], signal);
    await schedule.verifyTables(side, ["public.large"], signal);
    expect(asked.splice(0)).toEqual(["public.small"]);
    await verify();
    expect(asked.splice(0)).toEqual(["public.large", "public.small"]);
    shrink();
    await verify();
    await schedule.verifyTables(side, ["public.large"], signal);
    expect(asked.splice(0)).toEqual(["public.large", "public.small", "public.large"]);
  });

  test("is read for as long as it takes where no other point waits", async () => {
    const { schedule, side, verify, asked } = open();
    await verify();
    asked.splice(0);
    await schedule.verifyTables({ ...side, readingLimitMs: undefined }, ["public.large"], signal);
    expect(asked).toEqual(["public.large"]);
  });
});

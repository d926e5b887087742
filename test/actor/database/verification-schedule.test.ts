import { describe, expect, test } from "@jest/globals";
import { VerificationSchedule } from "../../../actor/database/verification-schedule.js";
import type { SideIo } from "../../../actor/database/side.js";
import { testSettings } from "../../support/database-fixture.js";

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

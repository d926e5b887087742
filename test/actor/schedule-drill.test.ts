import { expect, test } from "@jest/globals";
import { scheduledJobs } from "node-schedule";
import { scheduleDrill } from "../../actor/schedule-drill.js";
import { AppError } from "../../shared/core/app-error.js";
import { rememberLog } from "../support/log-memory.js";
import { until } from "../support/until.js";

/** A spare that holds no drill, and is asked all the same. */
function refusingSpare() {
  const asked: string[] = [];
  const beginDrill = (requestedBy: string): Promise<never> => {
    asked.push(requestedBy);
    return Promise.reject(new AppError("OPERATION_REFUSED", "this server is active"));
  };
  return { asked, beginDrill };
}

test("by the calendar a drill is asked for, and that it is refused is one line of the log", async () => {
  const log = rememberLog();
  const spare = refusingSpare();
  // Six fields: each second. The setting itself has five.
  const drills = scheduleDrill("* * * * * *", spare, log);
  await until(() => log.lines.length > 0, 60_000);
  drills.cancel();
  expect(spare.asked[0]).toBe("the schedule");
  expect(log.lines[0]).toEqual({
    level: "info",
    event: "drill-not-held",
    fields: { because: "this server is active" },
  });
  expect(Object.keys(scheduledJobs)).toEqual([]);
}, 120_000);

test("without a schedule nothing is planned", () => {
  scheduleDrill("", refusingSpare(), rememberLog()).cancel();
  expect(Object.keys(scheduledJobs)).toEqual([]);
});

test("a moment that never comes is an error that names the setting and its value", () => {
  expect(() => scheduleDrill("0 3 31 2 *", refusingSpare(), rememberLog())).toThrow(
    'drill.schedule: "0 3 31 2 *" names no moment that ever comes',
  );
});

import { expect, test } from "@jest/globals";
import { isCronLine } from "../../../../shared/core/settings/cron-line.js";
import { drillSettings } from "../../../../shared/core/settings/drill-settings.js";

test.each([
  ["0 3 * * 0", true],
  ["*/15 0-6,22-23 1,15 * 1-5", true],
  ["59 23 31 12 7", true],
  ["0 3 * *", false],
  ["0 0 3 * * 0", false],
  ["60 3 * * 0", false],
  ["0 24 * * 0", false],
  ["0 3 0 * 0", false],
  ["0 3 * 13 0", false],
  ["0 3 * * 8", false],
  ["0 6-3 * * 0", false],
  ["*/0 3 * * 0", false],
  ["0,, 3 * * 0", false],
  ["@daily", false],
  ["nonsense", false],
])("%j is a cron line: %s", (text, is) => {
  expect(isCronLine(text)).toBe(is);
});

test("the schedule of drills takes nothing else, and says what it takes", () => {
  expect(drillSettings.parse({ schedule: "" }).schedule).toBe("");
  const { error } = drillSettings.safeParse({ schedule: "every sunday" });
  expect(error?.issues[0]).toMatchObject({ path: ["schedule"], message: expect.stringContaining("such as 0 3 * * 0") });
});

import { expect, test } from "@jest/globals";
import { scheduledJobs } from "node-schedule";
import { scheduleAnalyses } from "../../actor/schedule-analyses.js";
import { rememberLog } from "../support/log-memory.js";
import { until } from "../support/until.js";

function askedFiles() {
  const asked: string[] = [];
  return {
    asked,
    requestAnalysis: (hasContent: boolean, names: readonly string[]): Promise<readonly string[]> => {
      asked.push(`${hasContent ? "content" : "full"} of ${names.join(", ")}`);
      return Promise.resolve(names);
    },
  };
}

test("each folder is analysed in full by its own calendar, the contents of all by one", async () => {
  const files = askedFiles();
  // Six fields: each second. The settings themselves have five.
  const everySecond = "* * * * * *";
  const folders = [
    { name: "uploads", fullAnalysisAt: everySecond },
    { name: "reports", fullAnalysisAt: "" },
  ];
  const analyses = scheduleAnalyses({ folders, contentAnalysisAt: everySecond }, files, rememberLog());
  try {
    await until(() => new Set(files.asked).size === 2, 60_000);
  } finally {
    analyses.cancel();
  }
  expect(new Set(files.asked)).toEqual(new Set(["full of uploads", "content of uploads, reports"]));
  expect(Object.keys(scheduledJobs)).toEqual([]);
}, 90_000);

test("a moment that never comes is an error that names the setting", () => {
  const folders = [{ name: "uploads", fullAnalysisAt: "0 3 31 2 *" }];
  expect(() => scheduleAnalyses({ folders, contentAnalysisAt: "" }, askedFiles(), rememberLog())).toThrow(
    'folders, uploads: fullAnalysisAt: "0 3 31 2 *" names no moment that ever comes',
  );
});

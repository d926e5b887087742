import { expect, test } from "@jest/globals";
import { prometheusDuration } from "../../alert-rules/prometheus-duration.js";

test.each([
  [0, "0s"],
  [0.5, "500ms"],
  [1.5, "1500ms"],
  [1, "1s"],
  [90, "90s"],
  [120, "2m"],
  [28800, "8h"],
  [86400, "1d"],
  [432000, "5d"],
])("%d s is %s", (seconds, text) => {
  expect(prometheusDuration(seconds)).toBe(text);
});

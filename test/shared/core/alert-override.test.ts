import { describe, expect, test } from "@jest/globals";
import { parseAlertOverride } from "../../../shared/core/alert-override.js";

describe("parseAlertOverride", () => {
  test.each([
    { text: "MainAppInvisible:60:86400", code: "MainAppInvisible", delaySeconds: 60, repeatSeconds: 86_400 },
    { text: "NotReady:0:1", code: "NotReady", delaySeconds: 0, repeatSeconds: 1 },
    {
      text: "MissingConnection:604800:432000",
      code: "MissingConnection",
      delaySeconds: 604_800,
      repeatSeconds: 432_000,
    },
    { text: "TurnedOff:1.5:-", code: "TurnedOff", delaySeconds: 1.5, repeatSeconds: undefined },
  ])("$text", ({ text, ...expected }) => {
    expect(parseAlertOverride(text)).toEqual(expected);
  });

  test.each([
    { when: "without a frequency", text: "MainAppInvisible:60", says: /CODE:delay:frequency/ },
    { when: "with a part too many", text: "MainAppInvisible:60:1:2", says: /CODE:delay:frequency/ },
    {
      when: "of a mistyped code",
      text: "MainAppInvisble:60:60",
      says: /did you mean MainAppInvisible\?.*MainAppInvisble/,
    },
    { when: "of what every object has", text: "constructor:60:60", says: /names no code.*constructor/ },
    { when: "with a negative delay", text: "TurnedOff:-1:60", says: /the delay -1/ },
    { when: "with a delay over a week", text: "TurnedOff:604801:60", says: /the delay 604801.*604800/ },
    { when: "with a frequency of nothing", text: "NotReady:1:0.5", says: /the frequency 0.5.*from 1/ },
    { when: "with a frequency Alertmanager would forget", text: "NotReady:1:432001", says: /432001.*432000/ },
    { when: "that repeats what has happened once", text: "TurnedOff:1:60", says: /said once: write TurnedOff:1:-/ },
    { when: "of the watchdog, which it would not change", text: "Watchdog:0:60", says: /Watchdog.*leave it out/ },
    { when: "with words", text: "TurnedOff:soon:60", says: /the delay soon/ },
  ])("refuses one $when, and says why", ({ text, says }) => {
    expect(parseAlertOverride(text)).toMatch(says);
  });
});

import { describe, expect, test } from "@jest/globals";
import { messageTiming, parseMessageOverride } from "../../../shared/core/message-timing.js";

describe("the timing of a message", () => {
  test("is the catalogue's unless the settings say another one", () => {
    expect(messageTiming("MissingConnection", [])).toEqual({ delaySeconds: 60, repeatSeconds: 28_800 });
    expect(messageTiming("TurnedOff", ["MissingConnection:5:10"])).toEqual({
      delaySeconds: 1,
      repeatSeconds: undefined,
    });
    expect(messageTiming("MissingConnection", ["MissingConnection:5:10"])).toEqual({
      delaySeconds: 5,
      repeatSeconds: 10,
    });
  });

  test.each<{ text: string; expected: object | undefined }>([
    {
      text: "MainAppInvisible:60:86400",
      expected: { code: "MainAppInvisible", delaySeconds: 60, repeatSeconds: 86_400 },
    },
    { text: "TurnedOn:0:-", expected: { code: "TurnedOn", delaySeconds: 0, repeatSeconds: undefined } },
    { text: "NoSuchCode:1:2", expected: undefined },
    { text: "TurnedOn:1:0", expected: undefined },
    { text: "TurnedOn:1", expected: undefined },
    { text: "TurnedOn:-1:2", expected: undefined },
    { text: "toString:1:2", expected: undefined },
  ])("reads $text", ({ text, expected }) => {
    expect(parseMessageOverride(text)).toEqual(expected);
  });
});

import { describe, expect, test } from "@jest/globals";
import { messageTiming } from "../../../shared/core/message-timing.js";

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
});

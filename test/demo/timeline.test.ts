import { describe, expect, test } from "@jest/globals";
import { Timeline } from "../../demo/timeline.js";

function written(isTTY: boolean, tell: (timeline: Timeline) => void): string {
  const parts: string[] = [];
  tell(new Timeline({ isTTY, write: (text) => parts.push(text) }));
  return parts.join("");
}

describe("the timeline", () => {
  test("is plain text where it is not shown on a terminal", () => {
    const text = written(false, (timeline) => {
      timeline.live("counts");
      timeline.tell("primary", "is killed", "red");
      timeline.endLive();
    });
    expect(text).toMatch(/^ +\d\.\d s {2}primary {7}is killed\n$/);
  });

  test("takes its live line away before it writes another and puts it back afterwards", () => {
    const text = written(true, (timeline) => {
      timeline.live("counts");
      timeline.tell("primary", "is killed");
      timeline.endLive();
    });
    const [first, second, third] = text.split("\r\u001b[2K");
    expect(first).toContain("counts");
    expect(second).toMatch(/is killed\n.*counts/);
    expect(third).toBe("");
  });
});

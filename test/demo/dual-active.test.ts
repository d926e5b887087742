import { describe, expect, test } from "@jest/globals";
import { dualActiveSeconds, type Observation } from "../../demo/dual-active.js";

let number = 0;
function seen(server: Observation["server"], at: number, outcome: Observation["outcome"] = "accepted"): Observation {
  number += 1;
  return { id: `${server}-${String(number)}`, server, sentAtMs: at, endedAtMs: at + 10, outcome };
}

describe("the time both applications accepted writes", () => {
  test.each([
    { when: "one server serves", observations: [seen("primary", 0), seen("primary", 100)], seconds: 0 },
    {
      when: "the secondary begins after the primary refused",
      observations: [seen("primary", 0), seen("primary", 100, "refused"), seen("secondary", 200)],
      seconds: 0,
    },
    {
      when: "the primary serves on beside the secondary",
      observations: [seen("primary", 0), seen("secondary", 100), seen("primary", 500), seen("secondary", 400)],
      seconds: 0.31,
    },
    {
      when: "the primary comes back between two writes to the secondary",
      observations: [seen("secondary", 0), seen("primary", 40), seen("secondary", 100)],
      seconds: 0.01,
    },
    {
      when: "the primary refused in between and came back later",
      observations: [
        seen("primary", 0),
        seen("primary", 100, "refused"),
        seen("secondary", 200),
        seen("secondary", 300),
        seen("secondary", 350, "refused"),
        seen("primary", 400),
      ],
      seconds: 0,
    },
  ])("is as it was when $when", ({ observations, seconds }) => {
    expect(dualActiveSeconds(observations, new Set())).toBeCloseTo(seconds, 5);
  });

  test("counts a write without an answer when it is found in a database, and only then", () => {
    const unknown = seen("primary", 150, "unknown");
    const observations = [seen("secondary", 100), unknown, seen("secondary", 200)];
    expect(dualActiveSeconds(observations, new Set())).toBe(0);
    expect(dualActiveSeconds(observations, new Set([unknown.id]))).toBeCloseTo(0.01, 5);
  });
});

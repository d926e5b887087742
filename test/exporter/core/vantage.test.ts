import { expect, test } from "@jest/globals";
import { nextVantage } from "../../../exporter/core/vantage.js";

test.each([
  { when: "the actor says this server", previous: undefined, answer: { active: "secondary" }, next: "active" },
  { when: "the actor says the other", previous: "active", answer: { active: "primary" }, next: "standby" },
  { when: "the actor does not know", previous: "standby", answer: {}, next: undefined },
  { when: "a standby's actor is dead: nothing else can make it active", previous: "standby", next: "standby" },
  { when: "an active server's actor is dead: it may have been replaced", previous: "active", next: undefined },
  { when: "nothing was ever known", previous: undefined, next: undefined },
] as const)("$when: $next", ({ previous, next, ...rest }) => {
  expect(nextVantage(previous, "secondary", "answer" in rest ? rest.answer : undefined)).toBe(next);
});

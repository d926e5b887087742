import { expect, test } from "@jest/globals";
import { createLinkSessions } from "../../../actor/link/link-sessions.js";
import { countingRandom } from "../../support/loopback-clock.js";

test("a counter is taken once per session, and only in sessions given here", () => {
  const sessions = createLinkSessions(countingRandom("s"));
  const [one, two] = [sessions.open(), sessions.open()];
  expect(sessions.take(one, 1)).toBe("fresh");
  expect(sessions.take(one, 1)).toBe("replayed");
  expect(sessions.take(two, 1)).toBe("fresh");
  expect(sessions.take("s9", 1)).toBe("unknown-session");
  expect(sessions.take("", 1)).toBe("unknown-session");
});

test("any number of greetings does not displace a session in use", () => {
  const sessions = createLinkSessions(countingRandom("s"));
  const used = sessions.open();
  sessions.take(used, 1);
  for (let n = 0; n < 1000; n += 1) sessions.open();
  expect(sessions.take(used, 1)).toBe("replayed");
  expect(sessions.take(used, 2)).toBe("fresh");
});

test("the session used longest ago is given up for the ninth, and its messages are refused", () => {
  const sessions = createLinkSessions(countingRandom("s"));
  const nine = Array.from({ length: 9 }, () => sessions.open());
  nine.slice(0, 8).forEach((session) => sessions.take(session, 1));
  sessions.take(nine[0]!, 2);
  sessions.take(nine[8]!, 1);
  expect(nine.map((session) => sessions.take(session, 1))).toEqual(
    nine.map((_, n) => (n === 1 ? "unknown-session" : "replayed")),
  );
});

test("a session that was never used is given up for the thirty-third", () => {
  const sessions = createLinkSessions(countingRandom("s"));
  const first = sessions.open();
  for (let n = 0; n < 32; n += 1) sessions.open();
  expect(sessions.take(first, 1)).toBe("unknown-session");
});

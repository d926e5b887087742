import { beforeEach, describe, expect, test } from "@jest/globals";
import { createSessions, sessionSeconds, type Sessions } from "../../../../actor/http/ops/sessions.js";
import type { Caller } from "../../../../actor/http/route.js";
import { ManualClock } from "../../../support/manual-clock.js";

const olga: Caller = { name: "olga", role: "operator" };
let clock: ManualClock;
let tokens: Map<string, Caller>;
let sessions: Sessions;
beforeEach(() => {
  clock = new ManualClock();
  tokens = new Map([
    ["o", olga],
    ["a", { name: "alerts", role: "alertmanager" }],
  ]);
  sessions = createSessions((token) => tokens.get(token), clock);
});

const callerAfter = (cookie: string | undefined, seconds: number): Caller | undefined => {
  clock.nowMs += seconds * 1000;
  return sessions.find(cookie)?.caller;
};

describe("a sign-in", () => {
  test("ends 15 minutes after its last request, and not 15 minutes after the first", () => {
    expect(sessionSeconds).toBe(15 * 60);
    const cookie = sessions.signIn("o");
    expect([callerAfter(cookie, 900), callerAfter(cookie, 900)]).toEqual([olga, olga]);
    expect(callerAfter(cookie, 900.001)).toBeUndefined();
    // Over is over: a request that came too late does not bring it back.
    expect(callerAfter(cookie, 0)).toBeUndefined();
  });

  test("ends with its token, also when that is given back later", () => {
    const cookie = sessions.signIn("o");
    tokens.delete("o");
    expect(callerAfter(cookie, 1)).toBeUndefined();
    tokens.set("o", olga);
    expect(callerAfter(cookie, 1)).toBeUndefined();
  });

  test("has the role that its token has now", () => {
    const cookie = sessions.signIn("o");
    tokens.set("o", { name: "olga", role: "viewer" });
    expect(callerAfter(cookie, 1)).toEqual({ name: "olga", role: "viewer" });
    tokens.set("o", { name: "olga", role: "alertmanager" });
    expect(callerAfter(cookie, 1)).toBeUndefined();
  });

  test("ends when its user signs out, and no other one does", () => {
    const [first, second] = [sessions.signIn("o"), sessions.signIn("o")];
    sessions.signOut(first);
    expect([callerAfter(first, 1), callerAfter(second, 1)]).toEqual([undefined, olga]);
  });

  test("is for nobody, and for no role that has no pages", () => {
    expect([sessions.signIn("x"), sessions.signIn("a"), sessions.find("x"), sessions.find(undefined)]).toEqual([
      ...[undefined, undefined, undefined, undefined],
    ]);
  });

  test("of a hundred others puts out the one that was idle longest", () => {
    const [idle, used] = [sessions.signIn("o"), sessions.signIn("o")];
    expect(callerAfter(idle, 1)).toEqual(olga);
    expect(callerAfter(used, 1)).toEqual(olga);
    for (let count = 0; count < 99; count += 1) sessions.signIn("o");
    expect([callerAfter(idle, 0), callerAfter(used, 0)]).toEqual([undefined, olga]);
  });
});

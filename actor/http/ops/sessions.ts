import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { ClockPort } from "../../../shared/core/clock-port.js";
import type { VerifyToken } from "../authorize.js";
import type { Caller } from "../route.js";

export interface Session {
  readonly caller: Caller;
  /** Must come back with each form: another page cannot know it. */
  readonly csrf: string;
}

/** Sign-ins of the operation pages. In memory only: a restart of the actor signs everybody out. */
export interface Sessions {
  /** The value of the cookie; undefined when the token is nobody's, or of a role that has no pages. */
  signIn(token: string): string | undefined;
  find(cookie: string | undefined): Session | undefined;
  signOut(cookie: string | undefined): void;
}

/** From the last request on: long enough to follow a switchover, short enough for a phone that is left lying about. */
export const sessionSeconds = 900;

/** More than ever work at once; the one that was idle longest leaves. */
const mostSessions = 100;

interface Kept {
  readonly token: string;
  readonly csrf: string;
  usedAtMs: number;
}

export function createSessions(verifyToken: VerifyToken, clock: ClockPort): Sessions {
  const kept = new Map<string, Kept>();
  const isOld = ({ usedAtMs }: Kept): boolean => clock.monotonicMs() - usedAtMs > sessionSeconds * 1000;
  const callerOf = (token: string): Caller | undefined => {
    const caller = verifyToken(token);
    return caller?.role === "alertmanager" ? undefined : caller;
  };
  return {
    signIn: (token) => {
      if (!callerOf(token)) return undefined;
      for (const [key, session] of kept) if (isOld(session)) kept.delete(key);
      const [idlest] = kept.keys();
      if (kept.size >= mostSessions && idlest !== undefined) kept.delete(idlest);
      const cookie = randomBytes(32).toString("base64url");
      kept.set(keyOf(cookie), { token, csrf: randomBytes(32).toString("base64url"), usedAtMs: clock.monotonicMs() });
      return cookie;
    },
    find: (cookie) => {
      if (cookie === undefined) return undefined;
      const key = keyOf(cookie);
      const session = kept.get(key);
      if (!session) return undefined;
      // A token that was taken away ends its sessions.
      const caller = isOld(session) ? undefined : callerOf(session.token);
      kept.delete(key);
      if (!caller) return undefined;
      session.usedAtMs = clock.monotonicMs();
      // Put in again, so that the first one is always the one that was idle longest.
      kept.set(key, session);
      return { caller, csrf: session.csrf };
    },
    signOut: (cookie) => {
      if (cookie !== undefined) kept.delete(keyOf(cookie));
    },
  };
}

/** Looked up by hash, so that the time of the look-up says nothing about the value. */
function keyOf(cookie: string): string {
  return createHash("sha256").update(cookie).digest("hex");
}

export function isSameSecret(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => createHash("sha256").update(text).digest()) as [Buffer, Buffer];
  return timingSafeEqual(first, second);
}

import type { RandomPort } from "../../shared/core/clock-port.js";
import { emptyReplayWindow, nextReplayWindow, type ReplayWindow } from "../core/replay-window.js";

/**
 * The sessions this server gave out, in memory only: a message of a session it does not know is refused, so neither a
 * restart nor giving up a session can make an old message acceptable again.
 */
export interface LinkSessions {
  /** A new session. The oldest one that was never used makes room, so that replayed hellos displace no used one. */
  open(): string;
  /** Takes the counter of an authentic message, once. */
  take(session: string, counter: number): "fresh" | "unknown-session" | "replayed";
}

/** The peer uses one session; the old ones are of its former starts. */
const usedLimit = 8;
const unusedLimit = 32;

export function createLinkSessions(random: RandomPort): LinkSessions {
  const unused = new Set<string>();
  const used = new Map<string, ReplayWindow>();
  return {
    open() {
      const session = random.id();
      unused.add(session);
      dropOldest(unused, unusedLimit);
      return session;
    },
    take(session, counter) {
      const window = unused.has(session) ? emptyReplayWindow : used.get(session);
      if (window === undefined) return "unknown-session";
      const next = nextReplayWindow(window, counter);
      if (next === undefined) return "replayed";
      unused.delete(session);
      // Set anew, so that the map's order is that of the last use.
      used.delete(session);
      used.set(session, next);
      dropOldest(used, usedLimit);
      return "fresh";
    },
  };
}

function dropOldest(kept: Set<string> | Map<string, unknown>, limit: number): void {
  if (kept.size <= limit) return;
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}

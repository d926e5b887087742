/**
 * The sliding window of RFC 4303 section 3.4.3: which counters of a session were seen. Senders number their messages
 * strictly upwards, but several sockets let them overtake each other, so "greater than the last one" would refuse
 * honest messages. A counter that fell behind the window is refused like a seen one: forgetting never accepts.
 */
export interface ReplayWindow {
  /** The highest counter accepted so far; 0 before the first. Counters start at 1. */
  readonly highest: number;
  /** Bit n stands for the counter `highest - n`; 1 = seen. */
  readonly seen: bigint;
}

/**
 * How far messages may overtake each other. A counter is checked when its headers arrive, and the client has at most
 * seven sockets, so 1024 is never reached by an honest peer.
 */
export const replayWindowSize = 1024;

const allBits = (1n << BigInt(replayWindowSize)) - 1n;

export const emptyReplayWindow: ReplayWindow = { highest: 0, seen: 0n };

/** The window after a message with this counter; undefined: seen before, too old or not a counter, so refuse it. */
export function nextReplayWindow(window: ReplayWindow, counter: number): ReplayWindow | undefined {
  if (!Number.isSafeInteger(counter) || counter < 1) return undefined;
  if (counter > window.highest) {
    const ahead = counter - window.highest;
    // A shift by the distance itself would let one message with a huge counter allocate a huge number.
    const kept = ahead >= replayWindowSize ? 0n : (window.seen << BigInt(ahead)) & allBits;
    return { highest: counter, seen: kept | 1n };
  }
  const behind = window.highest - counter;
  if (behind >= replayWindowSize) return undefined;
  const bit = 1n << BigInt(behind);
  return (window.seen & bit) === 0n ? { highest: window.highest, seen: window.seen | bit } : undefined;
}

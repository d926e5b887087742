/** Times of one heartbeat as the asking server knows them, in milliseconds. */
export interface HeartbeatTimes {
  /** This server's wall clock when the question was sent. */
  readonly sentAtWallMs: number;
  /** From question to answer by the monotonic clock: the wall clock may be set in between. */
  readonly roundTripMs: number;
  /** The peer's wall clock when it answered. */
  readonly peerWallMs: number;
}

export interface ClockOffset {
  /** Positive: the peer's clock is ahead. Wrong by at most half the round trip. */
  readonly offsetSeconds: number;
  readonly roundTripSeconds: number;
}

/** Estimates the difference of the two clocks, taking the answer as written halfway (as in RFC 5905, section 8). */
export function estimateClockOffset({ sentAtWallMs, roundTripMs, peerWallMs }: HeartbeatTimes): ClockOffset {
  return {
    offsetSeconds: (peerWallMs - (sentAtWallMs + roundTripMs / 2)) / 1000,
    roundTripSeconds: roundTripMs / 1000,
  };
}

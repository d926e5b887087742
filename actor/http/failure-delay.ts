import type { ClockPort } from "../../shared/core/clock-port.js";

/** With tokens of 256 random bits guessing is hopeless anyway; this keeps it from costing anything but time. */
const delayMs = 500;

/** Each waiting answer holds a connection; beyond this many, guessers are answered at once rather than kept. */
const waitingLimit = 50;

/** Waits the same short time before each answer to a failed authentication. */
export type DelayFailure = () => Promise<void>;

/**
 * A delay and no lock-out: whoever shares Alertmanager's address (a proxy, the same host) could otherwise shut it out
 * with a few wrong tokens, and with it the request for a failover.
 */
export function createFailureDelay(clock: ClockPort): DelayFailure {
  let waiting = 0;
  return async () => {
    if (waiting >= waitingLimit) return;
    waiting += 1;
    try {
      await clock.sleep(delayMs);
    } finally {
      waiting -= 1;
    }
  };
}

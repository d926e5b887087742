import type { RandomPort } from "../../shared/core/clock-port.js";
import { createSystemClock } from "../../shared/system-clock.js";

/** Real time, for tests over real sockets: virtual time cannot wait for the kernel. */
export const loopbackClock = createSystemClock();

/** Identifiers that are different and repeat exactly. */
export function countingRandom(prefix: string): RandomPort {
  let last = 0;
  return {
    id: () => {
      last += 1;
      return `${prefix}${last}`;
    },
  };
}

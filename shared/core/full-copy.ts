import type { StateName } from "./states.js";
import type { SyncItemStatus } from "./status.js";

/**
 * Whether a database waits for a full copy that nobody makes. That a copy is not known to be whole is not enough: so it is
 * after each start of an actor, and as long as the servers do not hear each other. A switched pair has no spare's copy to be whole: whether its
 * way back needs one is found out there, and mostly it does not.
 */
export function needsFullCopy(
  item: Pick<SyncItemStatus, "isComplete" | "isReinitialising" | "isCopyNeeded">,
  state: StateName,
): boolean {
  // An actor of an older version does not say what is needed.
  const { isComplete, isReinitialising, isCopyNeeded = !isComplete && !isReinitialising } = item;
  return isCopyNeeded && state !== "switched";
}

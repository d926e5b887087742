import type { StateName } from "./states.js";
import type { SyncItemStatus } from "./status.js";

/**
 * Whether a database waits for a full copy that nobody makes. A switched pair has no spare's copy to be whole: whether its
 * way back needs one is found out there, and mostly it does not.
 */
export function needsFullCopy(
  { isComplete, isReinitialising }: Pick<SyncItemStatus, "isComplete" | "isReinitialising">,
  state: StateName,
): boolean {
  return !isComplete && !isReinitialising && state !== "switched";
}

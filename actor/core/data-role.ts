import type { KeptFacts } from "./kept-facts.js";
import { isReadyToServe } from "./readiness.js";

/** What a server does with its data. The epoch is that of the ownership record under which data flow now. */
export type DataRole =
  /** Reads changes and sends them; `continuous: false` only journals (the state `switched`, until failback asks). */
  | { readonly role: "source"; readonly epoch: number; readonly continuous: boolean }
  /** Applies what the source of this epoch sends; refuses the application's writes. */
  | { readonly role: "target"; readonly epoch: number }
  /** Neither sends nor applies: nothing is known yet, or not whose data count. */
  | { readonly role: "idle"; readonly epoch: number };

/**
 * What this server does with its data, from kept facts alone. While this server takes over, it stays a target of the
 * former epoch until its copies are promoted: its own claim must not make it a source of half a copy. A configuration
 * error stops synchronisation, whichever of the two servers has found it.
 */
export function decideDataRole(facts: KeptFacts, isPeerInError = false): DataRole {
  const { record, operation, server } = facts;
  if (!record) return { role: "idle", epoch: 0 };
  if (record.active !== server) return { role: "target", epoch: record.epoch };
  if (!isReadyToServe(facts)) {
    // Nobody knows yet whose data are the ones that count, unless an operation says so.
    if (operation?.part !== "claimant") return { role: "idle", epoch: record.epoch };
    return { role: "target", epoch: operation.previous.epoch };
  }
  const hasError = isPeerInError || facts.configurationErrors.length > 0;
  const isContinuous = server === "primary" && facts.isEnabled && !hasError;
  return { role: "source", epoch: record.epoch, continuous: isContinuous };
}

export function isSameRole(a: DataRole, b: DataRole): boolean {
  const isContinuous = (role: DataRole): boolean => role.role === "source" && role.continuous;
  return a.role === b.role && a.epoch === b.epoch && isContinuous(a) === isContinuous(b);
}

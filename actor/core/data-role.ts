import type { KeptFacts } from "./kept-facts.js";

/** What a server does with its data. The epoch is that of the ownership record under which data flow now. */
export type DataRole =
  /** Reads changes and sends them; `continuous: false` only journals (the state `switched`, until failback asks). */
  | { readonly role: "source"; readonly epoch: number; readonly continuous: boolean }
  /** Applies what the source of this epoch sends; refuses the application's writes. */
  | { readonly role: "target"; readonly epoch: number }
  /** Neither sends nor applies: nothing is known yet. */
  | { readonly role: "idle"; readonly epoch: number };

/**
 * What this server does with its data, from kept facts alone. While this server takes over, it stays a target of the
 * former epoch until the step `promote-target` is done: its own claim must not make it a source of half a copy.
 */
export function decideDataRole(facts: KeptFacts): DataRole {
  const { record, operation, server } = facts;
  if (!record) return { role: "idle", epoch: 0 };
  if (record.active !== server) return { role: "target", epoch: record.epoch };
  const isTakingOver = operation?.part === "claimant" && operation.endedAtMs === 0 && operation.to === server;
  const isPromoted = operation?.steps.some((step) => step.name === "promote-target" && step.state === "done") ?? false;
  if (isTakingOver && !isPromoted) return { role: "target", epoch: operation.previous.epoch };
  const isContinuous = server === "primary" && facts.isEnabled && facts.configurationErrors.length === 0;
  return { role: "source", epoch: record.epoch, continuous: isContinuous };
}

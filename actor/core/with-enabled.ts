import type { KeptFacts } from "./kept-facts.js";

interface EnabledChange {
  readonly isEnabled: boolean;
  readonly because: string;
  readonly sequence: number;
}

/** The facts with SpareSync turned on or off, here or by the other server; that it was off is not forgotten. */
export function withEnabled(facts: KeptFacts, change: EnabledChange, atMs: number): KeptFacts {
  const { isEnabled, because, sequence } = change;
  const next = { ...facts, isEnabled, enabledBecause: because, enabledSequence: sequence };
  return isEnabled ? next : { ...next, lastTurnedOff: { atMs, because, isChecked: false } };
}

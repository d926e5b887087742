/**
 * The states of a server. They are computed from persisted facts by the table in actor/core/state-table.ts and never
 * stored. `unknown`, `stopped` and `inactive` describe only the peer as seen from here.
 */
export const stateNames = [
  "unknown",
  "stopped",
  "inactive",
  "turned_off",
  "switched",
  "configuration_error",
  "working",
  "working_with_errors",
  "switching_to_secondary",
  "switching_to_primary",
] as const;
export type StateName = (typeof stateNames)[number];

/** States a server can compute of itself. */
export const ownStateNames = [
  "turned_off",
  "switched",
  "configuration_error",
  "working",
  "working_with_errors",
  "switching_to_secondary",
  "switching_to_primary",
] as const satisfies readonly StateName[];
export type OwnStateName = (typeof ownStateNames)[number];

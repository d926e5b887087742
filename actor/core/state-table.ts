import type { OwnStateName, StateName } from "../../shared/core/states.js";
import type { ServerName } from "../../shared/core/server-name.js";
import type { OperationKind } from "../../shared/core/status.js";

/** The facts a server's own state is computed from. Nothing else decides it. */
export interface StateFacts {
  readonly isEnabled: boolean;
  readonly active: ServerName | undefined;
  readonly runningOperation: { readonly kind: OperationKind; readonly to: ServerName } | undefined;
  readonly configurationErrors: readonly { readonly reason: string }[];
  /** Warnings of synchronisation, an unreachable update server, a managed system that does not answer … */
  readonly warnings: readonly string[];
}

interface StateRow {
  readonly state: OwnStateName;
  readonly when: (facts: StateFacts) => boolean;
  readonly because: (facts: StateFacts) => string;
}

/** The first row that holds is the state; a test prints the whole table. */
export const stateTable: readonly StateRow[] = [
  {
    state: "switching_to_secondary",
    when: (facts) => facts.runningOperation?.to === "secondary",
    because: (facts) => `operation ${facts.runningOperation?.kind ?? ""} runs`,
  },
  {
    state: "switching_to_primary",
    when: (facts) => facts.runningOperation?.to === "primary",
    because: (facts) => `operation ${facts.runningOperation?.kind ?? ""} runs`,
  },
  { state: "turned_off", when: (facts) => !facts.isEnabled, because: () => "turned off by an operator" },
  {
    state: "configuration_error",
    when: (facts) => facts.configurationErrors.length > 0,
    because: (facts) => facts.configurationErrors.map((error) => error.reason).join(", "),
  },
  {
    state: "switched",
    when: (facts) => facts.active === "secondary",
    because: () => "the secondary is active until somebody switches back",
  },
  {
    state: "working_with_errors",
    when: (facts) => facts.warnings.length > 0 || facts.active === undefined,
    because: (facts) => (facts.active === undefined ? "no ownership record is known yet" : facts.warnings.join("; ")),
  },
  { state: "working", when: () => true, because: () => "" },
];

/** The state of this server and one sentence why. */
export function computeState(facts: StateFacts): { readonly state: OwnStateName; readonly because: string } {
  for (const row of stateTable) {
    if (row.when(facts)) return { state: row.state, because: row.because(facts) };
  }
  return { state: "working", because: "" };
}

/** What is known of the peer from here. Times are ages in seconds; Infinity: never. */
export interface PeerFacts {
  readonly heardAgeSeconds: number;
  readonly inactiveAfterSeconds: number;
  readonly hasAnnouncedStop: boolean;
  readonly reportedState: StateName | undefined;
}

/** The peer's state as seen from here: an orderly stop was announced, a lost connection was not. */
export function computePeerState(facts: PeerFacts): StateName {
  if (facts.hasAnnouncedStop) return "stopped";
  if (facts.reportedState === undefined) return "unknown";
  if (facts.heardAgeSeconds > facts.inactiveAfterSeconds) return "inactive";
  return facts.reportedState;
}

import type { OwnStateName, StateName } from "../../shared/core/states.js";
import type { ServerName } from "../../shared/core/server-name.js";
import type { OperationKind } from "../../shared/core/status.js";

/** The facts a server's own state is computed from. Nothing else decides it. */
export interface StateFacts {
  readonly isEnabled: boolean;
  /** Who turned it off or on last, and why. */
  readonly enabledBecause: string;
  readonly active: ServerName | undefined;
  readonly runningOperation: { readonly kind: OperationKind; readonly to: ServerName } | undefined;
  readonly configurationErrors: readonly { readonly reason: string }[];
  /** Warnings of synchronisation, an unreachable update server, a managed system that does not answer … */
  readonly warnings: readonly string[];
}

interface StateRow {
  readonly state: OwnStateName;
  /** The condition in words, for docs/states.md. */
  readonly meaning: string;
  readonly when: (facts: StateFacts) => boolean;
  readonly because: (facts: StateFacts) => string;
}

/** The first row that holds is the state; docs/states.md shows the whole table. */
export const stateTable: readonly StateRow[] = [
  {
    state: "switching_to_secondary",
    meaning: "an operation to the secondary is running",
    when: (facts) => facts.runningOperation?.to === "secondary",
    because: (facts) => `operation ${facts.runningOperation?.kind ?? ""} runs`,
  },
  {
    state: "switching_to_primary",
    meaning: "an operation to the primary is running",
    when: (facts) => facts.runningOperation?.to === "primary",
    because: (facts) => `operation ${facts.runningOperation?.kind ?? ""} runs`,
  },
  {
    state: "turned_off",
    meaning: "an operator has turned SpareSync off, or it has itself (`databases[].reinitialiseOnError`)",
    when: (facts) => !facts.isEnabled,
    because: (facts) => `turned off by ${facts.enabledBecause === "" ? "an operator" : facts.enabledBecause}`,
  },
  {
    state: "configuration_error",
    meaning: "there is a configuration error; it stops synchronisation and automatic switching",
    when: (facts) => facts.configurationErrors.length > 0,
    because: (facts) => facts.configurationErrors.map((error) => error.reason).join(", "),
  },
  {
    state: "switched",
    meaning: "the ownership record names the secondary",
    when: (facts) => facts.active === "secondary",
    because: () => "the secondary is active until somebody switches back",
  },
  {
    state: "working_with_errors",
    meaning: "something gives a warning, or no ownership record is known yet",
    when: (facts) => facts.warnings.length > 0 || facts.active === undefined,
    because: (facts) =>
      facts.active === undefined
        ? "no ownership record is known yet: it is read from the update server, or created once by: sparesync first-record"
        : facts.warnings.join("; "),
  },
  { state: "working", meaning: "nothing of the above", when: () => true, because: () => "" },
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

interface PeerStateRow {
  readonly state: StateName;
  readonly meaning: string;
  readonly when: (facts: PeerFacts) => boolean;
}

/** An orderly stop was announced, a lost connection was not. When no row holds the peer's own state counts. */
export const peerStateTable: readonly PeerStateRow[] = [
  { state: "stopped", meaning: "it announced an orderly stop", when: (facts) => facts.hasAnnouncedStop },
  {
    state: "unknown",
    meaning: "nothing was heard of it since this actor started",
    when: (facts) => facts.reportedState === undefined,
  },
  {
    state: "inactive",
    meaning: "it has been silent for longer than `link.inactiveAfterSeconds`",
    when: (facts) => facts.heardAgeSeconds > facts.inactiveAfterSeconds,
  },
];

/** The peer's state as seen from here. */
export function computePeerState(facts: PeerFacts): StateName {
  return peerStateTable.find((row) => row.when(facts))?.state ?? facts.reportedState ?? "unknown";
}

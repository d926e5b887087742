import { otherServer, type ServerName } from "../../shared/core/server-name.js";
import type { OperationKind } from "../../shared/core/status.js";

/** The steps, in the words that logs, metrics, plans and runbooks share. One file each in operations/steps. */
export const stepNames = [
  "check-readiness",
  "run-before-hooks",
  "check-target-stopped",
  "back-up-target-database",
  "synchronise-ahead",
  "stop-managed-system",
  "close-source-database",
  "drain",
  "hand-over",
  "stop-confirming",
  "claim-ownership",
  "await-peer-stopped",
  "raise-data-epoch",
  "promote-target",
  "start-managed-system",
  "check-test-page",
  "publish-addresses",
  "verify-addresses",
  "run-after-hooks",
] as const;
export type StepName = (typeof stepNames)[number];

export interface PlannedStep {
  readonly name: StepName;
  readonly runsOn: ServerName;
}

export interface SwitchoverPlan {
  readonly kind: OperationKind;
  readonly from: ServerName;
  readonly to: ServerName;
  readonly steps: readonly PlannedStep[];
}

const takeover: readonly StepName[] = [
  "stop-confirming",
  "claim-ownership",
  "await-peer-stopped",
  "raise-data-epoch",
  "promote-target",
  "start-managed-system",
  "check-test-page",
  "publish-addresses",
  "verify-addresses",
  "run-after-hooks",
];

/** The server that is to serve when an operation of this kind is done. */
export function targetOf(kind: OperationKind): ServerName {
  return kind === "switch-to-primary" || kind === "force-to-primary" ? "primary" : "secondary";
}

/** Planned: both servers work together and nothing is lost. All others are done by the server that takes over, alone. */
export function isPlanned(kind: OperationKind): boolean {
  return kind === "switch-to-secondary" || kind === "switch-to-primary";
}

export function isForced(kind: OperationKind): boolean {
  return kind === "force-to-secondary" || kind === "force-to-primary";
}

/**
 * The plan of an operation. Before the claim only the active server coordinates, after it only the claimant goes
 * forward (docs/ownership.md 8). The test page is answered before the name moves: the name never points to a dead application.
 */
export function planSwitchover(kind: OperationKind, to: ServerName): SwitchoverPlan {
  const from = otherServer(to);
  const claimantSteps = takeover.map((name) => ({ name, runsOn: to }));
  if (!isPlanned(kind)) {
    return { kind, from, to, steps: [{ name: "run-before-hooks", runsOn: to }, ...claimantSteps] };
  }
  const preparation: readonly StepName[] = [
    "check-readiness",
    "run-before-hooks",
    "check-target-stopped",
    ...(kind === "switch-to-primary" ? (["back-up-target-database"] as const) : []),
    "synchronise-ahead",
    "stop-managed-system",
    "close-source-database",
    "drain",
    "hand-over",
  ];
  return { kind, from, to, steps: [...preparation.map((name) => ({ name, runsOn: from })), ...claimantSteps] };
}

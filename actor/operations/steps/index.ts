import type { StepName } from "../../core/switchover-plan.js";
import type { Step } from "../step.js";
import { awaitPeerStopped } from "./await-peer-stopped.js";
import { backUpTargetDatabase } from "./back-up-target-database.js";
import { checkReadiness } from "./check-readiness.js";
import { checkTargetStopped } from "./check-target-stopped.js";
import { checkTestPage } from "./check-test-page.js";
import { claimOwnership } from "./claim-ownership.js";
import { closeSourceDatabase } from "./close-source-database.js";
import { drain } from "./drain.js";
import { handOver } from "./hand-over.js";
import { promoteTarget } from "./promote-target.js";
import { publishAddresses } from "./publish-addresses.js";
import { raiseDataEpoch } from "./raise-data-epoch.js";
import { runAfterHooks } from "./run-after-hooks.js";
import { runBeforeHooks } from "./run-before-hooks.js";
import { startManagedSystem } from "./start-managed-system.js";
import { stopConfirming } from "./stop-confirming.js";
import { stopManagedSystem } from "./stop-managed-system.js";
import { synchroniseAhead } from "./synchronise-ahead.js";
import { verifyAddresses } from "./verify-addresses.js";

/** The list of all steps. A new step is one file here, one name in switchover-plan.ts and one line below. */
export const steps: Readonly<Record<StepName, Step>> = {
  "check-readiness": checkReadiness,
  "run-before-hooks": runBeforeHooks,
  "check-target-stopped": checkTargetStopped,
  "back-up-target-database": backUpTargetDatabase,
  "synchronise-ahead": synchroniseAhead,
  "stop-managed-system": stopManagedSystem,
  "close-source-database": closeSourceDatabase,
  drain,
  "hand-over": handOver,
  "stop-confirming": stopConfirming,
  "claim-ownership": claimOwnership,
  "await-peer-stopped": awaitPeerStopped,
  "raise-data-epoch": raiseDataEpoch,
  "promote-target": promoteTarget,
  "start-managed-system": startManagedSystem,
  "check-test-page": checkTestPage,
  "publish-addresses": publishAddresses,
  "verify-addresses": verifyAddresses,
  "run-after-hooks": runAfterHooks,
};

export const stepTitles = Object.fromEntries(Object.values(steps).map((step) => [step.name, step.title])) as Readonly<
  Record<StepName, string>
>;

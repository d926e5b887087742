import type { Settings } from "../../shared/core/settings/settings.js";
import type { FailoverLimits } from "./failover-facts.js";

/** The limits of the failover decision as the settings have them. */
export function failoverLimits({ failover, externalResources, clock }: Settings): FailoverLimits {
  return {
    allowedUnavailabilitySeconds: failover.allowedUnavailabilitySeconds,
    probesConsidered: failover.probesConsidered,
    probesFailed: failover.probesFailed,
    whenConnected: failover.whenConnected,
    whenPeerStopped: failover.whenPeerStopped,
    acceptAssumption: failover.acceptAssumption,
    acceptSingleVantage: failover.acceptSingleVantage,
    externalResourcesRecoverySeconds: externalResources.recoverySeconds,
    maximumRecoveryPointSeconds: failover.maximumRecoveryPointSeconds,
    blockSeconds: failover.blockSeconds,
    maximumClockOffsetSeconds: clock.maximumOffsetSeconds,
  };
}

/**
 * Criteria of a failover that only an outage meets: unmet, they say that all is well. Every other unmet one says that the
 * spare could not take over (metric `sparesync_switchover_ready`, alert NotReady).
 */
export const outageCriteria: readonly string[] = [
  "asked",
  "probes-failed",
  "unavailable-long-enough",
  "connected-switch-allowed",
  "second-signal",
  "no-vantage-contradicts",
  // While all is well the active server holds the lease; a witness that does not answer has a metric of its own.
  "witness-allows",
];

/** Criteria that are unmet because people wanted it so: the spare is not ready, and nobody has to be told again. */
export const plannedCriteria: readonly string[] = ["automatic-switching-on", "not-paused", "not-in-service-interval"];

/**
 * Criteria of a failover that only an outage meets: unmet, they say that all is well. Every other unmet one says that the
 * spare could not take over although it should (metric `sparesync_switchover_ready`, alert NotReady).
 */
export const outageCriteria: readonly string[] = [
  "asked",
  "unavailable-long-enough",
  "connected-switch-allowed",
  "second-signal",
];

/** What became of an alert of Alertmanager's webhook; each has a counter `webhook_alerts.<outcome>`. */
export const alertOutcomes = [
  "accepted",
  "duplicate",
  "resolved",
  "not-a-request",
  "too-late",
  "other-pair",
  "not-asked-here",
] as const;
export type AlertOutcome = (typeof alertOutcomes)[number];

/** Posts to the webhook that were not taken; counted in the same way, as `webhook_alerts.<rejection>`. */
export const webhookRejections = ["unauthenticated", "oversized", "malformed", "failed"] as const;

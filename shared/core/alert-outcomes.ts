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

import { stringify } from "yaml";
import { alertCatalogue, type AlertCode } from "../shared/core/alert-catalogue.js";
import type { Alert } from "./alert.js";
import { alerts } from "./alerts.js";
import { prometheusDuration } from "./prometheus-duration.js";

export interface AlertOverride {
  readonly delaySeconds?: number;
  readonly repeatSeconds?: number;
}

export interface AlertRulesOptions {
  /** Instead of the catalogue's delay and repeat. */
  readonly overrides?: Partial<Readonly<Record<AlertCode, AlertOverride>>>;
  /** Where the runbooks are read; each alert's is `<this>/<alert name>.md`. */
  readonly runbookBaseUrl?: string;
}

/** The runbooks as they lie in the repository; an administrator gives the address of the own copy. */
const runbooksInRepository = "docs/runbooks";

/** What is said once is repeated by Alertmanager only after its default retention (120 h), when it has forgotten it. */
export const repeatOfOnceSeconds = 432_000;

/** With a `for` of one second an alert waits for a whole evaluation more: up to this, it gets none. */
const shortestForSeconds = 1;

/** The rules file for Prometheus: one alert for each code of the alert catalogue. */
export function renderAlertRules(options: AlertRulesOptions = {}): string {
  const rules = alerts.map((alert) => renderRule(alert, options));
  return heading + stringify({ groups: [{ name: "sparesync", rules }] }, { lineWidth: 0 });
}

/** Delay and repeat of an alert with the override of an administrator. */
export function alertTiming(
  code: AlertCode,
  overrides: AlertRulesOptions["overrides"] = {},
): { readonly delaySeconds: number; readonly repeatSeconds: number } {
  const { delaySeconds, repeatSeconds } = alertCatalogue[code];
  const override = overrides[code];
  return {
    delaySeconds: override?.delaySeconds ?? delaySeconds,
    repeatSeconds: override?.repeatSeconds ?? repeatSeconds ?? repeatOfOnceSeconds,
  };
}

/** How long a rule of this delay waits; 0: it has no `for`. */
export function forSeconds(delaySeconds: number): number {
  return delaySeconds > shortestForSeconds ? delaySeconds : 0;
}

/** The name of an alert. */
export function alertName(code: AlertCode): string {
  return `SpareSync${code}`;
}

/** The labels that every alert of a code has. */
export function alertLabels(
  code: AlertCode,
  overrides: AlertRulesOptions["overrides"] = {},
): Readonly<Record<string, string>> {
  const { severity, kind, action } = alertCatalogue[code];
  return {
    severity,
    code,
    repeat: prometheusDuration(alertTiming(code, overrides).repeatSeconds),
    ...(kind === "event" && { kind: "event" }),
    ...(action !== undefined && { action }),
  };
}

/** Where the runbook of an alert is. */
export function runbookUrl(code: AlertCode, baseUrl = runbooksInRepository): string {
  return `${baseUrl}/${alertName(code)}.md`;
}

function renderRule({ code, expression, summary, description }: Alert, options: AlertRulesOptions) {
  const waits = forSeconds(alertTiming(code, options.overrides).delaySeconds);
  return {
    alert: alertName(code),
    expr: expression,
    ...(waits > 0 && { for: prometheusDuration(waits) }),
    labels: alertLabels(code, options.overrides),
    annotations: { summary, description, runbook_url: runbookUrl(code, options.runbookBaseUrl) },
  };
}

const heading = `# Generated from shared/core/alert-catalogue.ts and alert-rules/alerts by alert-rules/generate-alert-rules.ts.
# Change those, not this file.
`;

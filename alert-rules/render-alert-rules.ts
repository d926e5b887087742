import { stringify } from "yaml";
import { alertCatalogue, type AlertCode } from "../shared/core/alert-catalogue.js";
import { dashboardUrl } from "../shared/core/dashboard-catalogue.js";
import type { Alert } from "./alert.js";
import { alerts } from "./alerts.js";
import { prometheusDuration } from "./prometheus-duration.js";
import { scopeExpression } from "./scope-expression.js";

export interface AlertTimingOverride {
  readonly delaySeconds?: number;
  readonly repeatSeconds?: number;
}

/** Instead of the catalogue's delay and repeat. */
export type AlertOverrides = Partial<Readonly<Record<AlertCode, AlertTimingOverride>>>;

/** Where alerts lead to; each may be left out. */
export interface AlertLinks {
  /** Where the runbooks are read; each alert's is `<this>/<alert name>.md`. */
  readonly runbookUrl?: string;
  /** Web address of Grafana. */
  readonly grafanaUrl?: string;
}

export interface AlertRulesOptions extends AlertLinks {
  readonly overrides?: AlertOverrides;
  /** Rules for single pairs, each with its own; without it the rules are for every pair there is. */
  readonly pairs?: readonly PairRules[];
}

export interface PairRules extends AlertLinks {
  readonly pair: string;
  readonly overrides: AlertOverrides;
}

/** The runbooks as they lie in the repository; an administrator gives the address of the own copy. */
const runbooksInRepository = "docs/runbooks";

/** What is said once is repeated by Alertmanager only after its default retention (120 h), when it has forgotten it. */
export const repeatOfOnceSeconds = 432_000;

/** With a `for` of one second an alert waits for a whole evaluation more: up to this, it gets none. */
const shortestForSeconds = 1;

/** The rules file for Prometheus: one alert for each code of the alert catalogue. */
export function renderAlertRules(options: AlertRulesOptions = {}): string {
  const groups =
    options.pairs === undefined
      ? [{ name: "sparesync", rules: alerts.map((alert) => renderRule(alert, options)) }]
      : [...options.pairs.map(renderPairGroup), renderSharedGroup(options)];
  return heading + stringify({ groups }, { lineWidth: 0 });
}

function renderPairGroup({ pair, ...options }: PairRules) {
  const rules = alerts
    .filter(isAboutPair)
    .map((alert) => renderRule(alert, options))
    // The results have it anyway; here it keeps the rules of two pairs apart.
    .map((rule) => ({ ...rule, expr: scopeExpression(rule.expr, pair), labels: { pair, ...rule.labels } }));
  return { name: `sparesync-${pair}`, rules };
}

/** What is about the monitoring itself and not about a pair. */
function renderSharedGroup(options: AlertRulesOptions) {
  const rules = alerts.filter((alert) => !isAboutPair(alert)).map((alert) => renderRule(alert, options));
  return { name: "sparesync", rules };
}

function isAboutPair({ expression }: Alert): boolean {
  return scopeExpression(expression, "any") !== expression;
}

/** Delay and repeat of an alert with the override of an administrator. */
export function alertTiming(
  code: AlertCode,
  overrides: AlertOverrides = {},
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
export function alertLabels(code: AlertCode, overrides: AlertOverrides = {}): Readonly<Record<string, string>> {
  const { severity, kind, action } = alertCatalogue[code];
  return {
    severity,
    code,
    repeat: prometheusDuration(alertTiming(code, overrides).repeatSeconds),
    ...(kind === "event" && { kind: "event" }),
    ...(action !== undefined && { action }),
  };
}

/** The annotations of an alert; templates of Prometheus. */
export function alertAnnotations(
  { code, summary, description, dashboard }: Alert,
  { runbookUrl = "", grafanaUrl = "" }: AlertLinks = {},
) {
  const runbooks = runbookUrl === "" ? runbooksInRepository : runbookUrl.replace(/\/+$/, "");
  return {
    summary,
    description,
    runbook_url: `${runbooks}/${alertName(code)}.md`,
    dashboard_url: `${dashboardUrl(dashboard, grafanaUrl)}?var-pair={{ $labels.pair }}`,
  };
}

function renderRule(alert: Alert, options: AlertRulesOptions) {
  const { code, expression, expressionOfDelay } = alert;
  const waits = forSeconds(alertTiming(code, options.overrides).delaySeconds);
  return {
    alert: alertName(code),
    expr: expressionOfDelay?.(waits) ?? expression,
    ...(waits > 0 && { for: prometheusDuration(waits) }),
    labels: alertLabels(code, options.overrides),
    annotations: alertAnnotations(alert, options),
  };
}

const heading = `# Generated from shared/core/alert-catalogue.ts and alert-rules/alerts by alert-rules/generate-alert-rules.ts.
# Change those, not this file.
`;

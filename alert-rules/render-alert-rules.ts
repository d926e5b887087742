import { stringify } from "yaml";
import { messageCatalogue, type Message, type MessageCode } from "../shared/core/message-catalogue.js";
import { alerts, type Alert } from "./alerts.js";
import { prometheusDuration } from "./prometheus-duration.js";

export interface MessageOverride {
  readonly delaySeconds?: number;
  readonly repeatSeconds?: number;
}

export interface AlertRulesOptions {
  /** Instead of the catalogue's delay and repeat. */
  readonly overrides?: Partial<Readonly<Record<MessageCode, MessageOverride>>>;
  /** Where the runbooks are read; each alert's is `<this>/<alert name>.md`. */
  readonly runbookBaseUrl?: string;
}

/** The runbooks as they lie in the repository; an administrator gives the address of the own copy. */
const runbooksInRepository = "docs/runbooks";

/** What is said once is repeated by Alertmanager only after its default retention (120 h), when it has forgotten it. */
export const repeatOfOnceSeconds = 432_000;

/** With a `for` of one second an alert waits for a whole evaluation more: up to this, it gets none. */
const shortestForSeconds = 1;

/** The rules file for Prometheus: one alert per message that has an expression. */
export function renderAlertRules(options: AlertRulesOptions = {}): string {
  const rules = alerts.map((alert) => renderRule(alert, options));
  return heading + stringify({ groups: [{ name: "sparesync", rules }] }, { lineWidth: 0 });
}

/** Delay and repeat of a message with the override of an administrator. */
export function messageTiming(
  code: MessageCode,
  overrides: AlertRulesOptions["overrides"] = {},
): { readonly delaySeconds: number; readonly repeatSeconds: number } {
  const message: Message = messageCatalogue[code];
  const override = overrides[code];
  return {
    delaySeconds: override?.delaySeconds ?? message.delaySeconds,
    repeatSeconds: override?.repeatSeconds ?? message.repeatSeconds ?? repeatOfOnceSeconds,
  };
}

function renderRule({ code, expression, summary, description }: Alert, options: AlertRulesOptions) {
  const message: Message = messageCatalogue[code];
  const { delaySeconds, repeatSeconds } = messageTiming(code, options.overrides);
  const name = `SpareSync${code}`;
  return {
    alert: name,
    expr: expression,
    ...(delaySeconds > shortestForSeconds && { for: prometheusDuration(delaySeconds) }),
    labels: {
      severity: message.severity,
      code,
      repeat: prometheusDuration(repeatSeconds),
      ...(message.kind === "event" && { kind: "event" }),
      ...(message.action !== undefined && { action: message.action }),
    },
    annotations: {
      summary,
      description,
      runbook_url: `${options.runbookBaseUrl ?? runbooksInRepository}/${name}.md`,
    },
  };
}

const heading = `# Generated from shared/core/message-catalogue.ts and alert-rules/alerts.ts by alert-rules/generate-alert-rules.ts.
# Change those, not this file.
`;

import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { type AlertRulesOptions, alertTiming, renderAlertRules } from "../../alert-rules/render-alert-rules.js";
import { renderAlertmanagerConfig } from "../../alert-rules/render-alertmanager-config.js";

interface Rule {
  readonly alert: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

function rule(alert: string, options: AlertRulesOptions = {}): Rule {
  const { groups } = parse(renderAlertRules(options)) as { groups: [{ rules: Rule[] }] };
  return groups[0].rules.find((candidate) => candidate.alert === alert)!;
}

describe("renderAlertRules", () => {
  test.each([
    { when: "a delay of a minute", delaySeconds: 60, expected: "1m" },
    { when: "a delay of half a minute", delaySeconds: 30, expected: "30s" },
    { when: "a delay just over a second", delaySeconds: 1.5, expected: "1500ms" },
    { when: "a delay of a second: it would cost a whole evaluation", delaySeconds: 1, expected: undefined },
    { when: "no delay", delaySeconds: 0, expected: undefined },
  ])("$when becomes for: $expected", ({ delaySeconds, expected }) => {
    const overrides = { MainAppInvisible: { delaySeconds } };
    expect(rule("SpareSyncMainAppInvisible", { overrides }).for).toBe(expected);
    expect(rule("SpareSyncMissingConnection", { overrides }).for).toBe("1m");
  });

  test("an overridden repeat is on the label and in the routes", () => {
    const overrides = { MissingConnection: { repeatSeconds: 600 } };
    expect(rule("SpareSyncMissingConnection", { overrides }).labels["repeat"]).toBe("10m");
    expect(renderAlertmanagerConfig({ webhooks: [], overrides })).toContain('repeat="10m"');
  });

  test("what is said once is repeated only when Alertmanager has forgotten it", () => {
    expect(alertTiming("TurnedOff").repeatSeconds).toBe(120 * 3600);
  });

  test("the runbooks can lie elsewhere", () => {
    const { annotations } = rule("SpareSyncMissingConnection", {
      runbookUrl: "https://wiki.example.org/sparesync",
    });
    expect(annotations["runbook_url"]).toBe("https://wiki.example.org/sparesync/SpareSyncMissingConnection.md");
  });
});

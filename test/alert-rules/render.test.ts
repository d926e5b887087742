import { describe, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { alerts } from "../../alert-rules/alerts.js";
import { generatedFiles } from "../../alert-rules/generated-files.js";
import { type AlertRulesOptions, messageTiming, renderAlertRules } from "../../alert-rules/render-alert-rules.js";
import { renderAlertmanagerConfig } from "../../alert-rules/render-alertmanager-config.js";
import { renderPrometheusConfig } from "../../alert-rules/render-prometheus-config.js";

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

test.each(Object.entries(generatedFiles))(
  "%s is what the catalogues say (npm run build; node dist/alert-rules/generate-alert-rules.js)",
  async (file, content) => {
    expect(await readFile(file, "utf8")).toBe(content);
  },
);

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
    expect(messageTiming("TurnedOff").repeatSeconds).toBe(120 * 3600);
  });

  test("the runbooks can lie elsewhere", () => {
    const { annotations } = rule("SpareSyncMissingConnection", {
      runbookBaseUrl: "https://wiki.example.org/sparesync",
    });
    expect(annotations["runbook_url"]).toBe("https://wiki.example.org/sparesync/SpareSyncMissingConnection.md");
  });
});

describe("renderPrometheusConfig", () => {
  test("sets pair and side, and never a timeout above the interval", () => {
    const targets = [{ side: "primary", pair: "shop", address: "127.0.0.1:9" }] as const;
    const text = renderPrometheusConfig({ targets, rulesFile: "r.yml", alertmanagers: ["a:1"], scrapeSeconds: 0.5 });
    expect(parse(text)).toMatchObject({
      global: { scrape_interval: "500ms", scrape_timeout: "500ms", evaluation_interval: "500ms" },
      scrape_configs: [{ static_configs: [{ targets: ["127.0.0.1:9"], labels: { pair: "shop", side: "primary" } }] }],
    });
    const slow = renderPrometheusConfig({ targets, rulesFile: "r.yml", alertmanagers: [], scrapeSeconds: 60 });
    expect(parse(slow)).toMatchObject({ global: { scrape_interval: "1m", scrape_timeout: "10s" } });
  });
});

describe("renderAlertmanagerConfig", () => {
  test("names the file of the token, never a token, and follows no redirect with it", () => {
    const webhooks = [{ url: "https://a.test/webhooks/alertmanager", bearerTokenFile: "/t", caFile: "/c.pem" }];
    const { receivers } = parse(renderAlertmanagerConfig({ webhooks })) as { receivers: { name: string }[] };
    expect(receivers.find(({ name }) => name === "sparesync-actors")).toEqual({
      name: "sparesync-actors",
      webhook_configs: [
        {
          url: "https://a.test/webhooks/alertmanager",
          send_resolved: false,
          http_config: {
            authorization: { type: "Bearer", credentials_file: "/t" },
            follow_redirects: false,
            tls_config: { ca_file: "/c.pem" },
          },
        },
      ],
    });
  });
});

describe("runbooks", () => {
  test.each(alerts.map(({ code }) => code))("SpareSync%s has a runbook with its four parts", async (code) => {
    const text = await readFile(`docs/runbooks/SpareSync${code}.md`, "utf8");
    expect([...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title)).toEqual([
      `SpareSync${code}`,
      "Meaning",
      "Impact",
      "Diagnosis",
      "Mitigation",
    ]);
    const commands = [...text.matchAll(/`sparesync (\w+)/g)].map(([, command]) => command!);
    expect(commands.length).toBeGreaterThan(0);
    const known = ["init", "check", "actor", "exporter", "status", "switch", "on", "off", "operations"];
    expect(commands.filter((command) => !known.includes(command))).toEqual([]);
  });
});

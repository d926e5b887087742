import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { alerts } from "../../../alert-rules/alerts.js";
import { renderAlertRules } from "../../../alert-rules/render-alert-rules.js";
import { renderAlertmanagerConfig } from "../../../alert-rules/render-alertmanager-config.js";
import { renderPrometheusConfig } from "../../../alert-rules/render-prometheus-config.js";
import { readWebConfig } from "../../../exporter/web-config.js";
import { createSelfSignedCertificate } from "../../../shared/self-signed-certificate.js";
import { scrapeEverything } from "../../support/full-scrape.js";
import { pairFlags, runCommand } from "../../support/run-cli.js";
import { runProgram } from "../../support/run-program.js";
import { smallestSettings } from "../../support/settings-example.js";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "check-files-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function file(name: string, content: string): Promise<string> {
  const place = path.join(directory, name);
  await writeFile(place, content);
  return place;
}

/** Each alert beside its own tests only: promtool evaluates every rule of a file at every step of every test. */
async function passUnitTests(name: string, rendered: string): Promise<void> {
  const { groups } = parse(rendered) as { groups: readonly { rules: readonly { alert: string }[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.map(({ alert }) => alert).sort()).toEqual(alerts.map(({ code }) => `SpareSync${code}`).sort());
  const places: string[] = [];
  for (const rule of rules) {
    const folder = path.join(directory, name, rule.alert);
    const place = path.join(folder, "tests", `${rule.alert}.yml`);
    await cp(`alert-rules/tests/${rule.alert}.yml`, place);
    await writeFile(path.join(folder, "sparesync-rules.yml"), stringify({ groups: [{ name, rules: [rule] }] }));
    places.push(place);
  }
  const { exitCode, output } = await runProgram("promtool", ["test", "rules", ...places]);
  expect(output).not.toContain("FAILED");
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
}

const strictly = ["check", "rules", "--lint=all", "--lint-fatal"];

describe("what is generated passes Prometheus' own tools", () => {
  test("the committed rules", async () => {
    expect(await runProgram("promtool", [...strictly, "alert-rules/sparesync-rules.yml"])).toMatchObject({
      exitCode: 0,
    });
  });

  test("every alert has unit tests, and they pass", async () => {
    const tests = (await readdir("alert-rules/tests")).sort();
    expect(tests).toEqual(alerts.map(({ code }) => `SpareSync${code}.yml`).sort());
    await passUnitTests("committed", await readFile("alert-rules/sparesync-rules.yml", "utf8"));
  });

  test("a web configuration that the exporter takes is one that promtool takes, too", async () => {
    const { certificate, privateKey } = await createSelfSignedCertificate("exporter", ["127.0.0.1"]);
    const keyFile = await file("key.pem", privateKey);
    await chmod(keyFile, 0o600);
    const config = await file(
      "web-config.yml",
      `tls_server_config: { cert_file: ${await file("certificate.pem", certificate)}, key_file: ${keyFile}, min_version: TLS12 }
basic_auth_users: { prometheus: $2b$04$L5G6Nxq4Y/7Y9m0Hxa8BXOP1v0dmhFoCtrWLlDqB6s/no/gTkUC5. }
`,
    );
    expect((await readWebConfig(config)).tls).toMatchObject({ cert: certificate, minVersion: "TLSv1.2" });
    expect(await runProgram("promtool", ["check", "web-config", config])).toMatchObject({ exitCode: 0 });
  });

  test("the web configuration that `sparesync init` writes", async () => {
    const out = path.join(directory, "pair");
    expect(await runCommand(pairFlags(out))).toMatchObject({ exitCode: 0 });
    const made = path.join(out, "primary", "web-config.yml");
    expect(await runProgram("promtool", ["check", "web-config", made])).toMatchObject({ exitCode: 0 });
  });

  test("rules with overridden delays", async () => {
    const overrides = { MainAppInvisible: { delaySeconds: 2.5 }, MissingConnection: { delaySeconds: 0 } };
    const rules = await file("rules.yml", renderAlertRules({ overrides }));
    expect(await runProgram("promtool", [...strictly, rules])).toMatchObject({ exitCode: 0 });
  });

  test("what has happened is told after however long a delay, and then as long as without one", async () => {
    const overrides = { TurnedOff: { delaySeconds: 600 }, WebhookFailing: { delaySeconds: 3600 } };
    await file("long-delays.yml", renderAlertRules({ overrides }));
    const firing = (eval_time: string, alertname: string, count: number) => ({
      ...{ expr: `count(ALERTS{alertname="SpareSync${alertname}",alertstate="firing"})`, eval_time },
      exp_samples: count === 0 ? [] : [{ labels: "{}", value: count }],
    });
    const scene = {
      rule_files: ["long-delays.yml"],
      evaluation_interval: "15s",
      tests: [
        {
          interval: "15s",
          input_series: [
            {
              series: 'sparesync_event_last_timestamp_seconds{event="TurnedOff",pair="shop"}',
              // From 2265 s on ten scrapes fail: Prometheus writes down that the series has ended.
              values: "0x119 1800x30 stale _x8 1800x159",
            },
            { series: 'sparesync_webhook_alerts_total{outcome="failed",pair="shop"}', values: "0x3 1x400" },
          ],
          promql_expr_test: [
            firing("2385s", "TurnedOff", 0),
            firing("2400s", "TurnedOff", 1),
            firing("2685s", "TurnedOff", 1),
            firing("2700s", "TurnedOff", 0),
            firing("3645s", "WebhookFailing", 0),
            firing("3660s", "WebhookFailing", 1),
          ],
        },
      ],
    };
    const place = await file("long-delays-test.yml", stringify(scene));
    const { exitCode, output } = await runProgram("promtool", ["test", "rules", place]);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  });

  test("the same unit tests pass with rules for one pair only", async () => {
    await passUnitTests("scoped", renderAlertRules({ pairs: [{ pair: "shop", overrides: {} }] }));
  });

  test("Prometheus' configuration", async () => {
    const rulesFile = await file("r.yml", renderAlertRules());
    const targets = [{ side: "primary", pair: "shop", address: "127.0.0.1:9100" }] as const;
    const config = renderPrometheusConfig({
      targets,
      rulesFile,
      alertmanagers: ["127.0.0.1:9093"],
      scrapeSeconds: 0.5,
    });
    const checked = await runProgram("promtool", ["check", "config", await file("prometheus.yml", config)]);
    expect(checked).toMatchObject({ exitCode: 0 });
  });

  test("Alertmanager's example and a configuration with a certificate", async () => {
    const webhooks = [
      { url: "https://a.test/w", signIn: { bearerTokenFile: "/nowhere/token" }, caFile: "/nowhere/ca.pem" },
    ];
    const config = await file("alertmanager.yml", renderAlertmanagerConfig({ webhooks, groupIntervalSeconds: 2 }));
    for (const one of ["alert-rules/alertmanager-example.yml", config]) {
      expect(await runProgram("amtool", ["check-config", one])).toMatchObject({ exitCode: 0 });
    }
  });

  test("what `sparesync monitoring generate` writes for two pairs with overrides and service intervals", async () => {
    const settings = (pair: string, more: string) =>
      file(`${pair}.yml`, smallestSettings.replace("pair: shop", `pair: ${pair}`) + more);
    const shop = await settings(
      "shop",
      `notifications: { overrides: ["MissingConnection:30:600", "TurnedOff:2:-"], grafanaUrl: "https://grafana.test" }
serviceIntervals:
  timeZone: Europe/Vienna
  intervals:
    - { name: night, start: "23:30", end: "01:00", days: [sunday, monday] }
    - { name: noon, start: "12:00", end: "00:00" }
`,
    );
    const people = await file("people.yml", "webhook_configs: [{ url: 'http://127.0.0.1:9/people' }]\n");
    const out = path.join(directory, "generated");
    const run = await runCommand([
      "monitoring",
      "generate",
      "--settings",
      shop,
      await settings("mail", ""),
      "--out",
      out,
      ...["--people", people, "--watchdog", people],
    ]);
    expect(run).toMatchObject({ exitCode: 0 });
    const at = (name: string) => path.join(out, name);
    expect(await runProgram("promtool", [...strictly, at("sparesync-rules.yml")])).toMatchObject({ exitCode: 0 });
    expect(await runProgram("promtool", ["check", "config", at("prometheus.yml")])).toMatchObject({ exitCode: 0 });
    expect(await runProgram("amtool", ["check-config", at("alertmanager.yml")])).toMatchObject({ exitCode: 0 });
    const receivers = async (...labels: string[]) => {
      const { output } = await runProgram("amtool", [
        ...["config", "routes", "test", `--config.file=${at("alertmanager.yml")}`],
        ...labels,
      ]);
      return output.trim().split("\n").at(-1)!.split(",");
    };
    const asking = ["code=MainAppInvisible", "action=switchover", "repeat=1d"];
    expect(await receivers("pair=shop", ...asking)).toEqual(["sparesync-actors-shop", "people"]);
    expect(await receivers("pair=mail", ...asking)).toEqual(["sparesync-actors-mail", "people"]);
    expect(await receivers("pair=mail", "code=TurnedOff", "kind=event", "repeat=5d")).toEqual(["people-events"]);
    expect(await receivers("code=Watchdog", "repeat=1m")).toEqual(["watchdog"]);
  });

  test("a scrape with every metric there is, those of the process among them", async () => {
    const text = await scrapeEverything();
    expect(text).toContain("nodejs_heap_size_used_bytes");
    expect(await runProgram("promtool", ["check", "metrics"], { input: text })).toEqual({ exitCode: 0, output: "" });
  });
});

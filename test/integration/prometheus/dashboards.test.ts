import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { VariableType } from "@grafana/grafana-foundation-sdk/dashboard";
import { generate } from "selfsigned";
import { renderPrometheusConfig } from "../../../alert-rules/render-prometheus-config.js";
import { dashboards } from "../../../grafana-dashboards/dashboards.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { expressionsOf, panelsOf, queryText } from "../../grafana-dashboards/dashboard-linter.js";
import { type MonitoringServer, startPrometheus } from "../../support/prometheus-server.js";
import { type Scenario, scenarios, startSeededExporters } from "../../support/seeded-pairs.js";
import { startTestPageServer } from "../../support/test-page-server.js";

const clock = createSystemClock();
const closers: (() => Promise<void>)[] = [];
let prometheus: MonitoringServer;
/** The moment that all queries are about. */
let atSeconds = 0;

beforeAll(async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "dashboards-"));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const certificateFile = path.join(directory, "certificate.pem");
  await writeFile(certificateFile, (await generate([{ name: "commonName", value: "a" }])).cert);
  const page = await startTestPageServer((_, response) => response.writeHead(200).end());
  closers.push(() => page.close());
  const exporters = await startSeededExporters(page, certificateFile);
  closers.push(() => exporters.stop());
  prometheus = await startPrometheus({
    config: renderPrometheusConfig({
      targets: exporters.targets,
      rulesFile: "none.yml",
      alertmanagers: [],
      scrapeSeconds: 1,
    }),
  });
  closers.push(() => prometheus.stop());
  // Two samples of everything, the standby's probes included: what is asked for as a rate needs two. A machine that is
  // busy may miss a scrape later on, so everything is asked for one moment at which all were there.
  const isScraped = `count(count_over_time(sparesync_managed_system_available{from="standby"}[10s]) > 2) == ${scenarios.length} and count(sum_over_time(up[10s]) > 2 and up == 1) == ${2 * scenarios.length}`;
  for (let look = 0; look < 500 && (await ask(isScraped)).length === 0; look += 1) {
    await clock.sleep(100);
    atSeconds = Date.now() / 1000;
  }
  expect(await ask(isScraped)).toHaveLength(1);
}, 120_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function ask(expression: string): Promise<readonly unknown[]> {
  const answer = await prometheus.get(`/api/v1/query?time=${atSeconds}&query=${encodeURIComponent(expression)}`);
  const { status, error, data } = answer as { status: string; error?: string; data?: { result: unknown[] } };
  if (status !== "success") throw new Error(`${expression}: ${error ?? ""}`);
  return data!.result;
}

/** A query as Grafana sends it for one pair, all jobs and instances. */
function forPair(expression: string, pair: string): string {
  return expression
    .replaceAll("$__rate_interval", "10s")
    .replaceAll("$job", ".+")
    .replaceAll("$instance", ".+")
    .replaceAll("$pair", pair);
}

async function scenariosWithAnswer(expression: string): Promise<readonly Scenario[]> {
  const answers = await Promise.all(scenarios.map((scenario) => ask(forPair(expression, scenario))));
  return scenarios.filter((_, index) => answers[index]!.length > 0);
}

/** What is only there when something is wrong, or something goes on; everything else is there always. */
const onlyThen: Readonly<Record<string, readonly Scenario[]>> = {
  "What keeps the spare from taking over": ["lag", "fatal", "failed"],
  "Configuration errors": ["fatal"],
  "Running step": ["switching", "failed"],
  "Steps over time": ["switching", "failed"],
  Witness: ["normal"],
};

describe.each([...dashboards])("%s", (_, dashboard) => {
  test("every query of every panel is answered in each scenario, or exactly in those it is about", async () => {
    const found: unknown[] = [];
    const expected: unknown[] = [];
    for (const panel of panelsOf(dashboard)) {
      for (const expression of expressionsOf(panel)) {
        found.push([panel.title, expression, await scenariosWithAnswer(expression)]);
        expected.push([panel.title, expression, onlyThen[panel.title!] ?? scenarios]);
      }
    }
    expect(found).toEqual(expected);
  });

  test("rows of a table with several queries have the same labels, and no name of a metric keeps them apart", async () => {
    for (const panel of panelsOf(dashboard).filter(({ type }) => type === "table")) {
      const expressions = expressionsOf(panel);
      if (expressions.length === 1) continue;
      const answers = await Promise.all(expressions.map((expression) => ask(forPair(expression, ".+"))));
      const labels = (answers.flat() as { metric: object }[]).map(({ metric }) => Object.keys(metric).sort().join());
      expect(labels.length).toBeGreaterThan(expressions.length);
      expect([panel.title, new Set(labels).size, labels[0]!.includes("__name__")]).toEqual([panel.title, 1, false]);
    }
  });

  test("every annotation is answered with a time in milliseconds", async () => {
    for (const { name, expr } of dashboard.annotations.list ?? []) {
      const results = (await ask(forPair(expr!, ".+"))) as { value: [number, string] }[];
      expect([name, results.length]).toEqual([name, scenarios.length * 2]);
      for (const { value } of results) expect(Math.abs(Number(value[1]) - Date.now())).toBeLessThan(600_000);
    }
  });

  test("every variable has values", async () => {
    for (const variable of dashboard.templating.list ?? []) {
      if (variable.type !== VariableType.Query) continue;
      const { name } = variable;
      const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(queryText(variable))!;
      const values = await ask(`group by (${label!}) (${forPair(selector!, ".+")})`);
      expect([name, values.length]).toEqual([name, { job: 1, pair: 5, instance: 10 }[name]]);
    }
  });
});

import { describe, expect, test } from "@jest/globals";
import {
  type Dashboard,
  MappingType,
  type Panel,
  type ValueMapping,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { readdir, readFile } from "node:fs/promises";
import { parse } from "yaml";
import { dashboards, generatedDashboards } from "../../grafana-dashboards/dashboards.js";
import { minorEvents } from "../../grafana-dashboards/dashboard.js";
import { foldedStates } from "../../grafana-dashboards/queries.js";
import {
  decisionMeanings,
  healthMeanings,
  mapNumbers,
  type Meaning,
  resultMeanings,
  stateMeanings,
  switchoverMeanings,
} from "../../grafana-dashboards/value-mappings.js";
import { dashboardCatalogue } from "../../shared/core/dashboard-catalogue.js";
import { escapeHtml } from "../../shared/core/escape-html.js";
import { metricCatalogue } from "../../shared/core/metric-catalogue.js";
import { stateNames } from "../../shared/core/states.js";
import { expressionsOf, type Finding, lintDashboard, lintExpression, panelsOf } from "./dashboard-linter.js";

const all = [...dashboards];

/** In the order of the catalogue. */
const markedEvents = [
  ...["TurnedOff", "TurnedOn", "MarkedChecked", "DivergenceAcknowledged", "OperatorActed", "Paused", "Resumed"],
  ...["FailoverAsked", "OperationStarted", "OperationEnded"],
  ...["SwitchOnMainAppUnavailable", "SwitchedSuccessfully", "SwitchedFailed", "OwnershipChanged"],
  ...["MainAppInvisible", "MainAppVisible", "ConnectionLost", "ConnectionRestored"],
  ...["ExternalResourcesLost", "ExternalResourcesRestored"],
  ...["DivergenceFound", "ConfigurationErrorFound", "ConfigurationErrorOver"],
];

describe("the dashboards", () => {
  test("are committed as they are generated (npm run build; node dist/grafana-dashboards/generate-dashboards.js)", async () => {
    const folders = ["grafana-dashboards/json", "grafana-dashboards/pictures"];
    const names = await Promise.all(folders.map((folder) => readdir(folder)));
    const files = folders.flatMap((folder, index) => names[index]!.map((name) => `${folder}/${name}`));
    expect(files.sort()).toEqual(Object.keys(generatedDashboards).sort());
    for (const file of files) expect(await readFile(file, "utf8")).toBe(generatedDashboards[file]);
  });

  test.each(all)("%s: its picture shows every panel with its title, within its frame", (name, dashboard) => {
    const picture = generatedDashboards[`grafana-dashboards/pictures/${name}.svg`]!;
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(picture)!.map(Number);
    const frames = [...picture.matchAll(/<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"/g)];
    const isOutside = ([, x, y, w, h]: readonly number[]) => x! + w! > width! || y! + h! > height!;
    expect(frames).toHaveLength(panelsOf(dashboard).length);
    expect(frames.map((frame) => frame.map(Number)).filter(isOutside)).toEqual([]);
    const shown = [...picture.matchAll(/font-weight="bold"[^>]*>(?:▾ )?([^<]*?)…?</g)].map(([, title]) => title!);
    const titles = (dashboard.panels ?? []).map(({ title }) => escapeHtml(title!));
    expect(titles.filter((title, index) => !title.startsWith(shown[index] ?? "nothing"))).toEqual([]);
    expect(picture).not.toContain("undefined");
  });

  test("are those of the catalogue, with their fixed identifiers", () => {
    expect(Object.fromEntries(all.map(([name, { uid, title }]) => [name, { uid, title }]))).toEqual(dashboardCatalogue);
  });

  test.each(all)("%s: Grafana's linter would find nothing", (_, dashboard) => {
    expect(lintDashboard(dashboard)).toEqual([]);
  });

  test.each(all)("%s: names only metrics there are", (_, dashboard) => {
    const named = [...JSON.stringify(dashboard).matchAll(/\bsparesync_[a-z_]+/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !Object.hasOwn(metricCatalogue, name))).toEqual([]);
  });

  test.each(all)("%s: panels have numbers and places of their own within the grid", (_, dashboard) => {
    const ids = (dashboard.panels ?? []).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { gridPos, title } of panelsOf(dashboard)) {
      expect([title, gridPos!.x + gridPos!.w <= 24]).toEqual([title, true]);
    }
  });

  test.each(all)("%s: every event is marked", (_, { annotations }) => {
    const list = annotations.list ?? [];
    expect(list.map(({ name }) => name)).toEqual(markedEvents);
    expect(list.filter(({ enable }) => !enable).map(({ name }) => name)).toEqual(minorEvents);
    const findings: Finding[] = [];
    for (const { name, expr } of list) {
      lintExpression(expr!, name, (rule, where, because) => findings.push({ rule, where, because }));
    }
    expect(findings).toEqual([]);
  });

  test.each(all)("%s: a folded state has a text and a colour for each of its numbers", (_, dashboard) => {
    for (const panel of panelsOf(dashboard).filter(({ type }) => type !== "table")) {
      const highest = Math.max(-1, ...expressionsOf(panel).map(highestOf));
      if (highest < 0) continue;
      expect([panel.title, Object.keys(mappingOf(panel)).map(Number)]).toEqual([
        panel.title,
        Array.from({ length: highest + 1 }, (_, index) => index),
      ]);
    }
  });

  test.each(all)(
    "%s: a folded state in a column of a table has a text and a colour for each of its numbers",
    (_, dashboard) => {
      for (const panel of panelsOf(dashboard).filter(({ type }) => type === "table")) {
        for (const { title, expression, mapping } of columnsOf(panel)) {
          const highest = highestOf(expression);
          if (highest < 0) continue;
          const numbers = Array.from({ length: highest + 1 }, (__, index) => String(index));
          expect([panel.title, title, Object.keys(mapping)]).toEqual([panel.title, title, numbers]);
        }
      }
    },
  );

  test("a table's columns are mapped: the worst state of a fleet's folders, and what is only yes or no", () => {
    const pairs = columnsOf(panelsOf(dashboards.get("fleet")!).find(({ title }) => title === "Pairs")!);
    expect(pairs.filter(({ expression }) => highestOf(expression) > 0).map(({ title }) => title)).toEqual([
      ...["Primary", "Secondary", "Served by", "Files", "Databases"],
    ]);
    for (const { title, mapping } of pairs.filter(({ title: one }) => /Available|Connected|Ready/.test(one))) {
      expect([title, Object.keys(mapping)]).toEqual([title, ["0", "1"]]);
    }
  });

  test("only a line that can be negative does not start at zero", () => {
    const open = all.flatMap(([, dashboard]) =>
      panelsOf(dashboard).filter(
        ({ type, fieldConfig }) => type === "timeseries" && fieldConfig?.defaults.min === undefined,
      ),
    );
    expect(open.map(({ title }) => title)).toEqual(["Clock offset"]);
  });

  test("the result of an operation is coloured in the column that shows it", () => {
    const panel = panelsOf(dashboards.get("switchover")!).find(({ title }) => title === "How operations last ended")!;
    const mapped = (panel.fieldConfig?.overrides ?? []).filter(({ properties }) =>
      properties.some(({ id }) => id === "mappings"),
    );
    expect(mapped.map(({ matcher }) => matcher.options as string)).toEqual(["Result"]);
  });

  test("links lead to dashboards there are", () => {
    const uids = [...JSON.stringify(all).matchAll(/\/d\/([\w-]+)/g)].map(([, uid]) => uid!);
    const known = Object.values(dashboardCatalogue).map(({ uid }) => uid as string);
    expect(uids.length).toBeGreaterThan(0);
    expect(uids.filter((uid) => !known.includes(uid))).toEqual([]);
  });

  test("can be provisioned: both files are YAML of version 1", async () => {
    for (const name of ["dashboards.yml", "datasource.yml"]) {
      const text = await readFile(`grafana-dashboards/provisioning/${name}`, "utf8");
      expect(parse(text)).toMatchObject({ apiVersion: 1 });
    }
  });
});

type Mapping = Readonly<Record<string, Meaning>>;

function mappingOf(panel: Panel): Mapping {
  return optionsOf(panel.fieldConfig?.defaults.mappings);
}

function optionsOf(mappings: ValueMapping[] = []): Mapping {
  const [mapping] = mappings;
  return mapping?.type === MappingType.ValueToText ? (mapping.options as Record<string, Meaning>) : {};
}

/** The largest number that a folded state or a sum of two conditions can have; -1: it is none. */
function highestOf(expression: string): number {
  if (/sum by \(pair\) .* \+ 2 \* sum by/.test(expression)) return 3;
  const numbers = [...expression.matchAll(/(?:^|[+(] ?)(\d+) \* max by/g)].map(([, number]) => Number(number));
  return numbers.length < 2 ? -1 : Math.max(...numbers);
}

/** The queries of a table with the titles that it gives their values, and how those are mapped. */
function columnsOf(panel: Panel): readonly { title: string; expression: string; mapping: Mapping }[] {
  const renaming = (panel.transformations ?? []).map(
    ({ options }) => options as { renameByName?: Record<string, string> },
  );
  const titles = Object.assign({}, ...renaming.map(({ renameByName }) => renameByName)) as Record<string, string>;
  const expressions = expressionsOf(panel);
  return expressions.map((expression, index) => {
    const value = expressions.length === 1 ? "Value" : `Value #${String.fromCharCode(65 + index)}`;
    const title = titles[value] ?? value;
    const override = panel.fieldConfig?.overrides.find(({ matcher }) => matcher.options === title);
    const mappings = override?.properties.find(({ id }) => id === "mappings")?.value as ValueMapping[] | undefined;
    return { title, expression, mapping: optionsOf(mappings) };
  });
}

describe("values", () => {
  test("every state has its text, at the number that the folded metric gives it", () => {
    const folded = foldedStates("sparesync_state", "state", ["pair"]);
    stateNames.forEach((state, index) => {
      expect(folded).toMatch(new RegExp(`(^|\\+ )${index} \\* max by \\(pair\\) \\([^)]*state="${state}"`));
      expect(mapNumbers(stateMeanings)[0]).toMatchObject({
        options: { [index]: { text: state.replaceAll("_", " ") } },
      });
    });
  });

  test.each([
    { when: "states", meanings: stateMeanings },
    { when: "healths", meanings: healthMeanings },
    { when: "switchovers", meanings: switchoverMeanings },
    { when: "decisions", meanings: decisionMeanings },
  ])("no two $when look the same but those that are as bad", ({ meanings }) => {
    expect(new Set(meanings.map(({ text }) => text)).size).toBe(meanings.length);
    expect(meanings.filter(({ color }) => color === "green")).toHaveLength(1);
  });

  test("a result has a colour each", () => {
    expect(new Set(resultMeanings.map(({ color }) => color)).size).toBe(resultMeanings.length);
  });
});

describe("the linter", () => {
  const good = () => JSON.parse(JSON.stringify(dashboards.get("pair-overview"))) as Dashboard;
  const firstPanel = (dashboard: Dashboard) => panelsOf(dashboard)[0]!;
  const ask = (expr: string) => (dashboard: Dashboard) => {
    firstPanel(dashboard).targets = [{ expr } as never];
  };
  const chosen = 'job=~"$job",instance=~"$instance"';

  test.each<{ rule: string; spoil: (dashboard: Dashboard) => void }>([
    { rule: "uneditable-dashboard", spoil: (dashboard) => (dashboard.editable = true) },
    { rule: "template-datasource-rule", spoil: ({ templating }) => templating.list!.shift() },
    { rule: "template-job-rule", spoil: ({ templating }) => (templating.list![1]!.allValue = "") },
    { rule: "template-instance-rule", spoil: ({ templating }) => templating.list!.pop() },
    {
      rule: "template-on-time-change-reload-rule",
      spoil: ({ templating }) => (templating.list![1]!.refresh = VariableRefresh.OnDashboardLoad),
    },
    { rule: "template-label-promql-rule", spoil: ({ templating }) => (templating.list![1]!.query = "label_values(") },
    { rule: "panel-title-description-rule", spoil: (dashboard) => (firstPanel(dashboard).description = "") },
    { rule: "panel-datasource-rule", spoil: (dashboard) => (firstPanel(dashboard).datasource = { uid: "x" }) },
    { rule: "panel-units-rule", spoil: (dashboard) => delete firstPanel(dashboard).fieldConfig!.defaults.unit },
    { rule: "panel-no-targets-rule", spoil: (dashboard) => (firstPanel(dashboard).targets = []) },
    { rule: "target-promql-rule", spoil: ask(`sum(up{${chosen}}`) },
    { rule: "target-job-rule", spoil: ask('up{instance=~"$instance"}') },
    { rule: "target-instance-rule", spoil: ask('up{job=~"$job"}') },
    { rule: "target-rate-interval-rule", spoil: ask(`rate(a_total{${chosen}}[5m])`) },
    { rule: "target-counter-agg-rule", spoil: ask(`sum(a_total{${chosen}})`) },
  ])("finds a breach of $rule", ({ rule, spoil }) => {
    const dashboard = good();
    spoil(dashboard);
    expect([...new Set(lintDashboard(dashboard).map((finding) => finding.rule))]).toEqual([rule]);
  });
});

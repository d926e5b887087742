import {
  type Dashboard,
  type Panel,
  type RowPanel,
  type VariableModel,
  VariableRefresh,
  VariableType,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { parser } from "@prometheus-io/lezer-promql";

/**
 * The rules of grafana/dashboard-linter (rule_*.go) for dashboards on Prometheus, each under its own name. That program
 * needs a Go toolchain; PromQL is read here with Prometheus' own grammar.
 */
export interface Finding {
  readonly rule: string;
  readonly where: string;
  readonly because: string;
}

type Say = (rule: string, where: string, because: string) => void;

export function lintDashboard(dashboard: Dashboard): readonly Finding[] {
  const findings: Finding[] = [];
  const say: Say = (rule, where, because) => {
    findings.push({ rule, where, because });
  };
  if (dashboard.editable !== false) say("uneditable-dashboard", dashboard.title ?? "", "it can be edited");
  lintVariables(dashboard.templating.list ?? [], say);
  for (const panel of panelsOf(dashboard)) lintPanel(panel, say);
  return findings;
}

/** Panels without the headings between them. */
export function panelsOf({ panels = [] }: Pick<Dashboard, "panels">): readonly Panel[] {
  return panels.flatMap((panel) => (isRow(panel) ? panel.panels : [panel]));
}

function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === "row";
}

const expectedDatasource = "${datasource}";

function lintVariables(variables: readonly VariableModel[], say: Say): void {
  const sources = variables.filter(({ type }) => type === VariableType.Datasource);
  const [source] = sources;
  if (sources.length !== 1 || source?.name !== "datasource" || source.label !== "Data source") {
    say("template-datasource-rule", "variables", 'there is not exactly one data source "datasource", "Data source"');
  }
  for (const [name, label, rule] of [
    ["job", "Job", "template-job-rule"],
    ["instance", "Instance", "template-instance-rule"],
  ] as const) {
    const variable = variables.find((one) => one.name === name);
    const isAsRequired =
      variable?.type === VariableType.Query &&
      variable.label === label &&
      variable.multi === true &&
      variable.allValue === ".+" &&
      variable.datasource?.uid === expectedDatasource;
    if (!isAsRequired)
      say(rule, name, `it is no query named ${label}, with many values, ".+" for all, and the data source`);
  }
  for (const variable of variables.filter(({ type }) => type === VariableType.Query)) {
    if (variable.refresh !== VariableRefresh.OnTimeRangeChanged)
      say("template-on-time-change-reload-rule", variable.name, "not read anew with the time");
    const match = /^label_values\((?:(.+),\s*)?([a-zA-Z_]\w*)\)$/.exec(queryText(variable));
    const selector = match?.[1];
    if (match === null || (selector !== undefined && promqlProblem(selector) !== undefined)) {
      say("template-label-promql-rule", variable.name, "its query is no label_values of valid PromQL");
    }
  }
}

/** The query of a variable as text. */
export function queryText({ query }: VariableModel): string {
  return typeof query === "string" ? query : "";
}

const titled = new Set(["stat", "table", "timeseries", "gauge", "state-timeline"]);

function lintPanel(panel: Panel, say: Say): void {
  const where = panel.title ?? `panel ${String(panel.id)}`;
  if (titled.has(panel.type) && ((panel.title ?? "") === "" || (panel.description ?? "") === "")) {
    say("panel-title-description-rule", where, "it has no title or no description");
  }
  if (panel.datasource?.uid !== expectedDatasource)
    say("panel-datasource-rule", where, "its data source is no variable");
  if ((panel.fieldConfig?.defaults.unit ?? "") === "") say("panel-units-rule", where, "it has no unit");
  if ((panel.targets ?? []).length === 0) say("panel-no-targets-rule", where, "it asks nothing");
  for (const expression of expressionsOf(panel)) lintExpression(expression, where, say);
}

/** The queries of a panel. */
export function expressionsOf({ targets = [] }: Pick<Panel, "targets">): readonly string[] {
  return targets.map((target) => ("expr" in target && typeof target.expr === "string" ? target.expr : ""));
}

function promqlProblem(expression: string): string | undefined {
  let problem: string | undefined;
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError) problem ??= `cannot be read at "${expression.slice(node.from, node.from + 20)}"`;
    },
  });
  return problem;
}

const rateFunctions = /\b(rate|irate|increase)\s*\(\s*$/;

/** Exported for annotations, which the linter of Grafana does not look at. */
export function lintExpression(expression: string, where: string, say: Say): void {
  // As the linter does: variables in places where PromQL has none are replaced before it is read.
  const readable = expression.replaceAll("$__rate_interval", "5m").replaceAll("$__range", "5m");
  const problem = promqlProblem(readable);
  if (problem !== undefined) say("target-promql-rule", where, problem);
  for (const [, interval] of expression.matchAll(/\[([^\]]+)\]/g)) {
    if (interval !== "$__rate_interval") say("target-rate-interval-rule", where, `[${String(interval)}]`);
  }
  parser.parse(readable).iterate({
    enter: (node) => {
      if (node.name !== "VectorSelector") return;
      const selector = readable.slice(node.from, node.to);
      for (const label of ["job", "instance"]) {
        if (!selector.includes(`${label}=~"$${label}"`)) say(`target-${label}-rule`, where, selector);
      }
      const metric = /^[a-zA-Z_:][\w:]*/.exec(selector)?.[0] ?? "";
      if (metric.endsWith("_total") && !rateFunctions.test(readable.slice(0, node.from))) {
        say("target-counter-agg-rule", where, `${metric} is a counter and has no rate`);
      }
    },
  });
}

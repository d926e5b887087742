import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  TableCellDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type DynamicConfigValue,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimelineBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Color } from "./value-mappings.js";

/** The data source that the variable of each dashboard names. */
export const dataSource = { type: "prometheus", uid: "${datasource}" } as const;

export interface Threshold {
  /** From here on; the first one has none. */
  readonly from?: number;
  readonly color: Color;
}

/** What every panel says of itself. `unit`: one of Grafana's. Sizes in its grid, which is 24 wide. */
export interface PanelText {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly width: number;
  readonly height: number;
  readonly mappings?: ValueMapping[];
  readonly thresholds?: readonly Threshold[];
  readonly noValue?: string;
  /** Lines only: they start at zero unless it can be less. */
  readonly canBeNegative?: true;
}

export interface Query {
  readonly expression: string;
  readonly legend: string;
}

/** One large value for each result, as of now. */
export function statPanel(text: PanelText, queries: readonly Query[]): Builder<Panel> {
  const panel = withText(new StatBuilder(), text)
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]));
  return withTargets(panel, queries, (query) => query.instant());
}

/** Lines over time. */
export function timeSeriesPanel(text: PanelText, queries: readonly Query[]): Builder<Panel> {
  const legend = new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom);
  const panel = withText(new TimeSeriesBuilder(), text).legend(legend).fillOpacity(10);
  if (text.canBeNegative !== true) panel.min(0);
  return withTargets(panel, queries, (query) => query.range());
}

/** One row for each result, coloured by its state over time. */
export function stateTimelinePanel(text: PanelText, queries: readonly Query[]): Builder<Panel> {
  const panel = withText(new StateTimelineBuilder(), text).showValue(VisibilityMode.Auto).mergeValues(true);
  return withTargets(panel, queries, (query) => query.range());
}

/** A column of a table: its query gives the values; rows with the same labels become one. */
export interface Column {
  readonly title: string;
  readonly expression: string;
  readonly unit?: string;
  readonly mappings?: ValueMapping[];
  readonly thresholds?: readonly Threshold[];
}

export interface TableOptions {
  /** Labels that are shown as columns of their own, with their titles. */
  readonly labels: Readonly<Record<string, string>>;
  /** Colours of a label's texts, by its title. */
  readonly labelMappings?: Readonly<Record<string, ValueMapping[]>>;
  /** Labels that are fetched for links only. */
  readonly hidden?: readonly string[];
  readonly link?: { readonly column: string; readonly title: string; readonly url: string; readonly isOther?: true };
}

/** A table of present values. */
export function tablePanel(text: PanelText, columns: readonly Column[], options: TableOptions): Builder<Panel> {
  const panel = withText(new TableBuilder(), text);
  columns.forEach((column, index) => {
    const expression = columns.length === 1 ? column.expression : keepLabels(column.expression, options);
    panel.withTarget(target({ expression, legend: "" }, index).instant().format(PromQueryFormat.Table));
  });
  panel.withTransformation({ id: "merge", options: {} });
  panel.withTransformation({ id: "organize", options: organize(columns, options) });
  for (const column of columns) panel.overrideByName(column.title, columnProperties(column));
  for (const name of options.hidden ?? []) panel.overrideByName(name, [{ id: "custom.hidden", value: true }]);
  for (const [title, mappings] of Object.entries(options.labelMappings ?? {})) {
    panel.overrideByName(title, columnProperties({ title, expression: "", mappings }));
  }
  const { link } = options;
  if (link !== undefined) {
    const { title, url } = link;
    panel.overrideByName(link.column, [{ id: "links", value: [{ title, url, targetBlank: link.isOther === true }] }]);
  }
  return panel;
}

/**
 * Only the labels that tell rows apart. Grafana merges rows when all columns that they share are equal, and the name of
 * the metric would be one: each value would stand in a row of its own.
 */
function keepLabels(expression: string, { labels, hidden = [] }: TableOptions): string {
  return `max by (${[...Object.keys(labels), ...hidden].join(", ")}) (${expression})`;
}

function columnProperties({ unit, mappings, thresholds }: Column): DynamicConfigValue[] {
  return [
    { id: "unit", value: unit ?? "short" },
    ...(mappings === undefined ? [] : [{ id: "mappings", value: mappings }]),
    ...(thresholds === undefined ? [] : [{ id: "thresholds", value: { mode: "absolute", steps: steps(thresholds) } }]),
    ...(mappings === undefined && thresholds === undefined
      ? []
      : [{ id: "custom.cellOptions", value: { type: TableCellDisplayMode.ColorText } }]),
  ];
}

/** Names of labels and of values become titles; the time and what is only for joining is left out. */
function organize(columns: readonly Column[], { labels }: TableOptions) {
  const single = columns.length === 1;
  const values = columns.map(({ title }, index) => [single ? "Value" : `Value #${refId(index)}`, title] as const);
  const order = [...Object.keys(labels), ...values.map(([name]) => name)];
  return {
    renameByName: { ...labels, ...Object.fromEntries(values) },
    excludeByName: { Time: true, __name__: true, job: true, instance: true },
    indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
  };
}

type AnyBuilder = StatBuilder | TimeSeriesBuilder | StateTimelineBuilder | TableBuilder;

function withText<One extends AnyBuilder>(panel: One, text: PanelText): One {
  panel
    .title(text.title)
    .description(text.description)
    .datasource(dataSource)
    .unit(text.unit)
    .span(text.width)
    .height(text.height);
  if (text.mappings !== undefined) panel.mappings(text.mappings);
  if (text.noValue !== undefined) panel.noValue(text.noValue);
  const thresholds = steps(text.thresholds ?? [{ color: "text" }]);
  panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(thresholds));
  return panel;
}

function steps(thresholds: readonly Threshold[]): { value: number | null; color: string }[] {
  return thresholds.map(({ from, color }) => ({ value: from ?? null, color }));
}

function withTargets<One extends AnyBuilder>(
  panel: One,
  queries: readonly Query[],
  shape: (query: DataqueryBuilder) => DataqueryBuilder,
): One {
  queries.forEach((query, index) => panel.withTarget(shape(target(query, index))));
  return panel;
}

function target({ expression, legend }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder().expr(expression).legendFormat(legend).refId(refId(index)).datasource(dataSource);
}

function refId(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

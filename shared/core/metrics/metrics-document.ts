import { metricGroups } from "../metric-catalogue.js";
import type { LabelValues, MetricFamily, MetricGroup } from "./metric-family.js";

/** docs/metrics.md: every metric with its type, labels and meaning. */
export function renderMetricsDocument(): string {
  return [heading, ...metricGroups.map(renderGroup)].join("\n");
}

function renderGroup({ title, presence, families }: MetricGroup): string {
  const rows = Object.entries(families).map(([name, family]) => renderRow(name, family));
  const table = ["| metric | type | labels | meaning |", "|---|---|---|---|", ...rows];
  return [`## ${title}`, "", `Present: ${presence}`, "", ...table, ""].join("\n");
}

function renderRow(name: string, { type, labels, help }: MetricFamily): string {
  const shown = Object.entries(labels).map(([label, values]) => `\`${label}\`${renderValues(values)}`);
  return `| \`${name}\` | ${type} | ${shown.join("; ")} | ${help} |`;
}

function renderValues(values: LabelValues): string {
  if (values === "any") return "";
  if ("known" in values) return values.known.length === 0 ? "" : `: ${values.known.join(", ")} …`;
  return `: ${values.join(", ")}`;
}

const heading = `# Metrics

Generated from \`shared/core/metric-catalogue.ts\` (\`npm run docs\`).

Times are Unix seconds (0 = never), durations seconds, sizes bytes, conditions 0 or 1. A state is one series per possible
value, exactly one of which is 1. The labels \`pair\` and \`side\` come from Prometheus' scrape configuration, not from
the exporter. What the exporter does not know now is absent; it never shows a last known value. Besides these there are
\`process_*\` and \`nodejs_*\` of the exporter's process itself.
`;

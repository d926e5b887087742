import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboardCatalogue, type DashboardName } from "../shared/core/dashboard-catalogue.js";
import { eventCatalogue, type EventName, eventNames } from "../shared/core/event-catalogue.js";
import { messageCatalogue, type Severity } from "../shared/core/message-catalogue.js";
import { dataSource } from "./panels.js";
import { dateOf } from "./queries.js";
import type { Color } from "./value-mappings.js";

/** Panels under one heading. */
export interface Section {
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
}

export interface DashboardContent {
  readonly name: DashboardName;
  readonly description: string;
  readonly sections: readonly Section[];
}

const tag = "sparesync";

/** A dashboard with what all of them have: variables, links to the others, annotations of events. Nobody edits it. */
export function buildDashboard({ name, description, sections }: DashboardContent): Dashboard {
  const { uid, title } = dashboardCatalogue[name];
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([tag])
    .readonly()
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: "now-6h", to: "now" })
    .refresh("30s")
    .link(otherDashboards())
    .withVariable(new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"))
    .withVariable(queryVariable("job", "Job", "label_values(sparesync_build_info, job)"))
    .withVariable(queryVariable("pair", "Pair", 'label_values(sparesync_build_info{job=~"$job"}, pair)'))
    .withVariable(
      queryVariable("instance", "Instance", 'label_values(sparesync_build_info{job=~"$job",pair=~"$pair"}, instance)'),
    );
  for (const name of markedEvents) dashboard.annotation(eventAnnotation(name));
  for (const section of sections) {
    dashboard.withRow(new RowBuilder(section.title));
    for (const panel of section.panels) dashboard.withPanel(panel);
  }
  const built = dashboard.build();
  // Fixed numbers: links to single panels stay right.
  return { ...built, panels: (built.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 })) };
}

function otherDashboards(): DashboardLinkBuilder {
  return new DashboardLinkBuilder("SpareSync")
    .type(DashboardLinkType.Dashboards)
    .tags([tag])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);
}

function queryVariable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .query(query)
    .datasource(dataSource)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".+")
    .current({ selected: true, text: "All", value: "$__all" });
}

/** What happens to the pair; starts of single programs and mail that was sent would only hide it. */
export const markedEvents = eventNames.filter((name) => !["process", "message"].includes(eventCatalogue[name].kind));

/** Offered, and not shown until somebody turns them on: what only follows from another mark, or ends what it began. */
export const minorEvents: readonly EventName[] = [
  "MarkedChecked",
  "DivergenceAcknowledged",
  "OperatorActed",
  "OperationStarted",
  "OperationEnded",
  "ConnectionRestored",
  "ExternalResourcesRestored",
  "ConfigurationErrorOver",
];

const severityColors: Readonly<Record<Severity, Color>> = { critical: "red", warning: "orange", info: "blue" };

/** A mark where the event happened: the query gives that time, not when it was scraped. */
function eventAnnotation(name: EventName): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(dataSource)
    .enable(!minorEvents.includes(name))
    .iconColor(severityColors[severityOf(name)])
    .expr(dateOf("sparesync_event_last_timestamp_seconds", `event="${name}"`))
    .useValueForTime(true)
    .step("60s")
    .titleFormat(name)
    .textFormat(`{{pair}} {{side}}: ${eventCatalogue[name].meaning}`)
    .tagKeys("pair,side");
}

/** That of the message which tells people of it. */
function severityOf(name: EventName): Severity {
  return name in messageCatalogue ? messageCatalogue[name as keyof typeof messageCatalogue].severity : "info";
}

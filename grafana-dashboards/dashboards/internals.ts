import type { DashboardContent } from "../dashboard.js";
import { statPanel, tablePanel, timeSeriesPanel, type Query } from "../panels.js";
import { chosen, increaseOf, rateOf, select } from "../queries.js";
import { mapCondition } from "../value-mappings.js";

const no = { text: "no", color: "red" } as const;
const yes = { text: "yes", color: "green" } as const;

function lines(title: string, description: string, unit: string, queries: readonly Query[]) {
  return timeSeriesPanel({ title, description, unit, width: 8, height: 7 }, queries);
}

const server = "{{pair}} {{side}}";

/** How SpareSync itself fares. */
export const internals: DashboardContent = {
  name: "internals",
  description:
    "How SpareSync's own programs fare: link, listeners, refusals, DNS updates, scrapes, memory, certificates.",
  sections: [
    {
      title: "Programs",
      panels: [
        tablePanel(
          {
            ...{ title: "Programs", unit: "short", width: 12, height: 7 },
            description: "Whether actor and guard run and the listeners are open.",
          },
          [
            { title: "Actor", expression: select("sparesync_actor_up"), mappings: mapCondition(no, yes) },
            { title: "Guard", expression: select("sparesync_guard_up"), mappings: mapCondition(no, yes) },
            {
              title: "Admin listener",
              expression: select("sparesync_admin_listening"),
              mappings: mapCondition(no, yes),
            },
            { title: "Link listener", expression: select("sparesync_link_listening"), mappings: mapCondition(no, yes) },
            {
              title: "Update server",
              expression: select("sparesync_dns_update_server_reachable"),
              mappings: mapCondition(no, yes),
            },
          ],
          { labels: { pair: "Pair", side: "Server" } },
        ),
        tablePanel(
          {
            ...{ title: "Versions", unit: "short", width: 6, height: 7 },
            description: "The version of each exporter and of the Node.js it runs on.",
          },
          [{ title: "Exporter", expression: select("sparesync_build_info") }],
          {
            labels: { pair: "Pair", side: "Server", version: "Version", node_version: "Node.js" },
            hidden: ["Exporter"],
          },
        ),
        statPanel(
          {
            ...{ title: "Certificates end in", unit: "s", width: 6, height: 7, noValue: "no TLS" },
            description: "How long the certificates in use are valid.",
            thresholds: [{ color: "red" }, { from: 1_209_600, color: "orange" }, { from: 2_592_000, color: "green" }],
          },
          [
            {
              expression: `${select("sparesync_tls_certificate_not_after_timestamp_seconds")} - time()`,
              legend: `${server} {{certificate}}`,
            },
          ],
        ),
      ],
    },
    {
      title: "Link and requests",
      panels: [
        lines("Round trip", "Round trip of a heartbeat between the actors.", "s", [
          { expression: select("sparesync_peer_round_trip_seconds"), legend: server },
        ]),
        timeSeriesPanel(
          {
            ...{ title: "Clock offset", unit: "s", width: 8, height: 7, canBeNegative: true },
            description: "How far the other server's clock is ahead; below zero, behind.",
          },
          [{ expression: select("sparesync_peer_clock_offset_seconds"), legend: server }],
        ),
        lines(
          "Refused by the link",
          "Connections and messages that were not authentic, fresh or of this pair.",
          "short",
          [{ expression: increaseOf("sparesync_link_refused_total"), legend: `${server} {{reason}}` }],
        ),
        lines("Alertmanager's posts", "What became of the alerts that Alertmanager posted.", "short", [
          { expression: increaseOf("sparesync_webhook_alerts_total"), legend: `${server} {{outcome}}` },
        ]),
        lines("Requests without credentials", "Requests to the admin listener that were not authenticated.", "short", [
          { expression: increaseOf("sparesync_auth_failures_total"), legend: server },
        ]),
        lines("DNS updates", "Updates sent to the update server, and those that failed.", "short", [
          { expression: increaseOf("sparesync_dns_updates_total"), legend: server },
          { expression: increaseOf("sparesync_dns_update_failures_total"), legend: `${server} failed` },
        ]),
      ],
    },
    {
      title: "Exporter",
      panels: [
        lines("Duration of collectors", "How long each collector took in a scrape.", "s", [
          {
            expression: `max by (pair, side, collector) (${select("sparesync_scrape_collector_duration_seconds")})`,
            legend: `${server} {{collector}}`,
          },
        ]),
        lines("Failed collectors", "Collectors that did not deliver.", "short", [
          {
            expression: `count by (pair, side) (${select("sparesync_scrape_collector_success")} == 0) or 0 * max by (pair, side) (${select("sparesync_build_info")})`,
            legend: server,
          },
        ]),
        lines("Failed probes", "Probes of the managed system that did not get the expected answer.", "cps", [
          { expression: rateOf("sparesync_managed_system_probe_failures_total"), legend: `${server} {{from}} {{via}}` },
        ]),
        lines("Memory", "Memory that the exporter holds.", "bytes", [
          { expression: `process_resident_memory_bytes{${chosen}}`, legend: server },
        ]),
        lines("Processor", "Processor time that the exporter uses.", "percentunit", [
          { expression: `rate(process_cpu_seconds_total{${chosen}}[$__rate_interval])`, legend: server },
        ]),
        lines("Event loop", "Delay of the exporter's event loop, 99th percentile.", "s", [
          { expression: `nodejs_eventloop_lag_p99_seconds{${chosen}}`, legend: server },
        ]),
      ],
    },
  ],
};

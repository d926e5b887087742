import { sample, seconds } from "../../shared/core/metric-catalogue.js";
import { serverNames } from "../../shared/core/server-name.js";
import { statusCollector } from "../collector.js";

/** The name of the managed system, as the actor reads and writes it. */
export const dns = statusCollector("dns", ({ nameServer, counters }, settings) => [
  sample("sparesync_dns_update_server_reachable", nameServer.isReachable),
  sample("sparesync_dns_last_read_timestamp_seconds", seconds(nameServer.lastReadMs)),
  ...serverNames.map((server) =>
    sample("sparesync_dns_points_to", isSameSet(nameServer.publishedAddresses, settings.dns.addresses[server]), {
      server,
    }),
  ),
  sample("sparesync_dns_ttl_seconds", settings.dns.ttlSeconds),
  sample("sparesync_dns_old_answers_until_timestamp_seconds", seconds(nameServer.oldAnswersUntilMs)),
  sample("sparesync_dns_corrections_total", counters["name_corrections"] ?? 0),
  sample("sparesync_dns_updates_total", nameServer.updatesTotal),
  sample("sparesync_dns_update_failures_total", nameServer.updateFailuresTotal),
]);

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return [...new Set(a)].sort().join() === [...new Set(b)].sort().join();
}

import { serverNames } from "../server-name.js";
import { counter, gauge } from "./metric-family.js";

/** From where the managed system is looked at: the server that is active now, or the one that stands by. */
export const vantages = ["active", "standby"] as const;
export type Vantage = (typeof vantages)[number];

/** Which address is probed: the server's own one, or the public one of the active server, as its users reach it. */
export const probeRoutes = ["local", "public"] as const;
export type ProbeRoute = (typeof probeRoutes)[number];

const view = { from: vantages, via: probeRoutes } as const;

/** Certificates whose end is watched; `exporter`: the one that it shows itself, where that is not the link's. */
export const watchedCertificates = ["link", "peer", "admin", "exporter"] as const;
export type WatchedCertificate = (typeof watchedCertificates)[number];

export const exporterFamilies = {
  sparesync_build_info: gauge("Version of the exporter; always 1.", { version: "any", node_version: "any" }),
  sparesync_node_info: gauge("Which of the two servers this is; always 1.", { server: serverNames }),
  sparesync_admin_info: gauge("Where operators reach the actor of this server, by the settings; always 1.", {
    url: "any",
  }),
  sparesync_actor_up: gauge("Whether the actor of this server answers on its status socket."),
  sparesync_scrape_collector_success: gauge("Whether the collector delivered in this scrape.", { collector: "any" }),
  sparesync_scrape_collector_duration_seconds: gauge("How long the collector took in this scrape.", {
    collector: "any",
  }),
} as const;

export const managedSystemFamilies = {
  sparesync_managed_system_available: gauge(
    "Whether the test page of the active server's managed system answers as expected.",
    view,
  ),
  sparesync_managed_system_unavailable_since_timestamp_seconds: gauge(
    "Since when the managed system is seen unavailable, 0 = it is available.",
    view,
  ),
  sparesync_managed_system_probe_duration_seconds: gauge("How long the last probe took.", view),
  sparesync_managed_system_probes_total: counter("Probes of the active server's managed system.", view),
  sparesync_managed_system_probe_failures_total: counter("Probes that did not get the expected answer.", view),
  sparesync_managed_system_answers_locally: gauge(
    "Whether the test page answers at this server's own address, whichever server is active.",
  ),
} as const;

export const externalResourceFamilies = {
  sparesync_external_resource_available: gauge("Whether the external resource accepts a connection.", {
    resource: "any",
  }),
  sparesync_external_resources_available: gauge("Whether as many external resources answer as are required."),
  sparesync_external_resources_required: gauge("How many external resources must answer."),
} as const;

export const certificateFamilies = {
  sparesync_tls_certificate_not_after_timestamp_seconds: gauge("When the certificate ends.", {
    certificate: watchedCertificates,
  }),
} as const;

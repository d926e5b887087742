import { formatHostAndPort } from "../../shared/core/host-and-port.js";
import { sample } from "../../shared/core/metric-catalogue.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { Collector } from "../collector.js";

/** Which program this is, and for which server. */
export const exporter: Collector = {
  name: "exporter",
  collect: ({ version, settings }) => [
    sample("sparesync_build_info", 1, { version, node_version: process.versions.node }),
    sample("sparesync_node_info", 1, { server: settings.server }),
    sample("sparesync_admin_info", 1, { url: adminUrl(settings) }),
  ],
};

/** A listener at all addresses is reached at the one that users know of this server. */
function adminUrl({ admin, managedSystem, server }: Settings): string {
  const isAny = ["0.0.0.0", "::"].includes(admin.listen.host);
  const host = isAny ? managedSystem.publicAddresses[server].host : admin.listen.host;
  return `${admin.transport}://${formatHostAndPort({ host, port: admin.listen.port })}`;
}

import { adminUrl } from "../../shared/core/admin-url.js";
import { sample } from "../../shared/core/metric-catalogue.js";
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

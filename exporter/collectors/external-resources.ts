import { sample } from "../../shared/core/metric-catalogue.js";
import type { Collector } from "../collector.js";

/** Whether this server can trust its own connection to the internet. */
export const externalResources: Collector = {
  name: "external-resources",
  collect({ settings, externalResources: seen }) {
    const required = sample("sparesync_external_resources_required", settings.externalResources.required);
    if (seen === undefined) return [required];
    return [
      required,
      sample("sparesync_external_resources_available", seen.available),
      ...seen.resources.map(({ name, isReachable }) =>
        sample("sparesync_external_resource_available", isReachable, { resource: name }),
      ),
    ];
  },
};

import type { ClockPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import { type ExternalResourcesResult, probeExternalResources } from "../../shared/probes/external-resources.js";
import type { ExternalResourcesPort } from "./external-resources-port.js";

export interface ExternalResourcesOptions {
  readonly settings: Pick<Settings["externalResources"], "required" | "resources">;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
}

/** The external resources of the settings, by TCP connect. Logs when the answer changes. */
export function createExternalResources({ settings, clock, log }: ExternalResourcesOptions): ExternalResourcesPort {
  let wasAvailable: boolean | undefined;

  function logChange({ available, because }: ExternalResourcesResult): void {
    if (available === wasAvailable) return;
    wasAvailable = available;
    if (available) log.info("external-resources-available", { because });
    else log.warn("external-resources-unavailable", { because });
  }

  return {
    async probe(signal) {
      const result = await probeExternalResources({ settings, clock, signal });
      logChange(result);
      return result;
    },
  };
}

import type { LocalStatus } from "../shared/core/local-status.js";
import type { Sample } from "../shared/core/metric-catalogue.js";
import type { Settings } from "../shared/core/settings/settings.js";
import type { ExternalResourcesResult } from "../shared/probes/external-resources.js";
import type { ProbeRecord } from "./core/probe-record.js";

/** What one scrape knows. */
export interface ScrapeContext {
  readonly settings: Settings;
  readonly version: string;
  /** Read for this scrape; undefined when the actor did not answer. */
  readonly status: LocalStatus | undefined;
  readonly managedSystem: ProbeRecord;
  readonly externalResources: ExternalResourcesResult | undefined;
  /** The certificate that this exporter itself shows, PEM; undefined: plain HTTP. */
  readonly shownCertificate: string | undefined;
}

/** What a collector could collect where a part of it failed, and why that did. */
export interface IncompleteCollection {
  readonly samples: readonly Sample[];
  readonly because: string;
}

export type Collection = readonly Sample[] | IncompleteCollection;

/** One source of metrics. It may fail or hang: the scrape isolates it and reports that. It keeps nothing. */
export interface Collector {
  readonly name: string;
  collect(context: ScrapeContext): Collection | Promise<Collection>;
}

/** A collector of what only the actor knows: without an answer its series are absent, never the last known ones. */
export function statusCollector(
  name: string,
  collect: (status: LocalStatus, settings: Settings) => readonly Sample[],
): Collector {
  return { name, collect: ({ status, settings }) => (status === undefined ? [] : collect(status, settings)) };
}

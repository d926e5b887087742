import type { ExternalResourcesResult } from "../../shared/probes/external-resources.js";

/** Whether this server can trust its own connection to the internet. */
export interface ExternalResourcesPort {
  /** Looks now, once. Rejects only with ABORTED; what does not answer is part of the result. */
  probe(signal: AbortSignal): Promise<ExternalResourcesResult>;
}

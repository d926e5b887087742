import type { ClockPort } from "../shared/core/clock-port.js";
import type { LocalStatus } from "../shared/core/local-status.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { Settings } from "../shared/core/settings/settings.js";

/** Everything the exporter needs from outside. It looks at the managed system and the network by itself. */
export interface ExporterPorts {
  readonly settings: Settings;
  readonly version: string;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  /** Rejects when the actor does not answer within the limit. May be called concurrently. */
  readonly readStatus: (limitSeconds: number) => Promise<LocalStatus>;
  /** The metrics of this process itself, as text. */
  readonly readProcessMetrics: () => Promise<string>;
}

import type { ClockPort } from "../shared/core/clock-port.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { Settings } from "../shared/core/settings/settings.js";
import type { ActorStatus } from "../shared/core/status.js";

/** What the actor of this server says over its local socket, which works also when one of its listeners does not. */
export type LocalActorStatus = ActorStatus & {
  readonly listeners: { readonly admin: boolean; readonly link: boolean };
};

/** Everything the exporter needs from outside. It looks at the managed system and the network by itself. */
export interface ExporterPorts {
  readonly settings: Settings;
  readonly version: string;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  /** Rejects when the actor does not answer within the limit. May be called concurrently. */
  readonly readStatus: (limitSeconds: number) => Promise<LocalActorStatus>;
  /** The metrics of this process itself, as text. */
  readonly readProcessMetrics: () => Promise<string>;
}

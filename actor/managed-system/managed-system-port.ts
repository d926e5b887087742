import type { ProbeResult } from "../../shared/probes/probe-result.js";

export type { ProbeResult };

export interface Serving {
  /** Anything of it runs or answers, or that cannot be told: then another server must not serve. */
  readonly serving: boolean;
  /** Every control of it runs; an owner of which this is false has something left to start. */
  readonly isWhole: boolean;
  /** One sentence: how that was seen. */
  readonly because: string;
}

/**
 * The application on this server. `start` is reached only through the ownership choke point (actor/start-managed-system);
 * nothing else may call it.
 */
export interface ManagedSystemPort {
  /** Starts the controls in reverse order. Running it when all run does no harm. */
  start(signal: AbortSignal): Promise<void>;
  /** Stops the controls in order, escalating to kill within the setting `ownership.stopSeconds`. Idempotent. */
  stop(signal: AbortSignal): Promise<void>;
  /** What of it runs or answers here now, whoever started it. */
  isServing(signal: AbortSignal): Promise<Serving>;
  /** The test page at this server's own address. */
  probeLocal(signal: AbortSignal): Promise<ProbeResult>;
  /** The test page at the public address of a server, with the name as Host and SNI: what its users would see. */
  probePublic(server: "primary" | "secondary", signal: AbortSignal): Promise<ProbeResult>;
}

import type { ProbeResult } from "../managed-system/managed-system-port.js";

/** The application as a drill starts it: by commands of its own, apart from the one that serves. */
export interface DrillApplication {
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when the stop command says that it is gone. Stopping what does not run does no harm. */
  stop(signal: AbortSignal): Promise<void>;
  /** The test page at the drill's own port on loopback. */
  probe(signal: AbortSignal): Promise<ProbeResult>;
}

/** What drills keep, and the application they may start; undefined where the settings name none. */
export interface DrillPort {
  /** What was written last; undefined: nothing yet. */
  read(): Promise<unknown>;
  write(document: unknown): Promise<void>;
  readonly application: DrillApplication | undefined;
}

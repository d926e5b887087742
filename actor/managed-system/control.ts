/** `unknown`: the control cannot tell; whoever decides must then assume that it runs. */
export type ControlState = "running" | "stopped" | "unknown";

export interface ControlStatus {
  readonly state: ControlState;
  /** One sentence: how that was seen. */
  readonly because: string;
}

/**
 * One way to stop and start a part of the managed system. No method retries. All reject with ABORTED when the signal
 * aborts. Only managed-system.ts uses it: the order of the controls and the time they share are decided there.
 */
export interface ManagedSystemControl {
  /** Name in logs and messages. */
  readonly name: string;
  /** Makes it run; does nothing when it runs. Rejects with MANAGED_SYSTEM_FAILED or DEADLINE_EXCEEDED. */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Resolves only when it has been seen stopped, at once when it is. Rejects with MANAGED_SYSTEM_FAILED when that was
   * not reached within `limitSeconds`.
   */
  stop(limitSeconds: number, signal: AbortSignal): Promise<void>;
  /** What can be seen now; a failure to look is `unknown`. */
  status(signal: AbortSignal): Promise<ControlStatus>;
}

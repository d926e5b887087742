import type { HookSettings } from "../../shared/core/settings/hook-settings.js";

export interface HookResult {
  readonly hasSucceeded: boolean;
  /** "exited with 1: …", with the end of its output. */
  readonly ending: string;
}

/** Runs one hook to its end or its limit. Rejects with ABORTED only; may be called again for the same operation. */
export interface HooksPort {
  run(hook: HookSettings, variables: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HookResult>;
}

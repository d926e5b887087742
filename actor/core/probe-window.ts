/** One probe of the active server's public address. Times of the monotonic clock unless they say wall. */
export interface Probe {
  readonly startedAtMs: number;
  readonly startedAtWallMs: number;
  readonly available: boolean;
}

export interface ProbeWindow {
  /** The last probes, oldest first; at most as many as are considered. */
  readonly probes: readonly Probe[];
  /** The first failed probe of the outage that the probes show; undefined: they show none. */
  readonly outageSince: Probe | undefined;
}

export interface ProbeLimits {
  /** Of so many of the last probes … */
  readonly probesConsidered: number;
  /** … so many must have failed for an outage. */
  readonly probesFailed: number;
}

export const emptyProbeWindow: ProbeWindow = { probes: [], outageSince: undefined };

/**
 * The window after one more probe. An outage lasts as long as enough of the last probes failed: one answer in between
 * does not make it begin anew, and one lost packet is none.
 */
export function nextProbeWindow(previous: ProbeWindow, probe: Probe, limits: ProbeLimits): ProbeWindow {
  const probes = [...previous.probes, probe].slice(-limits.probesConsidered);
  const failed = probes.filter(({ available }) => !available);
  if (failed.length < limits.probesFailed) return { probes, outageSince: undefined };
  return { probes, outageSince: previous.outageSince ?? failed[0] };
}

/** How many of the considered probes failed, and whether the last one did. */
export function countFailedProbes({ probes }: ProbeWindow): { readonly failed: number; readonly didLastFail: boolean } {
  return {
    failed: probes.filter(({ available }) => !available).length,
    didLastFail: probes.at(-1)?.available === false,
  };
}

import type { ServerName } from "../shared/core/server-name.js";

/** One write of the observer to one application's own address. */
export interface Observation {
  readonly id: string;
  readonly server: ServerName;
  readonly sentAtMs: number;
  readonly endedAtMs: number;
  /** accepted: committed. unknown: no answer, so it may have been committed. */
  readonly outcome: "accepted" | "refused" | "unknown";
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * For how long both applications accepted writes, in seconds. A server counts as active without a gap from the sending of
 * one accepted write to the answer of the next, as long as none was refused in between: the answer can only be too
 * large, never too small. `committed` are ids found in a database afterwards; they settle what got no answer.
 */
export function dualActiveSeconds(observations: readonly Observation[], committed: ReadonlySet<string>): number {
  const settled = observations.map((seen) =>
    seen.outcome === "unknown"
      ? ({ ...seen, outcome: committed.has(seen.id) ? "accepted" : "refused" } as const)
      : seen,
  );
  const primary = activeSpans(settled.filter(({ server }) => server === "primary"));
  const secondary = activeSpans(settled.filter(({ server }) => server === "secondary"));
  const overlaps = primary.flatMap((a) =>
    secondary.map((b) => Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs)),
  );
  return overlaps.filter((ms) => ms > 0).reduce((sum, ms) => sum + ms, 0) / 1000;
}

/** The spans of one server, each from the first to the last of accepted writes that follow each other. */
export function activeSpans(observations: readonly Observation[]): readonly Span[] {
  const spans: Span[] = [];
  let open: Span | undefined;
  for (const { outcome, sentAtMs, endedAtMs } of [...observations].sort((a, b) => a.sentAtMs - b.sentAtMs)) {
    if (outcome === "accepted") open = { fromMs: open?.fromMs ?? sentAtMs, toMs: Math.max(open?.toMs ?? 0, endedAtMs) };
    else if (open !== undefined) {
      spans.push(open);
      open = undefined;
    }
  }
  return open === undefined ? spans : [...spans, open];
}

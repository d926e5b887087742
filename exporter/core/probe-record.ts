import { type ProbeRoute, probeRoutes, type Vantage, vantages } from "../../shared/core/metrics/exporter-metrics.js";
import type { ProbeResult } from "../../shared/probes/probe-result.js";
import type { KnownVantage } from "./vantage.js";

/** The active server's managed system as seen from one vantage by one route. */
export interface ProbeView {
  readonly from: Vantage;
  readonly via: ProbeRoute;
  readonly available: boolean;
  /** 0 while available. */
  readonly unavailableSinceMs: number;
  readonly durationMs: number;
}

export interface ProbeCount {
  readonly from: Vantage;
  readonly via: ProbeRoute;
  readonly probes: number;
  readonly failures: number;
}

/** What the probes have shown so far. */
export interface ProbeRecord {
  readonly views: readonly ProbeView[];
  readonly counts: readonly ProbeCount[];
  /** Undefined before the first probe. */
  readonly answersLocally: boolean | undefined;
}

export interface ProbeRound {
  readonly wallMs: number;
  readonly vantage: KnownVantage;
  readonly local: ProbeResult;
  /** Of the active server's public address; undefined when it is not known which that is. */
  readonly public: ProbeResult | undefined;
}

/** Nothing probed yet; the counters of all views are there, at 0. */
export const emptyProbeRecord: ProbeRecord = {
  views: [],
  counts: vantages.flatMap((from) =>
    probeRoutes
      // The standby's own address is not where the active server's managed system answers.
      .filter((via) => !(from === "standby" && via === "local"))
      .map((via) => ({ from, via, probes: 0, failures: 0 })),
  ),
  answersLocally: undefined,
};

/** The record after one more round. Views of a vantage this server has left are dropped: they are no longer true. */
export function nextProbeRecord(previous: ProbeRecord, round: ProbeRound): ProbeRecord {
  const views = resultsOf(round).map(({ from, via, result }) => {
    const before = previous.views.find((view) => view.from === from && view.via === via);
    const since = before?.unavailableSinceMs ?? 0;
    return {
      from,
      via,
      available: result.available,
      unavailableSinceMs: result.available ? 0 : since === 0 ? round.wallMs : since,
      durationMs: result.durationMs,
    };
  });
  const counts = previous.counts.map((count) => {
    const view = views.find(({ from, via }) => from === count.from && via === count.via);
    if (view === undefined) return count;
    return { ...count, probes: count.probes + 1, failures: count.failures + (view.available ? 0 : 1) };
  });
  return { views, counts, answersLocally: round.local.available };
}

function resultsOf(round: ProbeRound): readonly { from: Vantage; via: ProbeRoute; result: ProbeResult }[] {
  const { vantage } = round;
  if (vantage === undefined || round.public === undefined) return [];
  const seenPublicly = { from: vantage, via: "public" as const, result: round.public };
  return vantage === "active" ? [{ from: vantage, via: "local", result: round.local }, seenPublicly] : [seenPublicly];
}

import { type BenchCase, type Goal, ours, type Sample } from "./bench.js";
import { median, spread } from "./statistics.js";

/** What was measured of one contender, round by round, and why not where it could not be. */
export interface Measured {
  readonly samples: readonly Sample[];
  readonly watched?: Sample;
  readonly why?: string;
}

/** One line of the result; the form is described in bench/README.md. */
export interface CaseResult {
  readonly name: string;
  readonly measure: string;
  readonly peer: string;
  readonly ours: number | null;
  readonly theirs: number | null;
  readonly unit: string;
  /** ours / theirs, lower is better; null where there is no peer, or theirs is 0. */
  readonly ratio: number | null;
  readonly target: number;
  readonly met: boolean;
  readonly noise: number | null;
  readonly rounds: number;
  readonly why?: string;
  /** The medians of everything else that was measured. */
  readonly details?: { readonly ours: Sample; readonly theirs?: Sample };
}

/** Judges each goal of a case by what was measured. */
export function judgeCase(bench: BenchCase, measured: ReadonlyMap<string, Measured>): CaseResult[] {
  return bench.goals.map((goal) => judgeGoal(bench, goal, measured));
}

function judgeGoal(bench: BenchCase, goal: Goal, measured: ReadonlyMap<string, Measured>): CaseResult {
  const own = measured.get(ours) ?? { samples: [] };
  const peer = goal.peer === "none" ? undefined : (measured.get(goal.peer) ?? { samples: [] });
  const mine = valuesOf(own, goal.measure, bench);
  const others = peer === undefined ? undefined : valuesOf(peer, goal.measure, bench);
  const why = own.why ?? peer?.why ?? (mine.length === 0 || others?.length === 0 ? "it was not measured" : undefined);
  const oursValue = median(mine);
  const theirsValue = others === undefined ? Number.NaN : median(others);
  const value = others === undefined ? oursValue : ratioOf(oursValue, theirsValue);
  return {
    name: bench.name,
    measure: goal.measure,
    peer: goal.peer,
    ours: rounded(oursValue),
    theirs: rounded(theirsValue),
    unit: goal.unit,
    ratio: others === undefined ? null : rounded(value),
    target: goal.target,
    met: why === undefined && value <= goal.target,
    noise: rounded(spread(others === undefined ? mine : ratiosOf(mine, others))),
    rounds: Math.min(mine.length, others?.length ?? mine.length),
    ...(why === undefined ? {} : { why }),
    ...(mine.length === 0
      ? {}
      : { details: { ours: medians(own), ...(peer === undefined ? {} : { theirs: medians(peer) }) } }),
  };
}

function valuesOf({ samples, watched }: Measured, measure: string, bench: BenchCase): number[] {
  const from = bench.watchedMeasures?.includes(measure) === true ? [watched ?? {}] : samples;
  return from.map((sample) => sample[measure]).filter((value) => value !== undefined);
}

/** Nothing against nothing is equal; something against nothing is worse than any target. */
function ratioOf(mine: number, theirs: number): number {
  return theirs === 0 ? (mine === 0 ? 1 : Number.POSITIVE_INFINITY) : mine / theirs;
}

function ratiosOf(mine: readonly number[], theirs: readonly number[]): number[] {
  return mine.slice(0, theirs.length).map((value, round) => ratioOf(value, theirs[round] ?? Number.NaN));
}

function medians({ samples, watched }: Measured): Sample {
  const names = new Set(samples.flatMap((sample) => Object.keys(sample)));
  const entries = [...names].map((name): [string, number] => {
    const values = samples.map((sample) => sample[name]).filter((value) => value !== undefined);
    return [name, rounded(median(values)) ?? 0];
  });
  return { ...Object.fromEntries(entries), ...watched };
}

/** Four digits are more than any of this is exact to. NaN and infinity have no form in JSON. */
function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}

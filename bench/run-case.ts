import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../shared/core/app-error.js";
import { type BenchCase, type BenchPlace, type OpenCase, ours, type Sample } from "./bench.js";
import { type CaseResult, judgeCase, type Measured } from "./case-result.js";

export interface RunOptions {
  readonly rounds: number;
  /** Only these peers; all of the case when empty. */
  readonly peers: readonly string[];
  readonly scale: number;
  /** Folders for temporary trees: on the disk, and in memory. */
  readonly folder: string;
  readonly memoryFolder: string;
  readonly note: (text: string) => void;
}

/**
 * Measures a case in rounds: in each round every contender once, one after the other, each round beginning with another
 * one, so that what happens on the machine meanwhile meets all of them alike. Never rejects: what fails says why.
 */
export async function runCase(bench: BenchCase, options: RunOptions): Promise<CaseResult[]> {
  const goals = bench.goals.filter(
    ({ peer }) => peer === "none" || options.peers.length === 0 || options.peers.includes(peer),
  );
  const chosen = { ...bench, goals, missing: (contender: string) => bench.missing(contender) };
  const measured = new Map<string, Mutable>();
  for (const contender of new Set([ours, ...goals.map(({ peer }) => peer).filter((peer) => peer !== "none")])) {
    const why = bench.missing(contender);
    measured.set(contender, { samples: [], ...(why === undefined ? {} : { why }) });
  }
  if (measured.get(ours)?.why === undefined) await measureAll(bench, measured, options);
  return judgeCase(chosen, measured);
}

interface Mutable extends Measured {
  samples: Sample[];
  watched?: Sample;
  why?: string;
}

async function measureAll(bench: BenchCase, measured: Map<string, Mutable>, options: RunOptions): Promise<void> {
  const place = placeOf(bench, options);
  let open: OpenCase | undefined;
  try {
    open = await bench.open(place);
    for (let round = 0; round < options.rounds; round += 1) {
      const contenders = rotated([...measured.keys()], round);
      for (const contender of contenders) await measureOne(open, contender, measured, { ...options, round });
    }
    if (bench.watchedMeasures !== undefined) {
      for (const contender of measured.keys()) await measureOne(open, contender, measured, options);
    }
  } catch (error) {
    for (const one of measured.values()) one.why ??= errorMessage(error);
  } finally {
    await open?.close().catch((error: unknown) => {
      options.note(`${bench.name}: not everything could be ended: ${errorMessage(error)}`);
    });
    for (const folder of [place.folder, place.memoryFolder]) rmSync(folder, { recursive: true, force: true });
  }

  function placeOf({ name }: BenchCase, { folder, memoryFolder, scale, note }: RunOptions): BenchPlace {
    const own = { folder: join(folder, name), memoryFolder: join(memoryFolder, `${name}-in-memory`) };
    for (const one of Object.values(own)) mkdirSync(one, { recursive: true });
    return {
      ...own,
      scale,
      note: (text) => {
        note(`${name}: ${text}`);
      },
    };
  }
}

async function measureOne(
  open: OpenCase,
  contender: string,
  measured: ReadonlyMap<string, Mutable>,
  { note, round }: RunOptions & { readonly round?: number },
): Promise<void> {
  const one = measured.get(contender);
  // What could not be measured once is not tried again: it would only cost the others time.
  if (one === undefined || one.why !== undefined) return;
  const label = `${round === undefined ? "watched round" : `round ${round + 1}`}, ${contender}`;
  try {
    const sample = await open.measure(contender, round === undefined);
    if (round === undefined) one.watched = sample;
    else one.samples.push(sample);
    note(`${label}: ${describe(sample)}`);
  } catch (error) {
    one.why = errorMessage(error);
    note(`${label}: failed: ${one.why}`);
  }
}

function describe(sample: Sample): string {
  return Object.entries(sample)
    .map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toPrecision(4)}`)
    .join(", ");
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const cut = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(cut), ...items.slice(0, cut)];
}

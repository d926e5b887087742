import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BenchCase, BenchPlace, Goal, OpenCase, Sample } from "../bench.js";
import type { Session } from "./contender.js";
import { contenderNamed } from "./contenders.js";
import { measureSession, missingContender } from "./measure-session.js";

export interface RepeatCaseOptions {
  readonly name: string;
  readonly title: string;
  readonly goals: readonly Goal[];
  readonly isInMemory?: true;
  /** Each contender watches its source by itself after this delay. */
  readonly watchDelaySeconds?: number;
  /** Only these do; the others synchronise when they are told to. */
  readonly watchers?: readonly string[];
  /** Fills the source folder that every contender gets a copy of. */
  readonly fill: (root: string, place: BenchPlace) => void;
  /** Changes the source before a round, outside of the time; `round` counts from 0. */
  readonly change?: (root: string, round: number, place: BenchPlace) => void;
  /** What is measured; one synchronisation unless given. */
  readonly work?: (synced: SyncedPair, round: number) => Promise<Sample | undefined>;
}

/** A contender whose target was equal to its source before the round. */
export interface SyncedPair {
  readonly source: string;
  readonly target: string;
  readonly session: Session;
  readonly place: BenchPlace;
  readonly isWatching: boolean;
}

/** A case about a pair that is in step already: each contender has its own, which lives through all rounds. */
export function repeatCase(options: RepeatCaseOptions): BenchCase {
  const { name, title, goals } = options;
  return {
    name,
    title,
    goals,
    watchedMeasures: ["wireBytes"],
    missing: missingContender,
    open: (place) => Promise.resolve(new Pairs(options, place)),
  };
}

class Pairs implements OpenCase {
  readonly #options: RepeatCaseOptions;
  readonly #place: BenchPlace;
  readonly #base: string;
  readonly #pairs = new Map<string, SyncedPair & { rounds: number }>();

  constructor(options: RepeatCaseOptions, place: BenchPlace) {
    this.#options = options;
    this.#place = place;
    this.#base = options.isInMemory === true ? place.memoryFolder : place.folder;
    place.note("making the source");
    mkdirSync(join(this.#base, "model"));
    options.fill(join(this.#base, "model"), place);
  }

  async measure(contender: string, isWatched: boolean): Promise<Sample> {
    const { change, work = synchroniseOnce } = this.#options;
    const key = `${contender}${isWatched ? "-watched" : ""}`;
    const pair = this.#pairs.get(key) ?? (await this.#openPair(contender, key, isWatched));
    const round = pair.rounds;
    pair.rounds += 1;
    change?.(pair.source, round, this.#place);
    return measureSession(pair.session, isWatched, () => work(pair, round));
  }

  async close(): Promise<void> {
    for (const { session } of this.#pairs.values()) await session.close();
  }

  async #openPair(contender: string, key: string, isCounting: boolean): Promise<SyncedPair & { rounds: number }> {
    const { watchDelaySeconds, watchers } = this.#options;
    const isWatching = watchDelaySeconds !== undefined && watchers?.includes(contender) !== false;
    this.#place.note(`${contender}: its own copy, and a first synchronisation`);
    const source = join(this.#base, `${key}-source`);
    const target = join(this.#base, `${key}-target`);
    const scratch = join(this.#place.folder, `${key}-scratch`);
    for (const folder of [target, scratch]) mkdirSync(folder, { recursive: true });
    cpSync(join(this.#base, "model"), source, { recursive: true, preserveTimestamps: true });
    const session = await contenderNamed(contender).open({
      source,
      target,
      scratch,
      isCounting,
      ...(isWatching ? { watchDelaySeconds } : {}),
    });
    const pair = { source, target, session, place: this.#place, isWatching, rounds: 0 };
    this.#pairs.set(key, pair);
    // One that watches begins by itself; the work of its case waits for what it needs.
    if (!isWatching) await session.synchronise();
    return pair;
  }
}

async function synchroniseOnce({ session }: SyncedPair): Promise<undefined> {
  await session.synchronise();
  return undefined;
}

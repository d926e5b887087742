/** What one measurement gives: a number for each measure, named with its unit where it has one ("seconds"). */
export type Sample = Readonly<Record<string, number>>;

/** What a measure must reach. One line of the result each. */
export type Goal = RatioGoal | LimitGoal;

/** Ours divided by that of a peer measured in the same rounds is at most `target`. */
export interface RatioGoal {
  readonly measure: string;
  readonly unit: string;
  readonly peer: string;
  readonly target: number;
}

/** Ours is at most `target`, in the measure's own unit; there is nobody to compare with. */
export interface LimitGoal {
  readonly measure: string;
  readonly unit: string;
  readonly peer: "none";
  readonly target: number;
}

/** The name under which the product itself is measured. */
export const ours = "sparesync";

/** One question that a bench answers with figures: a file of its own and one line in the list of its bench. */
export interface BenchCase {
  readonly name: string;
  /** One sentence: what is measured. */
  readonly title: string;
  readonly goals: readonly Goal[];
  /** Not run unless asked for by name: it takes very long, or much room. */
  readonly isOnRequest?: true;
  /** Measures that come from one round of their own, which is slower for being watched: not from the timed rounds. */
  readonly watchedMeasures?: readonly string[];
  /** Why this peer (or the product) cannot be measured here; undefined when it can. */
  missing(contender: string): string | undefined;
  /** Makes what the case works on, below a folder of its own that is removed afterwards. */
  open(place: BenchPlace): Promise<OpenCase>;
}

export interface BenchPlace {
  /** An empty folder on the disk. */
  readonly folder: string;
  /** An empty folder in memory (tmpfs); the one on the disk where there is no such thing. */
  readonly memoryFolder: string;
  /** 1 is the size the targets are for; smaller while working. */
  readonly scale: number;
  readonly note: (text: string) => void;
}

/** A case that is ready. What it holds open it ends in `close`, also after a failed measurement. */
export interface OpenCase {
  /** One measurement of one contender. `isWatched`: the one round for `watchedMeasures`. */
  measure(contender: string, isWatched: boolean): Promise<Sample>;
  close(): Promise<void>;
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  readonly cases: readonly BenchCase[];
}

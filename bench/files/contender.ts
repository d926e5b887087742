import type { Usage } from "../process-usage.js";

export interface SessionOptions {
  /** The folder whose content is brought over, and the one it is brought to. Both exist. */
  readonly source: string;
  readonly target: string;
  /** For settings, logs and state: outside of both. */
  readonly scratch: string;
  /** Notices changes by itself after this delay; without it only `synchronise` brings anything over. */
  readonly watchDelaySeconds?: number;
  /** The product need not make contents durable, as its peers do not by default. */
  readonly isHasty?: boolean;
  /** Counts bytes on the wire, which costs time: a session with it is not timed. */
  readonly isCounting?: boolean;
}

/** A running pair of source and target of one contender. */
export interface Session {
  /** Brings everything over once; resolves when the target has it. Only without `watchDelaySeconds`. */
  synchronise(): Promise<void>;
  /** How far a synchronisation under way is, for people. */
  progress?(): Promise<string>;
  /** Of both sides, since the session began or since resetPeak. */
  usage(): Promise<Usage>;
  resetPeak(): void;
  /** Bytes on the wire so far in both directions; only with `isCounting`. */
  wireBytes(): number;
  close(): Promise<void>;
}

/** Something that keeps a target folder equal to a source folder: the product or one of its peers. */
export interface Contender {
  readonly name: string;
  /** Why it cannot be measured here; undefined when it can. */
  missing(): string | undefined;
  open(options: SessionOptions): Promise<Session>;
}

import { leafName, parentPath } from "../core/file-entry.js";
import { deletedFolder } from "../core/file-path.js";
import { openPathsLimit, type OpenPaths } from "../core/file-wire.js";
import type { FileProblem } from "./scanner.js";

export interface FailingPath {
  readonly because: string;
  readonly kind: FileProblem["kind"];
  readonly isOutdated?: true | undefined;
  readonly attempts: number;
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
}

/** Beyond so many of either kind the rest is only counted; the next full analysis finds them again. */
const skippedLimit = openPathsLimit;
/** Each of these is marked to be looked at again, and the marks must leave room for changes. */
const triedLimit = 5000;

/** How many of each kind were found beside those that have names. */
export interface UnnamedProblems {
  readonly skipped: number;
  readonly tried: number;
}

const noneUnnamed: UnnamedProblems = { skipped: 0, tried: 0 };

interface More extends UnnamedProblems {
  /** Since when any was; monotonic milliseconds. */
  readonly triedSinceMs?: number | undefined;
}

const nothingMore: More = noneUnnamed;

/** A file that merely changes often is no problem before it has defied so many attempts. */
const patientAttempts = 3;
const shortestRetryMs = 500;
const longestRetryMs = 300_000;

/** Paths that cannot be synchronised now, with how often it was tried. Bounded. */
export class FailingPaths {
  readonly #paths = new Map<string, FailingPath>();
  /** Only counted, and who knows what became of them. */
  #more = nothingMore;

  /**
   * Takes over what a pass over `looked` paths has found; what it did not find again is over. `unnamed`: so many more of which
   * nobody has the names. `sinceMs`: since when the target may lack what is at a path that did not fail before (monotonic); not
   * since it failed, for it was changed before that.
   */
  update(
    looked: readonly string[],
    problems: readonly FileProblem[],
    sinceMs: (path: string) => number,
    unnamed = noneUnnamed,
  ): void {
    const before = new Map(this.#paths);
    const isAll = looked.includes("");
    const triedSinceMs = this.#more.triedSinceMs;
    if (isAll) this.#more = nothingMore;
    const wasLookedAt = isAll ? () => true : isAtOrBelow(looked);
    for (const path of before.keys()) if (wasLookedAt(path)) this.#paths.delete(path);
    let skipped = 0;
    for (const { kind } of this.#paths.values()) if (kind === "skipped") skipped += 1;
    let tried = this.#paths.size - skipped;
    for (const { path, kind, because, isOutdated } of problems) {
      const known = before.get(path);
      const isSkipped = kind === "skipped";
      const isThere = this.#paths.get(path)?.kind === kind;
      if (!isThere && (isSkipped ? skipped >= skippedLimit : tried >= triedLimit)) {
        this.#count(isSkipped, 1, triedSinceMs ?? sinceMs(path));
        continue;
      }
      if (!isThere && isSkipped) skipped += 1;
      else if (!isThere) tried += 1;
      const attempts = (known?.attempts ?? 0) + 1;
      this.#paths.set(path, {
        kind,
        isOutdated,
        because: atPath(because, path),
        attempts,
        sinceMs: known?.sinceMs ?? sinceMs(path),
      });
    }
    if (unnamed.skipped > 0) this.#count(true, unnamed.skipped, sinceMs(""));
    if (unnamed.tried > 0) this.#count(false, unnamed.tried, triedSinceMs ?? sinceMs(""));
  }

  /** Noticed beside a pass: something that cannot be synchronised by its nature. */
  note(path: string, because: string, nowMs: number): void {
    if (this.#paths.has(path)) return;
    if (this.#paths.size < skippedLimit)
      this.#paths.set(path, { kind: "skipped", because, attempts: 1, sinceMs: nowMs });
    else this.#count(true, 1, nowMs);
  }

  #count(isSkipped: boolean, number: number, sinceMs: number): void {
    const { skipped, tried, triedSinceMs = sinceMs } = this.#more;
    this.#more = isSkipped
      ? { ...this.#more, skipped: skipped + number }
      : { skipped, tried: tried + number, triedSinceMs: Math.min(triedSinceMs, sinceMs) };
  }

  /** Since when the target may lack it, monotonic; undefined when it does not fail. */
  sinceMs(path: string): number | undefined {
    return this.#paths.get(path)?.sinceMs;
  }

  /** How long to wait before the next attempt, doubling each time; undefined for what is left to the next full analysis. */
  retryAfterMs(path: string): number | undefined {
    const attempts = this.#paths.get(path)?.attempts;
    if (attempts === undefined) return undefined;
    return Math.min(longestRetryMs, shortestRetryMs * 2 ** Math.min(attempts - 1, 20));
  }

  clear(): void {
    this.#paths.clear();
    this.#more = nothingMore;
  }

  /** How many a person should know of. */
  get count(): number {
    return this.warnings().length + this.#more.skipped + this.#more.tried;
  }

  /** What a person should know of: not what will settle by itself in a moment. */
  warnings(): [string, FailingPath][] {
    return [...this.#paths].filter(([, { kind, attempts }]) => kind !== "changed" || attempts > patientAttempts);
  }

  /** How many warnings there are, and so many of them by name. */
  describe(limit: number) {
    const named = this.warnings().slice(0, limit);
    return {
      warnings: this.count,
      paths: named.map(([path, { kind, because, attempts }]) => ({ path, kind, because, attempts })),
    };
  }

  /** All of them, those included that are left alone by their nature. */
  get open(): OpenPaths {
    return this.#isOverflown || this.#paths.size > openPathsLimit
      ? null
      : [...this.#paths.keys()].filter((path) => path !== deletedFolder);
  }

  /** Whether all that should be on the target is there, but for what has defied so many attempts that people are told of it. */
  get isSettled(): boolean {
    const isSettled = ({ kind, attempts }: FailingPath): boolean => kind === "skipped" || attempts > patientAttempts;
    return !this.#isOverflown && [...this.#paths.values()].every(isSettled);
  }

  /** Those that should be on the target, or not be there as they are, for people. */
  obstacles(): string[] {
    return this.warnings()
      .filter(([, { kind, isOutdated }]) => kind !== "skipped" || isOutdated === true)
      .map(([path, { because }]) => `${JSON.stringify(path)}: ${because}`);
  }

  /** Since when something that should be on the target is not; undefined when nothing is. */
  get oldestSinceMs(): number | undefined {
    let oldest = this.#more.triedSinceMs;
    for (const { kind, sinceMs } of this.#paths.values()) {
      if (kind !== "skipped") oldest = Math.min(oldest ?? sinceMs, sinceMs);
    }
    return oldest;
  }

  /** Paths that are tried again: all but those that cannot be synchronised by their nature. */
  get pending(): number {
    let pending = this.#more.tried;
    for (const { kind } of this.#paths.values()) if (kind !== "skipped") pending += 1;
    return pending;
  }

  get #isOverflown(): boolean {
    return this.#more.skipped + this.#more.tried > 0;
  }
}

/** The system's message names what it was asked for: by the name in its folder. */
function atPath(because: string, path: string): string {
  const leaf = leafName(path);
  return leaf === path ? because : because.replaceAll(`'${leaf}'`, `'${path}'`);
}

/** Whether a path is one of those given, or below one; as dear as the path is deep. */
function isAtOrBelow(places: readonly string[]): (path: string) => boolean {
  const known = new Set(places);
  return (path) => {
    for (let place = path; place !== ""; place = parentPath(place)) if (known.has(place)) return true;
    return false;
  };
}

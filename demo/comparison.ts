import type { Acknowledgement } from "./client.js";

/** What one server holds: rows by id, files (by SHA-256) by path, ids of the observer's rows. */
export interface Holdings {
  readonly rows: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, string>;
  readonly observations: ReadonlySet<string>;
}

export interface Differences {
  readonly rows: readonly string[];
  readonly files: readonly string[];
}

/** The ids that are not the same on both sides: missing on one, or with another content. */
export function differences(a: Holdings, b: Holdings): Differences {
  const observationsAsMap = ({ observations }: Holdings): ReadonlyMap<string, string> =>
    new Map([...observations].map((id) => [id, ""]));
  return {
    rows: [...differingKeys(a.rows, b.rows), ...differingKeys(observationsAsMap(a), observationsAsMap(b))],
    files: differingKeys(a.files, b.files),
  };
}

function differingKeys(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key)).sort();
}

/** The acknowledged rows or files that are not held, or not with the content that was acknowledged. */
export function lost(
  kind: Acknowledgement["kind"],
  acknowledged: readonly Acknowledgement[],
  held: Holdings,
): readonly Acknowledgement[] {
  const contents = kind === "row" ? held.rows : held.files;
  return acknowledged.filter((item) => item.kind === kind && contents.get(item.id) !== item.content);
}

/** What was shown before the failover: how much would be lost, and when that was read. */
export interface ShownRecoveryPoint {
  readonly seconds: number;
  readonly readAtMs: number;
}

/**
 * The lost ones that were committed before what the recovery point promised to be safe. An acknowledged write was committed
 * before its answer came, so an answer before that moment proves a broken promise.
 */
export function lostBeyondRecoveryPoint(
  lostItems: readonly Acknowledgement[],
  { seconds, readAtMs }: ShownRecoveryPoint,
): readonly Acknowledgement[] {
  const safeUpToMs = readAtMs - seconds * 1000;
  return lostItems.filter(({ atMs }) => atMs < safeUpToMs);
}

import { z } from "zod";
import { serverName } from "../../shared/core/server-name.js";

/**
 * What one server had and the other never got, or had replaced. `found`: by the server that serves, in what the returned
 * one had, beside what stands here. `lost`: by the returned server, its own values before they were overwritten.
 * `replaced`: files that a reverse synchronisation replaced; they stand in `.deleted`.
 */
export const divergenceForms = ["found", "lost", "replaced"] as const;
export type DivergenceForm = (typeof divergenceForms)[number];

export const divergenceKinds = ["folder", "database"] as const;
export type DivergenceKind = (typeof divergenceKinds)[number];

/** In the state directory. */
export const divergenceFolder = "divergence";

/** Where the report about a folder or a database stands; the names are those of the settings and so plain. */
export function divergenceFile(
  stateDirectory: string,
  report: {
    readonly kind: DivergenceKind;
    readonly name: string;
    readonly id: string;
    readonly form: Exclude<DivergenceForm, "replaced">;
  },
): string {
  const { kind, name, id, form } = report;
  return `${stateDirectory}/${divergenceFolder}/${kind}/${name}/${id}.${form}.jsonl`;
}

/** What happened to one row; a cell is the engine's text of the value. */
const rowEntry = z.object({
  table: z.string(),
  key: z.record(z.string(), z.string().nullable()).optional(),
  /**
   * Of the row on the returned server. `touched`: rows of an image of a table without a key; those still there follow.
   * `unknown`: no row, but that there may be others, in tables that were not journalled.
   */
  state: z.enum(["present", "deleted", "truncated", "touched", "unknown"]),
  /** Of `unknown`: why. Of a row that was received and could not be written: what its database said. */
  because: z.string().optional(),
  row: z.record(z.string(), z.string().nullable()).optional(),
  /** Of `found`: the row on the server that serves, of `touched` the number of such rows; null for none. */
  present: z.record(z.string(), z.string().nullable()).nullable().optional(),
  isChangedSince: z.boolean().optional(),
  wasApplied: z.boolean().optional(),
});
export type RowEntry = z.output<typeof rowEntry>;

/** One file on the returned server. */
const fileEntry = z.object({
  path: z.string(),
  /** Why it is named here. */
  state: z.string(),
  bytes: z.number(),
  modifiedAtMs: z.number(),
  /** Of `found`: the file on the server that serves; null for none. */
  present: z.object({ bytes: z.number(), modifiedAtMs: z.number() }).nullable().optional(),
  /** Of `replaced`: where it stands now, from the folder. */
  keptAt: z.string().optional(),
});
export type FileDivergence = z.output<typeof fileEntry>;

export const divergenceView = z.object({
  kind: z.enum(divergenceKinds),
  /** Of the folder or the database, as in the settings. */
  name: z.string(),
  form: z.enum(divergenceForms),
  /** The history or the epoch it belongs to: a `found` and a `lost` of one id tell of the same rows. */
  id: z.string(),
  /** On which server the whole report stands, and where. */
  server: serverName,
  file: z.string(),
  atMs: z.number(),
  entries: z.number(),
  isAcknowledged: z.boolean(),
  /** The first entries, their longest values cut. */
  examples: z.array(z.union([rowEntry, fileEntry])),
});
export type DivergenceView = z.output<typeof divergenceView>;

export const longestValue = 200;

/** One line of a report as an example; undefined for one that cannot be understood. */
export function decodeDivergenceLine(line: string): RowEntry | FileDivergence | undefined {
  try {
    return z.union([rowEntry, fileEntry]).safeParse(cutLongValues(JSON.parse(line))).data;
  } catch {
    return undefined;
  }
}

/** A row may hold megabytes; the report's file has all of it. */
function cutLongValues(value: unknown): unknown {
  if (typeof value === "string") return value.length > longestValue ? `${value.slice(0, longestValue)}…` : value;
  if (Array.isArray(value)) return value.map(cutLongValues);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cutLongValues(inner)]));
}

/** What both servers hold, without a `lost` report whose every row stands in the `found` one, which says more of it. */
export function joinDivergence(views: readonly DivergenceView[]): readonly DivergenceView[] {
  const found = new Map(views.filter(({ form }) => form === "found").map((view) => [reportKey(view), view.entries]));
  return views
    .filter((view) => view.form !== "lost" || (found.get(reportKey(view)) ?? -1) < view.entries)
    .sort((a, b) => a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name) || a.atMs - b.atMs);
}

function reportKey({ kind, name, id }: DivergenceView): string {
  return `${kind}/${name}/${id}`;
}

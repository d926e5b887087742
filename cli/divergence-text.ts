import type { DivergenceView, FileDivergence, RowEntry } from "../actor/core/divergence.js";
import { formatTime } from "./text-table.js";

/** The reports of a pair, as text for an administrator who has to decide what to take over by hand. */
export function formatDivergence(answer: {
  readonly reports: readonly DivergenceView[];
  readonly peerBecause: string;
}): string {
  const { reports, peerBecause } = answer;
  const missing = peerBecause === "" ? [] : [`Only this server's part: ${peerBecause}.`];
  if (reports.length === 0) return ["nothing has diverged, as far as is known", ...missing].join("\n");
  const isOpen = reports.some(({ isAcknowledged }) => !isAcknowledged);
  const next = isOpen
    ? ["Take over by hand what is needed, then say that you have looked: sparesync divergence acknowledge"]
    : [];
  return [...reports.map(formatReport), ...missing, ...next].join("\n\n");
}

function formatReport(view: DivergenceView): string {
  const { kind, name, entries, examples, isAcknowledged, server, file, atMs } = view;
  const state = isAcknowledged ? "acknowledged" : "not acknowledged";
  const head = `${kind} ${name}: ${String(entries)} ${describe(view)} (${formatTime(atMs)}, ${state})`;
  const lines = examples.map((entry) => `  ${"table" in entry ? formatRow(entry) : formatFile(entry)}`);
  const rest = entries - examples.length;
  const where = `${rest > 0 ? `${String(rest)} more; ` : ""}all of it: ${file} on the ${server}`;
  return [head, ...lines, `  ${where}`].join("\n");
}

function describe({ kind, form, server }: DivergenceView): string {
  const what = kind === "database" ? "rows" : "files";
  const other = server === "primary" ? "secondary" : "primary";
  switch (form) {
    case "found":
      return `${what} of the ${other} that the ${server} never got`;
    case "lost":
      return `${what} of the ${server} that the ${other} never got`;
    case "replaced":
      return `${what} of the ${server} that were replaced and are kept in .deleted until this is acknowledged`;
  }
}

function formatRow(entry: RowEntry): string {
  if (entry.state === "touched") return formatTouched(entry);
  if (entry.state === "unknown") return `rows that nobody can name, for not all was journalled: ${entry.because ?? ""}`;
  const key = entry.key ? ` ${formatCells(entry.key)}` : "";
  const there = entry.row ? formatCells(entry.row) : entry.state;
  const because = entry.because === undefined ? "" : `  refused: ${entry.because}`;
  if (entry.present === undefined) return `${entry.table}${key}  was: ${there}${because}`;
  const here = entry.present === null ? "not there" : formatCells(entry.present);
  const since = entry.isChangedSince === true ? ", changed since" : "";
  const applied = entry.wasApplied === true ? ", which is the same" : "";
  return `${entry.table}${key}  was: ${there}  here: ${here}${since}${applied}`;
}

/** Nothing says what was done to such rows: those that were there follow with their values, the others were deleted. */
function formatTouched({ table, key, present }: RowEntry): string {
  const which = `${table}${key ? ` ${formatCells(key)}` : ""}  was: touched, and what was still there follows`;
  return present === undefined ? which : `${which}  here: ${present?.["count"] ?? "no"} such rows`;
}

function formatCells(cells: Readonly<Record<string, string | null>>): string {
  const parts = Object.entries(cells).map(
    ([name, value]) => `${name}=${value === null ? "NULL" : JSON.stringify(value)}`,
  );
  return parts.join(" ");
}

function formatFile({ path, state, bytes, modifiedAtMs, present, keptAt }: FileDivergence): string {
  const there = `${JSON.stringify(path)}  ${state}, ${String(bytes)} bytes, of ${formatTime(modifiedAtMs)}`;
  const kept = keptAt === undefined ? "" : `  kept at ${JSON.stringify(keptAt)}`;
  if (present === undefined) return there + kept;
  const here =
    present === null ? "not there" : `${String(present.bytes)} bytes, of ${formatTime(present.modifiedAtMs)}`;
  return `${there}  here: ${here}${kept}`;
}

import type { Parameter } from "../../actor/database/sqlserver/connection.js";

/** A row of sparesync.silenced, its columns by name. */
export type SilencedNote = Record<string, string>;

/**
 * Does with the rows of sparesync.silenced what a text as it is sent says: UPDATE, DELETE, and INSERT … SELECT … WHERE NOT
 * EXISTS, their conditions being equations that are joined by AND or by OR.
 */
export function changeNotes(notes: SilencedNote[], text: string, parameters: readonly Parameter[]): SilencedNote[] {
  return text
    .replaceAll(/^--.*$/gm, "")
    .split(";")
    .map((statement) => statement.replaceAll(/\s+/g, " ").trim())
    .filter((statement) => statement !== "")
    .reduce((left, statement) => changeOnce(left, statement, parameters), notes);
}

function changeOnce(
  notes: readonly SilencedNote[],
  statement: string,
  parameters: readonly Parameter[],
): SilencedNote[] {
  const valueOf = (term: string): string => {
    const place = /^@p(\d+)$/.exec(term)?.[1];
    return place === undefined ? term.replaceAll("'", "") : String(parameters[Number(place) - 1]);
  };
  const equation = (says: string): readonly [string, string] => {
    const [, column, term] = /^\(?(\w+) = ('[\w-]*'|@p\d+|\d+)\)?$/.exec(says.trim()) ?? [];
    if (column === undefined || term === undefined) throw new TypeError(`not an equation: ${says}`);
    return [column, valueOf(term)];
  };
  const holds = (note: SilencedNote, condition = ""): boolean =>
    condition === "" ||
    condition.split(" OR ").some((every) =>
      every.split(" AND ").every((says) => {
        const [column, value] = equation(says);
        return note[column] === value;
      }),
    );
  const [, changes, ofChanged] = /^UPDATE sparesync\.silenced SET (.+?)(?: WHERE (.+))?$/.exec(statement) ?? [];
  if (changes !== undefined) {
    const set = Object.fromEntries(changes.split(", ").map(equation));
    return notes.map((note) => (holds(note, ofChanged) ? { ...note, ...set } : note));
  }
  const [, ofGone] = /^DELETE FROM sparesync\.silenced WHERE (.+)$/.exec(statement) ?? [];
  if (ofGone !== undefined) return notes.filter((note) => !holds(note, ofGone));
  const [, columns, values, unless] =
    /^INSERT INTO sparesync\.silenced \((.+?)\) SELECT (.+?) WHERE NOT EXISTS \(SELECT 1 FROM sparesync\.silenced WHERE (.+)\)$/.exec(
      statement,
    ) ?? [];
  if (columns === undefined || values === undefined) throw new TypeError(`not understood: ${statement}`);
  if (notes.some((note) => holds(note, unless))) return [...notes];
  const terms = values.split(", ");
  const note = Object.fromEntries(columns.split(", ").map((column, at) => [column, valueOf(terms[at] ?? "")]));
  return [...notes, note];
}

import type { Cell } from "./journal-wire.js";

/** PostgreSQL manual, COPY, "Text Format": backslash, tab, newline and carriage return are escaped, NULL is \N. */
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
const unescapes: Readonly<Record<string, string>> = {
  "\\": "\\",
  t: "\t",
  n: "\n",
  r: "\r",
  b: "\b",
  f: "\f",
  v: "\v",
};

export function encodeCopyText(cell: Cell): string {
  return cell === null ? "\\N" : cell.replaceAll(/[\\\t\n\r]/g, (character) => escapes[character] ?? character);
}

export function decodeCopyText(text: string): Cell {
  if (!text.includes("\\")) return text;
  return text === "\\N" ? null : text.replaceAll(/\\(.)/g, (_, letter: string) => unescapes[letter] ?? letter);
}

/** One row as a line, with its newline. */
export function encodeCopyLine(row: readonly Cell[]): string {
  return `${row.map(encodeCopyText).join("\t")}\n`;
}

export function decodeCopyLine(line: string): readonly Cell[] {
  return line.split("\t").map(decodeCopyText);
}

import type { Cell } from "../../core/journal-wire.js";
import { SubmittedQuery, type PgConnection } from "./submitted-query.js";

export type Parameter = Cell | number | boolean | readonly Cell[];

/** A statement with its parameters, whose answer nobody needs. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly Parameter[];
}

/**
 * Statements that are sent together and answered together (PostgreSQL manual, "Extended Query", one Sync for all). After
 * one that fails the server skips the others.
 */
export class Pipeline extends SubmittedQuery {
  readonly #statements: readonly Statement[];

  /** `limitMs`: how long they may run, unless as long as any other. */
  constructor(statements: readonly Statement[], limitMs?: number) {
    super(limitMs);
    this.#statements = statements;
  }

  override submit(connection: PgConnection): void {
    connection.stream.cork();
    for (const { text, parameters } of this.#statements) {
      connection.parse({ name: "", text, types: [] });
      connection.bind({ values: parameters.map(parameterText) });
      connection.execute({ portal: "", rows: 0 });
    }
    connection.sync();
    connection.stream.uncork();
  }
}

/** A parameter in the text form in which the server reads it. */
export function parameterText(parameter: Parameter): string | null {
  if (parameter === null || typeof parameter === "string") return parameter;
  if (typeof parameter === "number" || typeof parameter === "boolean") return String(parameter);
  return arrayText(parameter);
}

/** An array of texts as the server reads it (PostgreSQL manual, "Array Input and Output Syntax"). */
export function arrayText(cells: readonly Cell[]): string {
  return `{${cells.map((cell) => (cell === null ? "NULL" : `"${escaped(cell)}"`)).join(",")}}`;
}

function escaped(text: string): string {
  return /["\\]/.test(text) ? text.replaceAll(/["\\]/g, "\\$&") : text;
}

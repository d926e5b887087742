import { AppError } from "../../../shared/core/app-error.js";

/** The one way a name gets into SQL text. Throws DATABASE_UNSUPPORTED for what cannot be a name. */
export function quoteIdentifier(name: string): string {
  // A NUL would end the statement's text on the wire; longer names are cut by the server and would then mean another.
  if (name === "" || name.includes("\0") || Buffer.byteLength(name) > 63) {
    throw new AppError("DATABASE_UNSUPPORTED", `not a name PostgreSQL can hold: ${JSON.stringify(name)}`);
  }
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteTable(table: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
}

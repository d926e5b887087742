import { AppError } from "../../../shared/core/app-error.js";

/** The one way a name gets into T-SQL text. Throws DATABASE_UNSUPPORTED for what cannot be a name. */
export function quoteIdentifier(name: string): string {
  // `sysname` holds 128 UTF-16 units; a longer name would be refused by the server as another error.
  if (name === "" || name.includes("\0") || name.length > 128) {
    throw new AppError("DATABASE_UNSUPPORTED", `not a name SQL Server can hold: ${JSON.stringify(name)}`);
  }
  return `[${name.replaceAll("]", "]]")}]`;
}

export function quoteTable(table: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
}

/** A text literal, for the few places that take no parameter (the text of a trigger, DBCC). */
export function quoteText(text: string): string {
  if (text.includes("\0")) throw new AppError("DATABASE_UNSUPPORTED", `not a text: ${JSON.stringify(text)}`);
  return `N'${text.replaceAll("'", "''")}'`;
}

import { AppError } from "../../shared/core/app-error.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import type { TableDefinition } from "../core/journal-schema.js";

/** A table with the number under which its journal is kept: names of the journal never come from the user's names. */
export interface JournalledTable {
  readonly n: number;
  readonly definition: TableDefinition;
}

/** What an engine knows of its tables once the scripts are installed. */
interface TablesByLabel {
  readonly settings: DatabaseSettings;
  readonly tables: ReadonlyMap<string, JournalledTable> | undefined;
}

/** The journalled tables by label. Throws when `install` has not run: nothing may be read past the triggers. */
export function journalledTables({ settings, tables }: TablesByLabel): ReadonlyMap<string, JournalledTable> {
  if (tables) return tables;
  throw new AppError("DATABASE_UNREACHABLE", `database ${settings.name}: its tables are not known yet`);
}

export function journalledTable(known: TablesByLabel, label: string): JournalledTable {
  const table = journalledTables(known).get(label);
  if (table) return table;
  throw new AppError("DATABASE_FAILED", `database ${known.settings.name}: the table ${label} is not synchronised here`);
}

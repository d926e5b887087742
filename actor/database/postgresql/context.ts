import { AppError } from "../../../shared/core/app-error.js";
import type { DatabaseSettings } from "../../../shared/core/settings/settings.js";
import type { PostgresqlConnection } from "./connection.js";
import type { SqlFiles } from "./sql-files.js";
import type { JournalledTable } from "./table-sql.js";

/** What the parts of the engine share. `tables` is known after `install`. */
export interface EngineContext {
  readonly connection: PostgresqlConnection;
  readonly sql: SqlFiles;
  readonly settings: DatabaseSettings;
  readonly newId: () => string;
  tables: ReadonlyMap<string, JournalledTable> | undefined;
  /** False where `COPY … FROM STDIN` does not work; known after `probe`. */
  canCopyIn: boolean;
}

/** The schemas of the settings as parameters, and where they stand in the statement. */
export function schemaParameters({ settings: { schemas } }: EngineContext): {
  readonly parts: { readonly schemas: string };
  readonly values: readonly string[];
} {
  return { parts: { schemas: schemas.map((_, index) => `$${String(index + 1)}`).join(", ") }, values: schemas };
}

/** The journalled tables by label. Throws when `install` has not run: nothing may be read past the triggers. */
export function journalledTables(context: EngineContext): ReadonlyMap<string, JournalledTable> {
  if (context.tables) return context.tables;
  throw new AppError("DATABASE_UNREACHABLE", `database ${context.settings.name}: its tables are not known yet`);
}

export function journalledTable(context: EngineContext, label: string): JournalledTable {
  const table = journalledTables(context).get(label);
  if (table) return table;
  throw new AppError(
    "DATABASE_FAILED",
    `database ${context.settings.name}: the table ${label} is not synchronised here`,
  );
}

import { AppError } from "../../../shared/core/app-error.js";
import type { DatabaseSettings } from "../../../shared/core/settings/settings.js";
import type { SqlServerConnection } from "./connection.js";
import type { JournalledTable } from "./table-sql.js";

/** What the parts of the engine share. `tables` is known after `install`. */
export interface EngineContext {
  readonly connection: SqlServerConnection;
  readonly settings: DatabaseSettings;
  readonly newId: () => string;
  tables: ReadonlyMap<string, JournalledTable> | undefined;
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

/** `@p1, @p2` for the schemas of the settings, which are the first parameters of the statement. */
export function schemaParameters(context: EngineContext): {
  readonly parts: { readonly schemas: string };
  readonly values: readonly string[];
} {
  const { schemas } = context.settings;
  return { parts: { schemas: schemas.map((_, index) => `@p${String(index + 1)}`).join(", ") }, values: schemas };
}

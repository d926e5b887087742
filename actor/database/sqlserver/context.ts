import type { DatabaseSettings } from "../../../shared/core/settings/settings.js";
import type { JournalledTable } from "../journalled-tables.js";
import type { SqlServerConnection } from "./connection.js";

/** What the parts of the engine share. `tables` is known after `install`. */
export interface EngineContext {
  readonly connection: SqlServerConnection;
  readonly settings: DatabaseSettings;
  readonly newId: () => string;
  tables: ReadonlyMap<string, JournalledTable> | undefined;
  /** What the last look for changes of the schema found. */
  lookedAt: string | undefined;
}

/** `@p1, @p2` for the schemas of the settings, which are the first parameters of the statement. */
export function schemaParameters(context: EngineContext): {
  readonly parts: { readonly schemas: string };
  readonly values: readonly string[];
} {
  const { schemas } = context.settings;
  return { parts: { schemas: schemas.map((_, index) => `@p${String(index + 1)}`).join(", ") }, values: schemas };
}

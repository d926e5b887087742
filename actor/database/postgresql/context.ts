import type { DatabaseSettings } from "../../../shared/core/settings/settings.js";
import type { JournalledTable } from "../journalled-tables.js";
import type { PostgresqlConnection } from "./connection.js";
import type { SqlFiles } from "./sql-files.js";

/** What the parts of the engine share. `tables` is known after `install`. */
export interface EngineContext {
  readonly connection: PostgresqlConnection;
  readonly sql: SqlFiles;
  readonly settings: DatabaseSettings;
  readonly newId: () => string;
  tables: ReadonlyMap<string, JournalledTable> | undefined;
  /** Tables that were emptied or written anew while a point was read, quoted: the next one waits for who does it. */
  lockedFirst: readonly string[];
  /** What the last look for changes of the schema found. */
  lookedAt: string | undefined;
  /** Sessions that a write on this target has waited for in vain, with the number of tries in a row. */
  waitedFor: ReadonlyMap<string, number>;
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

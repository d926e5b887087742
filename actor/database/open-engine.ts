import type { DatabaseEngine, EngineOptions } from "./engine.js";
import { createPostgresqlEngine } from "./postgresql/postgresql-engine.js";
import { createSqlServerEngine } from "./sqlserver/sqlserver-engine.js";

/** The engine that speaks to the server of the settings. A new dialect is one more line here. */
export function openEngine(options: EngineOptions): DatabaseEngine {
  switch (options.settings.engine) {
    case "postgresql":
    case "pglite":
      return createPostgresqlEngine(options);
    case "sqlserver":
      return createSqlServerEngine(options);
  }
}

import { AppError, errorMessage } from "../../shared/core/app-error.js";
import { tableLabel } from "../core/journal-schema.js";
import type { SideIo } from "./side.js";

/** What a database's tables may be reproached with; everything else says that it cannot be worked with at all. */
const ofTables: readonly string[] = ["DATABASE_SCHEMA_CHANGED", "DATABASE_UNSUPPORTED", "REINITIALISATION_REQUIRED"];

/**
 * For a target that is to be promoted and could not be prepared: lets the engine work with those tables of the installation that are
 * there, as they are now. Returns `error`, which said why; throws it where nothing can be done without what is missing.
 */
export async function useInstalledTables(
  { engine, settings, log }: Pick<SideIo, "engine" | "settings" | "log">,
  error: unknown,
  signal: AbortSignal,
): Promise<AppError> {
  if (!(error instanceof AppError) || !ofTables.includes(error.code)) throw error;
  const { isCurrent, tables: installed } = await engine.readInstallation(signal);
  const labels = new Set(installed.map(({ label }) => label));
  const { tables, refusals } = await engine.readCatalogue(signal);
  // The gate of such a table would stay closed, and nobody would know.
  if (!isCurrent || refusals.some(({ table }) => labels.has(table))) throw error;
  const there = tables.filter((table) => labels.has(tableLabel(table)));
  await engine.use(there, signal);
  log.error("database-taken-over-as-installed", { database: settings.name, because: errorMessage(error) });
  return error;
}

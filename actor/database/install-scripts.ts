import { AppError } from "../../shared/core/app-error.js";
import { tableLabel, type TableDefinition } from "../core/journal-schema.js";
import type { Catalogue, DatabaseEngine, InstallFinding } from "./engine.js";

/** What an installation did, or would do. */
export interface InstallReport {
  /** Tables that are journalled anew, so that they are copied again. */
  readonly created: readonly string[];
  readonly findings: readonly InstallFinding[];
}

/** Installs the scripts; again it does only what is missing. Rejects, before anything is changed, naming what stands against it. */
export async function installScripts(
  engine: DatabaseEngine,
  signal: AbortSignal,
  database = "",
): Promise<InstallReport> {
  const { tables, findings } = await examine(engine, database, signal);
  return { created: await engine.install(tables, signal), findings };
}

/** The statements that installScripts would send now. */
export async function planScripts(
  engine: DatabaseEngine,
  signal: AbortSignal,
  database: string,
): Promise<{ readonly statements: readonly string[]; readonly findings: readonly InstallFinding[] }> {
  const { tables, findings } = await lookBefore(engine, database, signal);
  return { statements: await engine.planInstall(tables, signal), findings };
}

/** Clears journal and position as well; the next target gets a full copy. */
export async function resetScripts(
  engine: DatabaseEngine,
  signal: AbortSignal,
  database: string,
): Promise<InstallReport> {
  const report = await installScripts(engine, signal, database);
  await engine.reset(signal);
  return report;
}

async function examine(engine: DatabaseEngine, database: string, signal: AbortSignal): Promise<Outlook> {
  await engine.rebuildIndexes(signal);
  const { tables, findings } = await lookBefore(engine, database, signal);
  const refusals = findings.filter(({ severity }) => severity === "refusal");
  if (refusals.length === 0) return { tables, findings };
  const named = refusals.map(({ message }) => message).join("; ");
  throw new AppError("DATABASE_UNSUPPORTED", `database ${database}: ${named}`, { hint: refusals[0]?.hint ?? "" });
}

interface Outlook {
  readonly tables: readonly TableDefinition[];
  readonly findings: readonly InstallFinding[];
}

async function lookBefore(engine: DatabaseEngine, database: string, signal: AbortSignal): Promise<Outlook> {
  const catalogue = await engine.readCatalogue(signal);
  const tables = tablesOf(catalogue, database);
  const findings = await engine.preflight(tables, signal);
  const ownFindings = [...catalogue.unknownExclusions.map(unknownExclusion), ...looseForeignKeys(catalogue)];
  return { tables, findings: [...ownFindings, ...findings] };
}

/** After a failover such a row points to what the other server alone has. */
function looseForeignKeys({ tables, constraints }: Catalogue): readonly InstallFinding[] {
  const labels = new Set(tables.map(tableLabel));
  return Object.entries(constraints.tables).flatMap(([table, list]) =>
    list.flatMap(({ name, pointsTo }) =>
      pointsTo === undefined || labels.has(pointsTo) ? [] : [looseForeignKey(table, name, pointsTo)],
    ),
  );
}

function looseForeignKey(table: string, name: string, pointsTo: string): InstallFinding {
  return {
    severity: "warning",
    message: `${table} has a foreign key (${name}) to ${pointsTo}, which is not synchronised`,
    hint: "synchronise both tables, or neither, on both servers: after a failover rows would point to what is not there",
  };
}

/** A mistyped name would leave a table synchronised that was not to be. */
function unknownExclusion(label: string): InstallFinding {
  return {
    severity: "warning",
    message: `excludedTables names ${label}, and there is no such table`,
    hint: "Write databases[].excludedTables as schema.table, with the letters of the catalogue; on both servers.",
  };
}

/** The tables to be synchronised. Rejects with DATABASE_UNSUPPORTED naming every table that cannot be. */
export async function readTables(
  engine: DatabaseEngine,
  database: string,
  signal: AbortSignal,
): Promise<readonly TableDefinition[]> {
  return (await readSchema(engine, database, signal)).tables;
}

/** The same, with sequences and constraints. */
export async function readSchema(
  engine: DatabaseEngine,
  database: string,
  signal: AbortSignal,
): Promise<Pick<Catalogue, "tables" | "sequences" | "constraints">> {
  const catalogue = await engine.readCatalogue(signal);
  const { sequences, constraints } = catalogue;
  return { tables: tablesOf(catalogue, database), sequences, constraints };
}

function tablesOf({ tables, refusals }: Catalogue, database: string): readonly TableDefinition[] {
  if (refusals.length === 0) return tables;
  const named = refusals.map(({ table, because }) => `${table} (${because})`).join(", ");
  const excluded = JSON.stringify(refusals.map(({ table }) => table));
  const hint = `Change them, or exclude them on both servers: databases[].excludedTables: ${excluded}.`;
  throw new AppError("DATABASE_UNSUPPORTED", `database ${database}: cannot synchronise ${named}`, { hint });
}

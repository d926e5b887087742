import { AppError, errorMessage } from "../../shared/core/app-error.js";
import { tableLabel, type TableDefinition } from "../core/journal-schema.js";
import { readBackup, restoreBackup, writeBackup, type Manifest } from "./backup-files.js";
import type { DatabaseEngine, ReadLimits } from "./engine.js";
import { installScripts, readTables } from "./install-scripts.js";

/** How long letting the application in again may take when the command itself was ended. */
const openingLimitMs = 60_000;

export interface RestoreRequest {
  /** The database as the settings name it; a backup of another one is refused. */
  readonly database: string;
  /** The backup. */
  readonly folder: string;
  readonly tell: (line: string) => void;
}

export interface SourceRestoreRequest extends RestoreRequest {
  /** A folder that does not exist: what the tables hold now is written there before. */
  readonly keptIn: string;
  readonly nowMs: number;
  readonly limits: ReadLimits;
}

/** What stands in the tables now. */
export interface RestoreReport {
  readonly takenAtMs: number;
  readonly tables: number;
  readonly rows: number;
}

/**
 * Replaces the tables of a source by a backup. Meanwhile the application's writes are refused, so that the copy of what
 * was there holds everything; a new history begins before, so that the target gets a full copy of what comes after.
 * Ended at any moment, the tables hold either what they held or the backup. Rejects before anything is changed with
 * STATE_UNREADABLE (the backup is damaged), OPERATION_REFUSED (a target, or another database's backup) and
 * DATABASE_SCHEMA_CHANGED (its tables are not those of the database).
 */
export async function restoreSource(
  engine: DatabaseEngine,
  request: SourceRestoreRequest,
  signal: AbortSignal,
): Promise<RestoreReport> {
  const { database, folder, keptIn, tell } = request;
  const manifest = await readBackupOf(request, signal);
  await refuseTarget(engine, database, signal);
  requireSameTables(database, manifest, await readTables(engine, database, signal));
  await installScripts(engine, signal, database);
  tell(`${database}: the application's writes are refused`);
  await engine.closeGate("closed", 0, signal);
  try {
    tell(`${database}: what is there now is written to ${keptIn}`);
    const head = { database, label: "before a backup was restored", takenAtMs: request.nowMs };
    await writeBackup(engine, keptIn, head, request.limits, signal);
    await engine.reset(signal);
    tell(`${database}: the tables are replaced`);
    await restoreBackup(engine, folder, signal);
  } finally {
    await letWritersIn(engine, database);
  }
  return reportOf(manifest);
}

async function letWritersIn(engine: DatabaseEngine, database: string): Promise<void> {
  try {
    await engine.openGate(AbortSignal.timeout(openingLimitMs));
  } catch (cause) {
    const message = `database ${database} still refuses the application's writes: ${errorMessage(cause)}`;
    throw new AppError("DATABASE_FAILED", message, { cause, hint: "Run the same command again: it lets them in." });
  }
}

/**
 * Fills a database of its own, that is not synchronised and has the same tables, with a backup, and leaves no trace of
 * SpareSync there. What its tables held is lost. Rejects as restoreSource does.
 */
export async function restoreElsewhere(
  engine: DatabaseEngine,
  request: RestoreRequest,
  signal: AbortSignal,
): Promise<RestoreReport> {
  const { database, folder, tell } = request;
  const manifest = await readBackupOf(request, signal);
  if ((await engine.readInstallation(signal)).tables.length > 0) {
    throw new AppError("OPERATION_REFUSED", "the other database is synchronised itself", {
      hint: "Give one that has the application's tables and nothing of SpareSync.",
    });
  }
  requireSameTables(database, manifest, await readTables(engine, database, signal));
  try {
    await installScripts(engine, signal, database);
    await engine.closeGate("closed", 0, signal);
    tell(`${database}: the tables are filled`);
    await restoreBackup(engine, folder, signal);
  } finally {
    await engine.remove(AbortSignal.timeout(openingLimitMs));
  }
  return reportOf(manifest);
}

async function readBackupOf({ database, folder, tell }: RestoreRequest, signal: AbortSignal): Promise<Manifest> {
  tell(`${database}: the checksums of ${folder} are compared`);
  const manifest = await readBackup(folder, signal);
  if (manifest.database === database) return manifest;
  throw new AppError("OPERATION_REFUSED", `${folder} is a backup of ${manifest.database}, not of ${database}`, {
    hint: "`sparesync database backups` lists the backups of each database.",
  });
}

/** A target is overwritten by its source, with or without a backup in it. */
async function refuseTarget(engine: DatabaseEngine, database: string, signal: AbortSignal): Promise<void> {
  if (!(await engine.readInstallation(signal)).isCurrent) return;
  if ((await engine.readState(signal)).mode !== "standby") return;
  throw new AppError(
    "OPERATION_REFUSED",
    `database ${database} is a target: the next synchronisation would overwrite it`,
    {
      hint: "Restore on the active server, or into a database of its own with --into.",
    },
  );
}

/** Otherwise a table made since would be emptied, or half of what was kept would stay behind. */
function requireSameTables(database: string, manifest: Manifest, tables: readonly TableDefinition[]): void {
  const present = new Map(tables.map((table) => [tableLabel(table), table.columns.map(({ name }) => name)]));
  const kept = new Set(manifest.tables);
  const differences = [
    ...manifest.tables.filter((label) => !present.has(label)).map((label) => `${label} is only in the backup`),
    ...[...present.keys()].filter((label) => !kept.has(label)).map((label) => `${label} is not in the backup`),
    ...manifest.files.flatMap(({ table, columns }) => {
      const names = present.get(table);
      const missing = names === undefined ? [] : columns.filter((column) => !names.includes(column));
      return missing.map((column) => `${table} has no column ${column}`);
    }),
  ];
  if (differences.length === 0) return;
  throw new AppError(
    "DATABASE_SCHEMA_CHANGED",
    `database ${database}: not the backup's tables: ${differences.join("; ")}`,
    {
      hint: "Restore into a database of its own that has the tables of that time, with --into, and take from there what is wanted.",
    },
  );
}

function reportOf({ takenAtMs, tables, files }: Manifest): RestoreReport {
  return { takenAtMs, tables: tables.length, rows: files.reduce((sum, { rows }) => sum + rows, 0) };
}

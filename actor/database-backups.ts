import path from "node:path";
import { AppError } from "../shared/core/app-error.js";
import type { DatabaseSettings, Settings } from "../shared/core/settings/settings.js";
import { chosenDatabases, refuseWhileActorRuns, withEngine } from "./database-scripts.js";
import { listBackups, type ListedBackup } from "./database/backup-files.js";
import { restoreElsewhere, restoreSource, type RestoreReport, type RestoreRequest } from "./database/restore-backup.js";
import { readLimits } from "./database/side.js";
import { createFactsDisk } from "./facts-disk.js";
import { FactsStore } from "./facts-store.js";

/** A backup in the directory of one database. */
export interface FoundBackup extends ListedBackup {
  readonly database: string;
}

/** The backups in the `backupDirectory` of each database, oldest first; one that cannot be read may be of any of them. */
export async function findBackups(settings: Settings, database: string | undefined): Promise<readonly FoundBackup[]> {
  const found: FoundBackup[] = [];
  for (const { name, backupDirectory } of chosenDatabases(settings, database)) {
    if (backupDirectory === undefined) continue;
    const backups = await listBackups(backupDirectory);
    const own = backups.filter(({ manifest }) => manifest === undefined || manifest.database === name);
    found.push(...own.map((backup) => ({ database: name, ...backup })));
  }
  return found;
}

export interface BackupRestore extends Pick<RestoreRequest, "folder" | "tell"> {
  readonly database: string;
  /** Name of another database on the same server; undefined: this server's own, whose actor must be stopped. */
  readonly into: string | undefined;
  readonly nowMs: number;
}

/** Where what was replaced is kept, "" where nothing was. */
export type BackupRestored = RestoreReport & { readonly keptIn: string };

/** Puts a backup back. What is refused, and what is true when it is ended, is in restore-backup.ts. */
export async function restoreDatabaseBackup(
  settings: Settings,
  { folder: named, tell, into, nowMs, database }: BackupRestore,
  signal: AbortSignal,
): Promise<BackupRestored> {
  const [chosen] = chosenDatabases(settings, database);
  if (chosen === undefined) throw new AppError("NOT_FOUND", "there are no databases in the settings");
  // A shell completes the name of a folder with a slash, behind which the other one would be made inside.
  const folder = path.resolve(named);
  const request = { database: chosen.name, folder, tell };
  if (into !== undefined) {
    const other = otherDatabase(chosen, into);
    return { ...(await withEngine(other, signal, (engine) => restoreElsewhere(engine, request, signal))), keptIn: "" };
  }
  await refuseWhileActorRuns(settings);
  await refuseUnlessActive(settings, () => nowMs);
  const keptIn = `${folder}-replaced-${new Date(nowMs).toISOString().replaceAll(":", "-")}`;
  const whole = { ...request, keptIn, nowMs, limits: readLimits(chosen) };
  return { ...(await withEngine(chosen, signal, (engine) => restoreSource(engine, whole, signal))), keptIn };
}

function otherDatabase(settings: DatabaseSettings, into: string): DatabaseSettings {
  if (into !== settings.database) return { ...settings, database: into };
  throw new AppError("OPERATION_REFUSED", `--into ${into} is the synchronised database itself`, {
    hint: "Leave --into out to replace what is in it.",
  });
}

/** What this server remembers of the pair; what has happened since its actor was stopped nobody here knows. */
async function refuseUnlessActive({ pair, server, stateDirectory }: Settings, wallMs: () => number): Promise<void> {
  const { facts } = await FactsStore.open(createFactsDisk(stateDirectory), pair, server, wallMs);
  if (facts.operation !== null) {
    throw new AppError("OPERATION_REFUSED", `the operation ${facts.operation.id} has not ended`, {
      hint: "Start the actor, let the operation end, and stop the actor again.",
    });
  }
  if (facts.record === null || facts.record.active === server) return;
  throw new AppError("OPERATION_REFUSED", `the ${facts.record.active} is the active server`, {
    hint: "Restore there, or into a database of its own with --into.",
  });
}

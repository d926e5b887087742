import type { Command } from "commander";
import type { FoundBackup } from "../actor/database-backups.js";
import { readSettings } from "../shared/settings-file.js";
import { exitCodes, tell } from "./cli-io.js";
import { jsonOption, settingsOption, type CommandContext } from "./command.js";
import { formatTable } from "./text-table.js";

interface RestoreFlags {
  readonly settings: string;
  readonly database: string;
  readonly into?: string;
}

/** `sparesync database backups` and `restore-backup`: what was written before a way back, and how it is undone. */
export function addBackups(database: Command, context: CommandContext): void {
  addList(database, context);
  addRestore(database, context);
}

function addList(database: Command, { answer }: CommandContext): void {
  database
    .command("backups")
    .description("the backups that this server has taken before a way back")
    .requiredOption(...settingsOption)
    .option("--database <name>", "one database of the settings; without it all of them")
    .option(...jsonOption)
    .action(async (flags: { readonly settings: string; readonly database?: string }) => {
      const { settings } = await readSettings(flags.settings);
      const { findBackups } = await import("../actor/database-backups.js");
      const backups = (await findBackups(settings, flags.database)).map(describe);
      const rows = backups.map((one) =>
        "because" in one
          ? ["not readable", one.database, one.because, "", "", one.folder]
          : [one.at, one.database, one.label, `${one.tables} tables`, `${one.rows} rows`, one.folder],
      );
      const isFine = backups.every((one) => !("because" in one));
      await answer({
        text: rows.length === 0 ? "there are no backups" : formatTable(rows),
        json: { ok: isFine, backups },
        exitCode: isFine ? exitCodes.fine : exitCodes.problem,
      });
    });
}

function describe({ database, folder, manifest, because }: FoundBackup) {
  if (manifest === undefined) return { database, folder, because };
  const rows = manifest.files.reduce((sum, file) => sum + file.rows, 0);
  const at = new Date(manifest.takenAtMs).toISOString();
  return { database, folder, at, label: manifest.label, tables: manifest.tables.length, rows };
}

function addRestore(database: Command, { io, answer }: CommandContext): void {
  database
    .command("restore-backup <folder>")
    .description(
      "replace a database's tables by a backup; the actor of this server must be stopped, the application too",
    )
    .requiredOption(...settingsOption)
    .requiredOption("--database <name>", "the database, as the settings name it")
    .option("--into <name>", "fill another database of the same server that has the same tables; nothing is stopped")
    .option(...jsonOption)
    .action(async (folder: string, flags: RestoreFlags) => {
      const { settings } = await readSettings(flags.settings);
      const { restoreDatabaseBackup } = await import("../actor/database-backups.js");
      const request = { database: flags.database, folder, into: flags.into, nowMs: io.clock.wallMs() };
      const said = {
        ...request,
        tell: (line: string) => {
          tell(io, line);
        },
      };
      const restored = await restoreDatabaseBackup(settings, said, io.interruption());
      const { tables, rows, keptIn } = restored;
      const at = new Date(restored.takenAtMs).toISOString();
      const kept = keptIn === "" ? "" : `\nwhat was there before is in ${keptIn}; the other server gets a full copy`;
      await answer({
        text: `${flags.into ?? flags.database}: ${rows} rows of ${tables} tables are as of ${at}${kept}`,
        json: { ok: true, database: flags.database, at, tables, rows, keptIn },
        exitCode: exitCodes.fine,
      });
    });
}

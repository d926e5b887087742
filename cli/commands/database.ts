import type { Command } from "commander";
import type { ScriptAction, ScriptResult } from "../../actor/database-scripts.js";
import { readSettings } from "../../shared/settings-file.js";
import { addAdminOptions, openAdminClient, type AdminFlags } from "../admin-client.js";
import { exitCodes, UsageError, type CliIo, type CommandResult } from "../cli-io.js";
import { jsonOption, settingsOption, type CommandContext } from "../command.js";
import { addBackups } from "../database-backups.js";
import { runDatabaseTask } from "../database-task.js";

interface ScriptFlags {
  readonly settings: string;
  readonly database?: string;
  readonly dryRun?: boolean;
  readonly reset?: boolean;
}

interface TaskFlags extends AdminFlags {
  readonly database: string;
  readonly repair?: boolean;
  readonly table?: readonly string[];
  readonly unverified?: boolean;
}

const databaseOption = ["--database <name>", "one database of the settings; without it all of them"] as const;

/** `sparesync database …`: the scripts in this server's databases, and what may be asked of a running source. */
export function addDatabase(program: Command, context: CommandContext): void {
  const database = program.command("database").description("scripts, comparison and copies of the databases");
  addScripts(database, context);
  addTasks(database, context);
  addBackups(database, context);
}

function addScripts(database: Command, { answer }: CommandContext): void {
  database
    .command("install-scripts")
    .description("create what SpareSync needs in this server's databases; again, it only adds what is missing")
    .requiredOption(...settingsOption)
    .option(...databaseOption)
    .option("--dry-run", "show the statements as SQL; change nothing")
    .option("--reset", "also clear journal and position: the next target gets a full copy")
    .option(...jsonOption)
    .action(async (flags: ScriptFlags) => {
      if (flags.dryRun === true && flags.reset === true) throw new UsageError("either --dry-run or --reset");
      const action = flags.dryRun === true ? "plan" : flags.reset === true ? "reset" : "install";
      await answer(await runScripts(flags, action));
    });
  database
    .command("remove-scripts")
    .description("take every trace of SpareSync out of this server's databases; the actor must be stopped")
    .requiredOption(...settingsOption)
    .option(...databaseOption)
    .option(...jsonOption)
    .action(async (flags: ScriptFlags) => {
      await answer(await runScripts(flags, "remove"));
    });
}

async function runScripts(flags: ScriptFlags, action: ScriptAction): Promise<CommandResult> {
  const { settings } = await readSettings(flags.settings);
  // Loaded only here: the other commands should not pay for the drivers of databases.
  const { runDatabaseScripts } = await import("../../actor/database-scripts.js");
  const results = await runDatabaseScripts(settings, action, flags.database);
  const text = results.flatMap((result) => describeScripts(result, action));
  return {
    text: text.length > 0 ? text.join("\n") : "there are no databases in the settings",
    json: { ok: true, action, databases: results.map((result) => JSON.parse(JSON.stringify(result)) as never) },
    exitCode: exitCodes.fine,
  };
}

/** Lines for a person; those of a plan are a script for psql or sqlcmd, in which everything else is a comment. */
export function describeScripts(
  { database, created, statements, findings }: ScriptResult,
  action: ScriptAction,
): string[] {
  const lines = findings.map(({ severity, message, hint }) => `${severity}: ${database}: ${message}; ${hint}`);
  switch (action) {
    case "plan": {
      const said = lines.map((line) => `-- ${line.replaceAll(/\r?\n|\r/g, " ")}`);
      if (statements.length === 0) return [...said, `-- ${database}: nothing is missing`];
      return [...said, `-- ${database}`, ...statements.map(endStatement)];
    }
    case "remove":
      return [...lines, `${database}: removed`];
    case "install":
    case "reset": {
      const what = created.length === 0 ? "nothing was missing" : `journalled anew: ${created.join(", ")}`;
      const reset = action === "reset" ? "; journal and position are cleared, a full copy follows" : "";
      return [...lines, `${database}: ${what}${reset}`];
    }
  }
}

/** GO is no statement: sqlcmd knows it only when it is alone in its line. */
function endStatement(statement: string): string {
  return statement === "GO" || statement.startsWith("--") ? statement : `${statement};`;
}

function addTasks(database: Command, { io, answer }: CommandContext): void {
  const named = (name: string, description: string): Command =>
    addAdminOptions(
      database
        .command(name)
        .description(description)
        .requiredOption("--database <name>", "the database, as the settings name it"),
    );
  named("verify", "compare all rows of both sides; asked of the active server")
    .option("--repair", "send rows that differ again")
    .action(async (flags: TaskFlags) => {
      await answer(await ask(io, flags, { task: "verify", isRepairing: flags.repair === true }));
    });
  named("reinitialise", "copy everything, or some tables, once more")
    .option("--table <table...>", "only these tables, as schema.table")
    .action(async (flags: TaskFlags) => {
      const tables = flags.table === undefined ? {} : { tables: [...flags.table] };
      await answer(await ask(io, flags, { task: "reinitialise", ...tables }));
    });
  named("fix-sync-state", "declare both sides identical, while synchronisation is turned off")
    .option("--unverified", "without comparing them first")
    .action(async (flags: TaskFlags) => {
      await answer(await ask(io, flags, { task: "fix-sync-state", isVerified: flags.unverified !== true }));
    });
}

async function ask(
  io: CliIo,
  flags: TaskFlags,
  request: Parameters<typeof runDatabaseTask>[3],
): Promise<CommandResult> {
  return runDatabaseTask(io, await openAdminClient(flags, io), flags.database, request);
}

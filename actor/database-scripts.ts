import { AppError, errorCode, errorMessage } from "../shared/core/app-error.js";
import type { DatabaseSettings, Settings } from "../shared/core/settings/settings.js";
import { readSecretFile } from "../shared/secret-file.js";
import { readActorStatus } from "../shared/status-client.js";
import { createSystemRandom } from "../shared/system-random.js";
import type { DatabaseEngine, EngineSize, InstallFinding } from "./database/engine.js";
import { installScripts, planScripts, resetScripts } from "./database/install-scripts.js";
import { openEngine } from "./database/open-engine.js";

export type ScriptAction = "install" | "plan" | "reset" | "remove";

/** What became of one database. */
export interface ScriptResult {
  readonly database: string;
  /** Tables that are journalled anew, so that they are copied again. */
  readonly created: readonly string[];
  /** Of a plan: the statements that would be sent. */
  readonly statements: readonly string[];
  readonly findings: readonly InstallFinding[];
}

const actorLimitSeconds = 2;

/** Installs, plans, resets or removes the scripts in this server's databases; no actor is needed. */
export async function runDatabaseScripts(
  settings: Settings,
  action: ScriptAction,
  database: string | undefined,
): Promise<readonly ScriptResult[]> {
  const signal = new AbortController().signal;
  if (action === "remove" && settings.databases.length > 0) await refuseWhileActorRuns(settings);
  const results: ScriptResult[] = [];
  for (const one of chosenDatabases(settings, database)) {
    results.push(await withEngine(one, signal, (engine) => runOne(engine, action, one.name, signal)));
  }
  return results;
}

/** Asks one database of this server for its size. */
export function readDatabaseSize(settings: DatabaseSettings, signal: AbortSignal): Promise<EngineSize> {
  return withEngine(settings, signal, (engine) => engine.databaseSize(signal));
}

async function runOne(
  engine: DatabaseEngine,
  action: ScriptAction,
  database: string,
  signal: AbortSignal,
): Promise<ScriptResult> {
  const empty = { database, created: [], statements: [], findings: [] };
  switch (action) {
    case "install":
      return { ...empty, ...(await installScripts(engine, signal, database)) };
    case "plan":
      return { ...empty, ...(await planScripts(engine, signal, database)) };
    case "reset":
      return { ...empty, ...(await resetScripts(engine, signal, database)) };
    case "remove":
      return { ...empty, findings: await engine.remove(signal) };
  }
}

/** Works with one database of this server; its connections are closed afterwards. */
export async function withEngine<T>(
  settings: DatabaseSettings,
  signal: AbortSignal,
  work: (engine: DatabaseEngine) => Promise<T>,
): Promise<T> {
  const engine = openEngine({ settings, readSecret: readSecretFile, newId: () => createSystemRandom().id() });
  try {
    await engine.probe(signal);
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** The database of that name, or all. Rejects with NOT_FOUND. */
export function chosenDatabases(settings: Settings, database: string | undefined): readonly DatabaseSettings[] {
  if (database === undefined) return settings.databases;
  const found = settings.databases.filter(({ name }) => name === database);
  if (found.length > 0) return found;
  const hint = `There are: ${settings.databases.map(({ name }) => name).join(", ") || "none"}.`;
  throw new AppError("NOT_FOUND", `there is no database ${JSON.stringify(database)} in the settings`, { hint });
}

/** A running actor holds the databases, and would install scripts again at once. */
export async function refuseWhileActorRuns(settings: Settings): Promise<void> {
  try {
    await readActorStatus(settings.stateDirectory, actorLimitSeconds);
  } catch (error) {
    if (errorCode(error) === "ACTOR_UNREACHABLE") return;
    throw new AppError("OPERATION_REFUSED", `the actor of this server may be running: ${errorMessage(error)}`);
  }
  throw new AppError("OPERATION_REFUSED", "the actor of this server is running", {
    hint: "Stop the actor first: it works with the databases all the time.",
  });
}

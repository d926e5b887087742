import { AppError } from "../../shared/core/app-error.js";
import { decideInstall, type InstallDecision } from "../core/journal-install.js";
import { schemaShape, type TableDefinition } from "../core/journal-schema.js";
import type { DataRole } from "../sync-part.js";
import type { DatabaseEngine } from "./engine.js";
import { putGatesRight } from "./gate-keeper.js";
import { installScripts, readSchema } from "./install-scripts.js";
import type { Prepared, SideIo } from "./side.js";

/** Reasons that are named; the column that holds them is 2000 characters wide. */
const shownReasons = 5;

/** Brings the database into the state its role needs. Refusals name every table at once. */
export async function prepareRole(io: SideIo, role: DataRole, signal: AbortSignal): Promise<Prepared> {
  const { engine, settings, log } = io;
  // First of all: on a slow server everything else can take minutes, and a target refuses the application's writes.
  const isGateThere = role.role === "target" && (await engine.readInstallation(signal)).isCurrent;
  if (isGateThere) {
    await noteWhatIsNotJournalled(io, signal);
    await putGatesRight(io, "standby", signal).catch(() => undefined);
    await engine.closeGate("standby", role.epoch, signal);
  }
  // Before the tables are looked at: without its key a table would be taken for another one.
  await engine.rebuildIndexes(signal);
  const facts = await engine.probe(signal);
  if (role.role === "target" && facts.cannotApplyBecause !== "") {
    throw new AppError("DATABASE_UNSUPPORTED", facts.cannotApplyBecause);
  }
  const { tables, sequences, constraints } = await readSchema(engine, settings.name, signal);
  await seeToScripts(io, role, tables, signal);
  // Before the fingerprint, which holds the marks. What cannot be done now is done by who looks after the gates from here on.
  if (role.role === "source") await putGatesRight(io, "open", signal).catch(() => undefined);
  const fingerprint = await engine.readFingerprint(signal);
  const state = await engine.readState(signal);
  if (role.role === "target") {
    // Once more, for the tables whose gates have only just come.
    await noteWhatIsNotJournalled(io, signal);
    await engine.closeGate("standby", role.epoch, signal);
  }
  if (role.role === "source") {
    if (state.mode === "standby") {
      throw new AppError("OPERATION_REFUSED", `database ${settings.name} is a target that has not been promoted`);
    }
    for (const { message, hint } of await engine.becomeSource(signal)) {
      log.warn("database-source-finding", { database: settings.name, because: message, hint });
    }
  }
  log.info("database-prepared", { database: settings.name, role: role.role, tables: tables.length });
  return { tables, sequences, constraints, epoch: role.epoch, fingerprint };
}

/** A database that was a source until now: of tables that were not journalled nobody can tell what was written. */
async function noteWhatIsNotJournalled({ engine, settings, log }: SideIo, signal: AbortSignal): Promise<void> {
  const state = await engine.readState(signal);
  if (state.mode === "standby" || !state.hasBeenSource || state.captureOffBecause !== "") return;
  const found = await findUnknown(engine, signal);
  if (found.length === 0) return;
  const shown = found.slice(0, shownReasons).join("; ");
  const because = found.length > shownReasons ? `${shown}; and ${String(found.length - shownReasons)} more` : shown;
  await engine.noteCaptureOff(because, signal);
  log.error("database-not-all-journalled", { database: settings.name, because });
}

/** Tables in which something may have been written that is in no journal and was not copied since, and why; none twice. */
async function findUnknown(engine: DatabaseEngine, signal: AbortSignal): Promise<readonly string[]> {
  // Those that were written anew unseen get their marks here.
  await engine.readFingerprint(signal);
  const { tables } = await engine.readInstallation(signal);
  const moved = new Set(await engine.readWrongGates("open", signal));
  const held = new Set((await engine.readMarks(signal)).held);
  return tables.flatMap(({ label, brokenBecause }) => {
    if (brokenBecause !== "") return [`${label}: ${brokenBecause}`];
    if (moved.has(label)) return [`${label}: its triggers were enabled by another hand, hence disabled before`];
    return held.has(label) ? [] : [`${label}: its journal has begun anew, and the table was not copied since`];
  });
}

async function seeToScripts(
  io: SideIo,
  role: DataRole,
  tables: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<void> {
  const { engine, settings, log } = io;
  const decision = await decideScripts(engine, tables, signal);
  switch (decision.kind) {
    case "fine":
      return engine.use(tables, signal);
    case "install":
      return install(io, signal);
    case "mend": {
      // A source whose journal was given up begins again only when there is a target to fill.
      const isOff = role.role === "source" && (await engine.readState(signal)).captureOffBecause !== "";
      if (isOff) return engine.use(tables, signal);
      if (!settings.reinitialiseOnError) throw reinitialisationRequired(settings.name, decision.because);
      log.warn("database-scripts-mended", { database: settings.name, because: decision.because });
      return install(io, signal);
    }
    case "changed":
      throw schemaChanged(settings.name, decision.changes);
  }
}

async function install({ engine, settings, log }: SideIo, signal: AbortSignal): Promise<void> {
  const { findings } = await installScripts(engine, signal, settings.name);
  for (const { message, hint } of findings) {
    log.warn("database-install-finding", { database: settings.name, because: message, hint });
  }
}

async function decideScripts(
  engine: DatabaseEngine,
  tables: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<InstallDecision> {
  const installation = await engine.readInstallation(signal);
  const broken = installation.tables.filter(({ brokenBecause }) => brokenBecause !== "");
  return decideInstall({
    isInstalled: installation.isCurrent,
    installed: Object.fromEntries(installation.tables.map(({ label, shape }) => [label, shape])),
    present: schemaShape(tables),
    broken: Object.fromEntries(broken.map(({ label, brokenBecause }) => [label, brokenBecause])),
  });
}

function schemaChanged(database: string, changes: readonly string[]): Error {
  const shown = changes.slice(0, 5).join("; ");
  const more = changes.length > 5 ? `; and ${String(changes.length - 5)} more` : "";
  return new AppError("DATABASE_SCHEMA_CHANGED", `database ${database}: its schema has changed: ${shown}${more}`, {
    hint: "Make the same change on the other server, then run `sparesync database install-scripts` on both.",
  });
}

export function reinitialisationRequired(database: string, because: string): Error {
  return new AppError("REINITIALISATION_REQUIRED", `database ${database} must be copied anew: ${because}`, {
    hint: "Run `sparesync database reinitialise`, or set databases[].reinitialiseOnError to true.",
  });
}

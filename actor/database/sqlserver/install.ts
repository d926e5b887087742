import { AppError } from "../../../shared/core/app-error.js";
import { copiedColumns, isKeyless, keyColumnsOf, tableLabel, tableShape } from "../../core/journal-schema.js";
import type { TableDefinition } from "../../core/journal-schema.js";
import type { InstallFinding } from "../engine.js";
import type { JournalledTable } from "../journalled-tables.js";
import type { Transaction } from "./connection.js";
import type { EngineContext } from "./context.js";
import { isOfKind } from "./errors.js";
import { installedOf, readInstalled, schemaVersion, type Installed, type InstalledRow } from "./installation.js";
import { quoteIdentifier } from "./quote-identifier.js";
import { restoreRules, trustForeignKeys } from "./silenced-rules.js";
import { gateMessage, journalKey, journalName, literal, tableSql, triggerNames } from "./table-sql.js";

/** A file under sql/sqlserver with the parts that go into it and the values that go with it. */
interface Statement {
  readonly file: string;
  readonly parts?: Readonly<Record<string, string>>;
  readonly values?: readonly (string | number)[];
}

/** One transaction of an installation. */
interface InstallStep {
  readonly doing: string;
  readonly statements: readonly Statement[];
  /** ALTER DATABASE is not allowed in a transaction. */
  readonly isAutocommit?: boolean;
}

interface InstallPlan {
  readonly steps: readonly InstallStep[];
  readonly created: readonly string[];
  readonly journalled: ReadonlyMap<string, JournalledTable>;
}

/**
 * Creates what is missing, one short transaction per table: CREATE TRIGGER waits for whoever uses its table, and once
 * it returns no older uncommitted write exists there, which is why a copy may start right after.
 */
export async function install(
  context: EngineContext,
  tables: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const plan = await planTables(context, tables, signal);
  for (const step of plan.steps) await runStep(context, step, signal);
  await allowSnapshots(context, signal);
  context.tables = plan.journalled;
  return plan.created;
}

async function runStep(context: EngineContext, step: InstallStep, signal: AbortSignal): Promise<void> {
  const { doing, statements, isAutocommit = false } = step;
  await context.connection.transaction({ signal, doing, isAutocommit }, async (transaction) => {
    for (const { file, parts, values } of statements) {
      const text = transaction.text(file, parts);
      if (values) await transaction.query(text, values);
      else await transaction.batch(text);
    }
  });
}

/** See DatabaseEngine.planInstall. */
export async function planInstall(
  context: EngineContext,
  tables: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { steps } = await planTables(context, tables, signal);
  const server = { signal, doing: "look at the server" };
  return context.connection.transaction(server, (transaction) => {
    const all = transaction.server.isSnapshotAllowed ? steps : [...steps, snapshotStep(context)];
    return Promise.resolve(all.flatMap((step) => textsOf(transaction, step)));
  });
}

function textsOf(transaction: Transaction, { doing, statements, isAutocommit }: InstallStep): readonly string[] {
  const texts = statements.flatMap(({ file, parts, values }) => [
    withValues(transaction.text(file, parts), values ?? []),
    "GO",
  ]);
  return isAutocommit === true
    ? [`-- ${doing}`, ...texts]
    : [`-- ${doing}`, "BEGIN TRANSACTION", "GO", ...texts, "COMMIT", "GO"];
}

/** For reading only: what is sent carries its values apart from the text. */
function withValues(text: string, values: readonly (string | number)[]): string {
  return text.replaceAll(/@p(\d+)/g, (whole, number: string) => {
    const value = values[Number(number) - 1];
    if (value === undefined) return whole;
    return typeof value === "string" ? `N'${value.replaceAll("'", "''")}'` : String(value);
  });
}

async function planTables(
  context: EngineContext,
  tables: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<InstallPlan> {
  const present = await readInstalled(context, signal);
  if (present.version > schemaVersion) throw installedByNewer(context, present.version);
  const steps: InstallStep[] = [];
  if (present.version === 0) steps.push(schemaStep(context));
  else if (present.version < schemaVersion) steps.push(upgradeStep(present.version));
  const wanted = new Map(tables.map((table) => [tableLabel(table), table]));
  const kept = new Map<string, InstalledRow>();
  for (const row of present.tables) {
    const table = wanted.get(row.label);
    if (table && row.brokenBecause === "" && row.keyShape === keyShape(table)) kept.set(row.label, row);
    else steps.push({ doing: `stop journalling ${row.label}`, statements: [noteUnsent(row), ...droppingOf(row.n)] });
  }
  const created: string[] = [];
  const before = new Set(present.tables.map(({ label }) => label));
  const journalled = new Map<string, JournalledTable>();
  let n = Math.max(0, ...present.tables.map((row) => row.n));
  for (const [label, definition] of wanted) {
    const known = kept.get(label);
    const table = { n: known?.n ?? ++n, definition };
    journalled.set(label, table);
    if (!known) {
      created.push(label);
      const step = tableStep(context, table, present);
      steps.push(before.has(label) ? step : { ...step, statements: [...step.statements, unjournalled(table)] });
    } else if (JSON.stringify(known.shape) !== JSON.stringify(tableShape(definition))) {
      const values = [known.n, JSON.stringify(tableShape(definition))];
      steps.push({ doing: `note the shape of ${label}`, statements: [{ file: "install/set-shape", values }] });
    }
  }
  if (present.isCaptureOff && present.mode !== "standby") {
    steps.push({ doing: "journal again", statements: [{ file: "install/capture-on" }] });
  }
  return { steps, created, journalled };
}

function installedByNewer(context: EngineContext, version: number): Error {
  const what = `what is installed in it is version ${String(version)}, this program knows ${String(schemaVersion)}`;
  const hint = "Use the newer version of SpareSync on this server as well.";
  return new AppError("DATABASE_UNSUPPORTED", `database ${context.settings.name}: ${what}`, { hint });
}

function schemaStep({ newId }: EngineContext): InstallStep {
  const parts = { version: String(schemaVersion), history: literal(newId()) };
  const statements = [{ file: "install/create-schema" }, { file: "install/schema", parts }];
  return { doing: "create the schema sparesync", statements };
}

/** A target keeps its position and its closed gates: it can be promoted as before. */
function upgradeStep(installed: number): InstallStep {
  const statements = [
    ...(installed < 2 ? [{ file: "install/upgrade-first" }] : []),
    ...(installed < 3 ? [{ file: "install/upgrade-second" }] : []),
    { file: "install/upgrade-third" },
    { file: "install/upgrade", parts: { version: String(schemaVersion) } },
  ];
  return { doing: "bring the schema sparesync to this version", statements };
}

function snapshotStep({ settings }: EngineContext): InstallStep {
  const parts = { database: quoteIdentifier(settings.database) };
  const statements = [{ file: "install/allow-snapshots", parts }, { file: "install/note-snapshots" }];
  return { doing: "allow snapshot isolation", statements, isAutocommit: true };
}

/**
 * A point is read under SNAPSHOT, which the database must allow. Where this login may not say so, points are read as
 * rows are committed: nothing is lost, but only a drained journal makes the target consistent.
 */
async function allowSnapshots(context: EngineContext, signal: AbortSignal): Promise<void> {
  const { connection } = context;
  const isAllowed = await connection.transaction({ signal, doing: "look at the server" }, (transaction) =>
    Promise.resolve(transaction.server.isSnapshotAllowed),
  );
  if (isAllowed) return;
  try {
    await runStep(context, snapshotStep(context), signal);
    await connection.reconnect();
  } catch (error) {
    const cause = error instanceof AppError ? error.cause : undefined;
    if (!isOfKind(cause, "permission")) throw error;
  }
}

/** See DatabaseEngine.use. */
export async function useInstalled(
  context: EngineContext,
  tables: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<void> {
  const installed = new Map((await readInstalled(context, signal)).tables.map((row) => [row.label, row.n]));
  context.tables = new Map(
    tables.map((definition) => {
      const label = tableLabel(definition);
      const n = installed.get(label);
      if (n !== undefined) return [label, { n, definition }];
      throw new AppError("DATABASE_FAILED", `database ${context.settings.name}: the table ${label} is not installed`);
    }),
  );
}

/** A journal fits as long as name, type and collation of what names a row stay. */
function keyShape(table: TableDefinition): string {
  const columns = isKeyless(table) ? copiedColumns(table) : keyColumnsOf(table);
  const shape = columns.map((column) => [column.name, column.type, column.baseType, column.collation]);
  return JSON.stringify(isKeyless(table) ? ["image", ...shape.map((each) => each.join(" ")).sort()] : shape);
}

function tableStep(context: EngineContext, table: JournalledTable, present: Installed): InstallStep {
  const { schema, name } = table.definition;
  const shape = JSON.stringify(tableShape(table.definition));
  const label = tableLabel(table.definition);
  const values = [table.n, schema, name, keyShape(table.definition), context.newId(), shape];
  // A gate is made closed; on a database that may be written to it is opened at once.
  const opened = present.mode === "open" ? [gateOf(table, "gate/open")] : [];
  return {
    doing: `journal the table ${label}`,
    statements: [...installationOf(table), ...opened, { file: "install/register", values }],
  };
}

/** A table that is new to a returned source is copied over like the others, and there was no journal to tell what only it has. */
function unjournalled(table: JournalledTable): Statement {
  const parts = { n: String(table.n), table: tableSql(table).table };
  return { file: "install/note-unjournalled", parts };
}

function gateOf(table: JournalledTable, file: string): Statement {
  return {
    file,
    parts: { table: tableSql(table).table, trigger: quoteIdentifier(triggerNames(table.n).gate) },
  };
}

/** What creates the journal and the triggers of one table. */
export function installationOf(table: JournalledTable): readonly Statement[] {
  const parts = tableSql(table);
  const of = (alias: string): string => parts.keys.map((part) => part.of(alias)).join(", ");
  const journalColumns = parts.keys.map((part, index) => {
    const collation = part.collation === "" ? "" : ` COLLATE ${part.collation}`;
    return `${journalKey(index)} ${part.baseType}${collation} NULL`;
  });
  const trigger = { trigger: parts.captureTrigger, table: parts.table, journal: parts.journal };
  const keyed = {
    ...trigger,
    journalKeys: parts.journalKeys,
    insertedKeys: of("i"),
    deletedKeys: of("d"),
    isKeyUpdated: table.definition.keyColumns.map((name) => `UPDATE(${quoteIdentifier(name)})`).join(" OR "),
    isSameKey: parts.keys.map((part) => `${part.of("i")} = ${part.of("d")}`).join(" AND "),
  };
  const images = { ...trigger, insertedImage: of("i"), deletedImage: of("d") };
  return [
    { file: "install/journal", parts: { journal: parts.journal, columns: journalColumns.join(", ") } },
    isKeyless(table.definition)
      ? { file: "install/capture-trigger-keyless", parts: images }
      : { file: "install/capture-trigger", parts: keyed },
    {
      file: "install/gate-trigger",
      parts: { trigger: parts.gateTrigger, table: parts.table, message: gateMessage(table.definition) },
    },
  ];
}

/** A returned source has rows in its journal that nobody else has; without it they can only be told to be there. */
function noteUnsent({ n }: InstalledRow): Statement {
  return { file: "install/note-unsent", parts: { n: String(n), journal: journalName(n) } };
}

/** Triggers first: one that is left without its journal would make the application's writes fail. */
function droppingOf(n: number): readonly Statement[] {
  const names = triggerNames(n);
  return [
    { file: "install/drop-trigger", parts: { name: `'${names.capture}'` } },
    { file: "install/drop-trigger", parts: { name: `'${names.gate}'` } },
    { file: "install/unregister", parts: { n: String(n), journal: journalName(n) } },
  ];
}

/**
 * Takes everything away: the triggers and journals, then the tables of our own, then the schema. Which foreign keys were trusted is
 * known until then only, so they are checked before; the others are named.
 */
export async function remove(context: EngineContext, signal: AbortSignal): Promise<readonly InstallFinding[]> {
  const { connection, settings } = context;
  const present = await readInstalled(context, signal);
  context.tables = undefined;
  if (present.version === 0) return [];
  if (present.version > schemaVersion) throw installedByNewer(context, present.version);
  for (const { n, label } of present.tables) {
    await runStep(context, { doing: `stop journalling ${label}`, statements: droppingOf(n) }, signal);
  }
  await connection.transaction({ signal, doing: "let triggers and foreign keys act again" }, restoreRules);
  const findings = await trustForeignKeys(context, signal);
  await connection.transaction({ signal, doing: "remove the schema sparesync" }, async (transaction) => {
    await transaction.batch(transaction.text("remove/schema"));
    await transaction.batch(transaction.text("remove/drop-schema"));
  });
  if (!present.isSnapshotOurs) return findings;
  const parts = { database: quoteIdentifier(settings.database) };
  const statements = [{ file: "remove/forbid-snapshots", parts }];
  await runStep(context, { doing: "forbid snapshot isolation", statements, isAutocommit: true }, signal);
  await connection.reconnect();
  return findings;
}

/** See DatabaseEngine.reset. */
export async function reset(context: EngineContext, signal: AbortSignal): Promise<void> {
  const { connection, newId } = context;
  await connection.transaction({ signal, doing: "clear journals and position" }, async (transaction) => {
    for (const { n } of (await installedOf(transaction)).tables) {
      await transaction.batch(transaction.text("install/note-unsent", { n: String(n), journal: journalName(n) }));
      await transaction.batch(transaction.text("query/clear-journal", { journal: journalName(n) }));
    }
    await transaction.query(transaction.text("apply/forget-position"));
    await transaction.query(transaction.text("apply/forget-copied"));
    await transaction.query(transaction.text("install/new-history"), [newId()]);
  });
}

import { AppError } from "../../../shared/core/app-error.js";
import type { ColumnDefinition, TableDefinition } from "../../core/journal-schema.js";
import { copiedColumns, isKeyless, keyColumnsOf, tableLabel, tableShape } from "../../core/journal-schema.js";
import type { JournalledTable } from "../journalled-tables.js";
import type { Parameter, Transaction } from "./connection.js";
import { sameValues } from "./connection.js";
import type { EngineContext } from "./context.js";
import { rebuildIndexes } from "./index-rebuild.js";
import { installedOf, readInstalled, schemaVersion, upgradedVersion, type InstalledRow } from "./installation.js";
import { quoteIdentifier, quoteTable } from "./quote-identifier.js";
import { journalKey, journalName, literal, tableSql, type KeyPart } from "./table-sql.js";

/** One transaction of an installation. */
interface InstallStep {
  readonly doing: string;
  readonly statements: readonly StatementToSend[];
}

interface StatementToSend {
  readonly text: string;
  readonly parameters: readonly Parameter[];
}

interface InstallPlan {
  readonly steps: readonly InstallStep[];
  readonly created: readonly string[];
  readonly journalled: ReadonlyMap<string, JournalledTable>;
}

/**
 * Creates what is missing, one short transaction per table: CREATE TRIGGER waits for the writers of its table, and
 * once it returns no older uncommitted write exists there, which is why a copy may start right after.
 */
export async function install(
  context: EngineContext,
  tables: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const plan = await planTables(context, tables, signal);
  for (const { doing, statements } of plan.steps) {
    await context.connection.transaction({ signal, doing }, async (transaction) => {
      for (const { text, parameters } of statements) await transaction.query(text, parameters);
    });
  }
  context.tables = plan.journalled;
  return plan.created;
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

/** See DatabaseEngine.planInstall. */
export async function planInstall(
  context: EngineContext,
  tables: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { steps } = await planTables(context, tables, signal);
  return steps.flatMap(({ doing, statements }) => [
    `-- ${doing}`,
    "BEGIN",
    ...statements.map(({ text, parameters }) => withParameters(text, parameters)),
    "COMMIT",
  ]);
}

/** For reading only: what is sent carries its values apart from the text. */
function withParameters(text: string, parameters: readonly Parameter[]): string {
  return text.replaceAll(/\$(\d+)/g, (whole, number: string) => {
    const value = parameters[Number(number) - 1];
    if (value === undefined) return whole;
    return Array.isArray(value) ? `ARRAY[${value.map(quoted).join(", ")}]` : quoted(value);
  });
}

function quoted(value: unknown): string {
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}

async function planTables(
  context: EngineContext,
  tables: readonly TableDefinition[],
  signal: AbortSignal,
): Promise<InstallPlan> {
  const { sql } = context;
  const present = await readInstalled(context, signal);
  if (present.version > schemaVersion) throw installedByNewer(context, present.version);
  const steps: InstallStep[] = [];
  const wanted = new Map(tables.map((table) => [tableLabel(table), table]));
  if (present.version < upgradedVersion) steps.push(schemaStep(context, present.version));
  else if (present.version < schemaVersion) steps.push(...upgradeSteps(context, present.tables, wanted));
  if (present.canGuard && !present.isGuarded) {
    steps.push({ doing: "guard the schema", statements: [statement(sql.text("install/guard"))] });
  }
  const kept = new Map<string, InstalledRow>();
  for (const row of present.tables) {
    const table = wanted.get(row.label);
    if (table && row.brokenBecause === "" && row.keyShape === keyShape(table)) kept.set(row.label, row);
    else steps.push(unregisterStep(context, row));
  }
  for (const table of await readGatedTables(context, signal)) {
    if (!wanted.has(tableLabel(table))) steps.push(gateStep(context, table));
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
      const step = tableStep(context, table, present.mode === "open" ? "DISABLE" : "ENABLE");
      steps.push(
        before.has(label) ? step : { ...step, statements: [...step.statements, unjournalled(context, table)] },
      );
    } else if (JSON.stringify(known.shape) !== JSON.stringify(tableShape(definition))) {
      const shape = [known.n, JSON.stringify(tableShape(definition))];
      steps.push({
        doing: `note the shape of ${label}`,
        statements: [statement(sql.text("install/set-shape"), shape), watchedStatement(context, table)],
      });
    }
  }
  if (present.isCaptureOff && present.mode !== "standby") {
    steps.push({ doing: "journal again", statements: [statement(sql.text("install/capture-on"))] });
  }
  return { steps, created, journalled };
}

function statement(text: string, parameters: readonly Parameter[] = []): StatementToSend {
  return { text, parameters };
}

function installedByNewer(context: EngineContext, version: number): Error {
  const what = `what is installed in it is version ${String(version)}, this program knows ${String(schemaVersion)}`;
  const hint = "Use the newer version of SpareSync on this server as well.";
  return new AppError("DATABASE_UNSUPPORTED", `database ${context.settings.name}: ${what}`, { hint });
}

/** What is too old is of no use: the next target gets a full copy. */
function schemaStep({ sql, newId }: EngineContext, installed: number): InstallStep {
  const parts = { version: String(schemaVersion), history: literal(newId()) };
  const create = [statement(sql.text("install/schema", parts)), statement(sql.text("install/refuse-write"))];
  const statements = installed > 0 ? [statement(sql.text("remove/schema")), ...create] : create;
  return { doing: "create the schema sparesync", statements };
}

/**
 * A target keeps its position and its closed gates: it can be promoted as before. The version comes last, alone: what was cut off
 * before is done once more. A journal that does not fit its table any more is made anew afterwards, with all that belongs to it.
 */
function upgradeSteps(
  context: EngineContext,
  installed: readonly InstalledRow[],
  wanted: ReadonlyMap<string, TableDefinition>,
): readonly InstallStep[] {
  const { sql } = context;
  const tables = installed.flatMap((row) => {
    const definition = wanted.get(row.label);
    if (!definition || row.keyShape !== keyShape(definition)) return [];
    const journal = statement(sql.text("install/upgrade-journal", { journal: journalName(row.n) }));
    const notes = isKeyless(definition) ? [] : [noteNew(context, { n: row.n, definition }), letCompare(context, row.n)];
    return [{ doing: `bring the journal of ${row.label} to this version`, statements: [journal, ...notes] }];
  });
  const functions = [statement(sql.text("install/refuse-write")), statement(sql.text("install/keep-to-triggers"))];
  const upgrade = statement(sql.text("install/upgrade", { version: String(schemaVersion) }));
  const statements = [...functions, upgrade, noteRewritten(context, null)];
  return [...tables, { doing: "bring the schema sparesync to this version", statements }];
}

/** Here where the rows lie is noted for the first time. */
function noteRewritten({ sql, newId }: EngineContext, numbers: readonly number[] | null): StatementToSend {
  return statement(sql.text("install/note-rewritten"), [newId(), numbers?.map(String) ?? null]);
}

function unregisterStep({ sql }: EngineContext, row: InstalledRow): InstallStep {
  const parts = { n: String(row.n), journal: journalName(row.n) };
  // A returned source has rows in its journal that nobody else has; without it they can only be told to be there.
  const statements = [
    statement(sql.text("install/note-unsent", parts)),
    statement(sql.text("install/unregister", parts)),
  ];
  return { doing: `stop journalling ${row.label}`, statements };
}

/** A gate that nobody opens any more would keep the application out of a table that is not synchronised, for ever. */
function gateStep({ sql }: EngineContext, table: Pick<TableDefinition, "schema" | "name">): InstallStep {
  const statements = [statement(sql.text("install/drop-gate", { table: quoteTable(table) }))];
  return { doing: `let writers of ${tableLabel(table)} in`, statements };
}

/** Also those that were renamed or moved since. */
async function readGatedTables(
  { connection, sql }: EngineContext,
  signal: AbortSignal,
): Promise<readonly Pick<TableDefinition, "schema" | "name">[]> {
  const rows = await connection.transaction({ signal, doing: "look for write gates" }, (transaction) =>
    transaction.query(sql.text("query/gated-tables")),
  );
  return rows.map((row) => ({ schema: row["schema"] ?? "", name: row["name"] ?? "" }));
}

/**
 * A journal fits as long as name, type and collation of what names a row stay. Where the type has its own operators they are a
 * part of it: what was copied and journalled without them is not to be trusted.
 */
function keyShape(table: TableDefinition): string {
  const columns = isKeyless(table) ? copiedColumns(table) : keyColumnsOf(table);
  const shape = columns.map((column) => [
    column.name,
    column.type,
    column.baseType,
    column.collation,
    ...ownOperators(column),
  ]);
  return JSON.stringify(isKeyless(table) ? ["image", ...shape.map((each) => each.join(" ")).sort()] : shape);
}

function ownOperators({ operators }: ColumnDefinition): readonly string[] {
  return operators ? [operators.equal] : [];
}

/** A table that is new to a returned source is copied over like the others, and there was no journal to tell what only it has. */
function unjournalled({ sql }: EngineContext, { n, definition }: JournalledTable): StatementToSend {
  const parts = { n: String(n), table: quoteTable(definition) };
  return statement(sql.text("install/note-unjournalled", parts));
}

/** What the guard looks for: without one of these columns, as it is, the triggers would fail. */
function watchedStatement({ sql }: EngineContext, { n, definition }: JournalledTable): StatementToSend {
  const columns = isKeyless(definition) ? copiedColumns(definition) : keyColumnsOf(definition);
  return statement(sql.text("install/set-watched"), [n, columns.map(({ name, type }) => `${name} ${type}`)]);
}

function tableStep(context: EngineContext, table: JournalledTable, gate: "ENABLE" | "DISABLE"): InstallStep {
  const { sql } = context;
  const { schema, name } = table.definition;
  const parts = tableSql(table);
  const columns = parts.keys.map(({ journalType }, index) => `${journalKey(index)} ${journalType}`).join(", ");
  const register = [table.n, schema, name, keyShape(table.definition), context.newId()];
  return {
    doing: `journal the table ${tableLabel(table.definition)}`,
    statements: [
      statement(sql.text("install/journal", { journal: parts.journal, columns })),
      ...(isKeyless(table.definition)
        ? [statement(keylessTriggers(context, table, gate))]
        : [noteNew(context, table), statement(triggers(context, table, gate)), letCompare(context, table.n)]),
      statement(sql.text("install/register"), [...register, JSON.stringify(tableShape(table.definition))]),
      watchedStatement(context, table),
      noteRewritten(context, [table.n]),
      // A trigger that is there goes on firing for everybody; only a new one is refused.
      statement(sql.text("install/keep-to-triggers")),
    ],
  };
}

function noteNew({ sql }: EngineContext, table: JournalledTable): StatementToSend {
  const { quotedKeys: keys, journal, journalKeys } = tableSql(table);
  return statement(sql.text("install/note-new", { n: String(table.n), journal, keys, journalKeys }));
}

/** The right is looked at in the application's own statement: without it every UPDATE would fail. */
function letCompare({ sql }: EngineContext, n: number): StatementToSend {
  return statement(sql.text("install/let-compare", { n: String(n) }));
}

function triggers({ sql }: EngineContext, table: JournalledTable, gate: string): string {
  const parts = tableSql(table);
  const each = (text: (name: string) => string): string[] => parts.keys.map(({ name }) => text(quoteIdentifier(name)));
  return sql.text("install/triggers", {
    table: parts.table,
    n: String(table.n),
    journal: parts.journal,
    keys: parts.quotedKeys,
    journalKeys: parts.journalKeys,
    oldKeys: each((name) => `old.${name}`).join(", "),
    nulls: each(() => "NULL").join(", "),
    isKeyMoved: parts.keys.map(isMoved).join(" OR "),
    gate,
  });
}

/** In whatever schemas the application's session looks for operators. */
function isMoved({ name, operators }: KeyPart): string {
  const [before, after] = ["$1", "$2"].map((row) => `(${row}).${quoteIdentifier(name)}`);
  if (operators) return `NOT (${before ?? ""} ${operators.equal} ${after ?? ""})`;
  return `${before ?? ""} IS DISTINCT FROM ${after ?? ""}`;
}

function keylessTriggers({ sql }: EngineContext, table: JournalledTable, gate: string): string {
  const parts = tableSql(table);
  return sql.text("install/triggers-keyless", {
    table: parts.table,
    n: String(table.n),
    journal: parts.journal,
    keys: parts.expressions,
    // The image must be the same text whatever the application's session has set.
    settings: sameValues.map((value) => `SET ${value}`).join(" "),
    gate,
  });
}

/** Takes everything away: the triggers, the journals, the schema, the guard. */
export async function remove(context: EngineContext, signal: AbortSignal): Promise<void> {
  const { connection, sql } = context;
  await rebuildIndexes(context, signal);
  await connection.transaction({ signal, doing: "remove the schema sparesync" }, async (transaction) => {
    const present = await installedOf(context, transaction);
    // Only who may create the guard may drop it; where it is none, nothing is asked for.
    if (present.isGuarded) await transaction.query(sql.text("remove/guard"));
    await transaction.query(sql.text("remove/schema"));
  });
  context.tables = undefined;
}

/** See DatabaseEngine.reset. */
export async function reset(context: EngineContext, signal: AbortSignal): Promise<void> {
  const { connection, sql, newId } = context;
  await connection.transaction({ signal, doing: "clear journals and position" }, async (transaction) => {
    const present = await installedOf(context, transaction);
    for (const { n } of present.tables) {
      await transaction.query(sql.text("install/note-unsent", { n: String(n), journal: journalName(n) }));
      await clearJournal(context, transaction, n);
    }
    await transaction.query(sql.text("apply/forget-position"));
    await transaction.query(sql.text("apply/forget-copied"));
    await transaction.query(sql.text("install/new-history"), [newId()]);
  });
}

async function clearJournal({ sql }: EngineContext, transaction: Transaction, n: number): Promise<void> {
  await transaction.query(sql.text("query/clear-journal", { journal: journalName(n) }));
}

import { z } from "zod";
import { AppError } from "../../../shared/core/app-error.js";
import type { KeyOperators, RuleDefinition, TableDefinition, TableRefusal } from "../../core/journal-schema.js";
import { tableLabel } from "../../core/journal-schema.js";
import { constraintsOf } from "../../core/table-constraints.js";
import type { Catalogue, EngineFacts } from "../engine.js";
import { constraintRowOf } from "../constraint-row.js";
import type { Row } from "./connection.js";
import { schemaParameters, type EngineContext } from "./context.js";

const columnForm = z.object({
  name: z.string(),
  type: z.string(),
  baseType: z.string(),
  collation: z.string(),
  isNotNull: z.boolean(),
  identity: z.enum(["", "always", "by-default"]),
  isGenerated: z.boolean(),
});

/** Of each column of the key, in the order of the strategies of a btree; null: those of the system are meant. */
const operatorsForm = z.array(
  z
    .tuple([z.string(), z.string(), z.string(), z.string(), z.string()])
    .transform(([less, atMost, equal, atLeast, greater]) => ({ less, atMost, equal, atLeast, greater }))
    .nullable(),
);

const ruleForm = z.object({ name: z.string(), says: z.string() });
const typeForm = ruleForm.extend({ rules: z.array(ruleForm) });

/** xid8 and pg_visible_in_snapshot came with PostgreSQL 13. */
const oldestVersion = 130_000;

/** Looks at version and rights. Rejects with DATABASE_UNSUPPORTED for a server that is too old. */
export async function probe(context: EngineContext, signal: AbortSignal): Promise<EngineFacts> {
  const { connection, sql, settings } = context;
  const facts = await connection.transaction({ signal, doing: "look at the server" }, (transaction) =>
    transaction.query(sql.text("query/probe")),
  );
  const version = facts[0]?.["version"] ?? "";
  const number = Number(facts[0]?.["number"]);
  if (number < oldestVersion) throw unsupported(settings.name, `${version} is older than PostgreSQL 13`);
  context.canCopyIn = settings.engine === "postgresql";
  return { flavour: settings.engine, version, cannotApplyBecause: await whyItCannotApply(context, number, signal) };
}

async function whyItCannotApply(context: EngineContext, number: number, signal: AbortSignal): Promise<string> {
  try {
    await context.connection.transaction({ signal, doing: "silence triggers", isReplica: true }, () =>
      Promise.resolve(),
    );
    return "";
  } catch (error) {
    if (!isPermissionDenied(error)) throw error;
    const { user, name } = context.settings;
    const grant =
      number >= 150_000
        ? `as a superuser run GRANT SET ON PARAMETER session_replication_role TO the role ${user}`
        : `before PostgreSQL 15 the role ${user} must be a superuser`;
    return `database ${name}: the role ${user} may not silence triggers while applying: ${grant}`;
  }
}

function isPermissionDenied(error: unknown): boolean {
  const cause = typeof error === "object" && error !== null && "cause" in error ? error.cause : undefined;
  return typeof cause === "object" && cause !== null && "code" in cause && cause.code === "42501";
}

/** Tables of the settings' schemas without the excluded ones, and those that cannot be synchronised with the reason. */
export async function readCatalogue(context: EngineContext, signal: AbortSignal): Promise<Catalogue> {
  const { connection, sql, settings } = context;
  const { parts, values } = schemaParameters(context);
  const { rows, sequences, constraints } = await connection.transaction(
    { signal, doing: "read the catalogue" },
    async (transaction) => ({
      rows: await transaction.query(sql.text("query/tables"), [settings.schemas]),
      sequences: await transaction.query(sql.text("query/sequence-names", parts), values),
      constraints: await transaction.query(sql.text("query/constraints", parts), values),
    }),
  );
  const excluded = new Set(settings.excludedTables);
  const tables: TableDefinition[] = [];
  const refusals: TableRefusal[] = [];
  for (const row of rows) {
    const table = tableOf(row);
    if (excluded.has(tableLabel(table))) continue;
    const because = whyRefused(row, table);
    if (because === "") tables.push(table);
    else refusals.push({ table: tableLabel(table), because });
  }
  const present = new Set(rows.map((row) => tableLabel(tableOf(row))));
  const unknownExclusions = settings.excludedTables.filter((label) => !present.has(label));
  const release = `PostgreSQL ${rows[0]?.["release"] ?? ""}`;
  return {
    tables,
    refusals,
    unknownExclusions,
    sequences: sequencesFor(tables, sequences),
    constraints: constraintsOf(release, tables.map(tableLabel), constraints.map(constraintRowOf)),
  };
}

/** The sequence of a table that is left out is this server's own. */
function sequencesFor(tables: readonly TableDefinition[], rows: readonly Row[]): readonly string[] {
  const synchronised = new Set(tables.map(tableLabel));
  const label = (schema: Row[string] | undefined, name: Row[string] | undefined): string =>
    tableLabel({ schema: schema ?? "", name: name ?? "" });
  return rows
    .filter((row) => row["owner_table"] === null || synchronised.has(label(row["owner_schema"], row["owner_table"])))
    .map((row) => label(row["schema"], row["name"]));
}

function tableOf(row: Row): TableDefinition {
  const keyColumns = z.array(z.string()).parse(JSON.parse(row["key_columns"] ?? "[]"));
  const operators = operatorsForm.parse(JSON.parse(row["key_operators"] ?? "[]"));
  const ownOf = (name: string): KeyOperators | undefined => operators[keyColumns.indexOf(name)] ?? undefined;
  const columns = z.array(columnForm).parse(JSON.parse(row["columns"] ?? "[]"));
  const expressions = z.array(ruleForm).parse(JSON.parse(row["expressions"] ?? "[]"));
  const types = z.array(typeForm).parse(JSON.parse(row["types"] ?? "[]"));
  return {
    schema: row["schema"] ?? "",
    name: row["name"] ?? "",
    columns: columns.map((column) => {
      const own = ownOf(column.name);
      return own ? { ...column, operators: own } : column;
    }),
    keyColumns,
    types: types.map(({ name, says }) => ({ name, says })),
    rules: rulesOf(expressions, types, row["release"] ?? ""),
  };
}

/** What makes rows differ, or be refused, on one side alone though all names are the same. */
function rulesOf(
  expressions: readonly RuleDefinition[],
  types: readonly z.output<typeof typeForm>[],
  release: string,
): readonly RuleDefinition[] {
  const by = `as PostgreSQL ${release} writes it`;
  const ofTypes = types.flatMap((type) =>
    type.rules.map(({ name, says }) => ({ name: `${name} of ${type.name}, ${by}`, says })),
  );
  const ofColumns = expressions.map(({ name, says }) => ({ name: `${name}, ${by}`, says }));
  return [...ofTypes, ...ofColumns];
}

function whyRefused(row: Row, table: TableDefinition): string {
  // What is written through one of these tables fires no statement trigger of the other that holds the row.
  const instead = "make one ordinary table of them, or exclude all of them";
  if (row["kind"] === "p") return `it is partitioned: ${instead}`;
  if (row["is_partition"] === "t") return `it is a partition: ${instead}`;
  if (row["is_inherited"] === "t") return `it inherits rows from or to another table: ${instead}`;
  if (row["persistence"] !== "p") return "it is not logged, so a crash empties it: ALTER TABLE … SET LOGGED";
  if (table.columns.every((column) => column.isGenerated)) return "it has no column with a value of its own";
  const isKeyGenerated = table.columns.some((column) => column.isGenerated && table.keyColumns.includes(column.name));
  return isKeyGenerated ? "a column of its key is generated" : "";
}

function unsupported(database: string, because: string): Error {
  return new AppError("DATABASE_UNSUPPORTED", `database ${database}: ${because}`);
}

import { AppError } from "../../../shared/core/app-error.js";
import type { ColumnDefinition, TableDefinition, TableRefusal } from "../../core/journal-schema.js";
import { copiedColumns, isKeyless, keyColumnsOf, tableLabel } from "../../core/journal-schema.js";
import { constraintsOf } from "../../core/table-constraints.js";
import { constraintRowOf } from "../constraint-row.js";
import type { Catalogue, EngineFacts } from "../engine.js";
import { transportOf } from "./column-transport.js";
import type { Row, Transaction } from "./connection.js";
import { schemaParameters, type EngineContext } from "./context.js";

/** "Maximum capacity specifications for SQL Server": columns per table, a temporary one as well. */
const mostTableColumns = 1024;
/** Number, image and place stand beside them while a table without a key is copied; else the number alone, see Stage. */
const copyStageColumns = 3;
/** SQL Server 2008. */
const oldestVersion = 10;

/** Looks at version and rights. Rejects with DATABASE_UNSUPPORTED for a server that is too old. */
export async function probe(context: EngineContext, signal: AbortSignal): Promise<EngineFacts> {
  const { connection, settings } = context;
  return connection.transaction({ signal, doing: "look at the server" }, async (transaction) => {
    const { flavour, version, majorVersion, compatibilityLevel } = transaction.server;
    if (majorVersion < oldestVersion) {
      throw new AppError("DATABASE_UNSUPPORTED", `database ${settings.name}: ${version} is older than SQL Server 2008`);
    }
    if (compatibilityLevel < 100) {
      const because = `its compatibility level is ${String(compatibilityLevel)}, that of SQL Server 2005 or older`;
      const hint = "Raise it to 100 or more: ALTER DATABASE … SET COMPATIBILITY_LEVEL = 100.";
      throw new AppError("DATABASE_UNSUPPORTED", `database ${settings.name}: ${because}`, { hint });
    }
    const rights = (await transaction.query(transaction.text("query/membership")))[0] ?? {};
    const cannotApplyBecause = whyItCannotApply(context, rights);
    return { flavour, version, cannotApplyBecause };
  });
}

function whyItCannotApply({ settings }: EngineContext, rights: Row): string {
  const { name, user } = settings;
  if (rights["is_owner"] !== "1") {
    const how = "run ALTER ROLE db_owner ADD MEMBER (before SQL Server 2012: sp_addrolemember 'db_owner', …) there";
    return `database ${name}: the user ${user} is not a member of db_owner: ${how}`;
  }
  if (rights["may_silence"] === "1") return "";
  const how = "on its PostgreSQL side run GRANT SET ON PARAMETER session_replication_role TO the role of its owner";
  return `database ${name}: the user ${user} may not silence triggers while applying: ${how}`;
}

/** Columns of system views that came after SQL Server 2008, with what holds where they are missing. */
const tableFlags = [
  "is_memory_optimized",
  "temporal_type",
  "is_filetable",
  "is_node",
  "is_edge",
  "ledger_type",
  "is_external",
] as const;

/** Tables of the settings' schemas without the excluded ones, and those that cannot be synchronised with the reason. */
export async function readCatalogue(context: EngineContext, signal: AbortSignal): Promise<Catalogue> {
  return context.connection.transaction({ signal, doing: "read the catalogue" }, (transaction) =>
    readCatalogueIn(context, transaction),
  );
}

async function readCatalogueIn(context: EngineContext, transaction: Transaction): Promise<Catalogue> {
  const { parts, values } = schemaParameters(context);
  const known = new Set(
    (await transaction.query(transaction.text("query/table-flags"))).map(
      (row) => `${row["view_name"] ?? ""}.${row["column_name"] ?? ""}`,
    ),
  );
  const flag = (view: string, alias: string, name: string): string =>
    known.has(`${view}.${name}`) ? `CAST(ISNULL(${alias}.${name}, 0) AS int)` : "0";
  const flags = tableFlags.map((name) => `${flag("tables", "t", name)} AS ${name}`).join(", ");
  const rows = await transaction.query(transaction.text("query/user-tables", { ...parts, flags }), values);
  const columnParts = {
    ...parts,
    generated: flag("columns", "c", "generated_always_type"),
    columnSet: flag("columns", "c", "is_column_set"),
  };
  const columns = group(await transaction.query(transaction.text("query/columns", columnParts), values));
  const keys = group(await transaction.query(transaction.text("query/keys", parts), values));
  const excluded = new Set(context.settings.excludedTables);
  const tables: TableDefinition[] = [];
  const refusals: TableRefusal[] = [];
  for (const row of rows) {
    const label = labelOf(row);
    if (excluded.has(label)) continue;
    const table: TableDefinition = {
      schema: row["schema"] ?? "",
      name: row["name"] ?? "",
      columns: (columns.get(label) ?? []).map(columnOf),
      keyColumns: bestKey(keys.get(label) ?? []),
    };
    const because = whyRefused(row, table, transaction.server.canHashLargeValues);
    if (because === "") tables.push(table);
    else refusals.push({ table: label, because });
  }
  const constraints = await transaction.query(transaction.text("query/constraints", parts), values);
  const { flavour, majorVersion } = transaction.server;
  const present = new Set(rows.map(labelOf));
  const { excludedTables } = context.settings;
  const unknownExclusions = excludedTables.filter((label) => !present.has(label));
  return {
    tables,
    refusals,
    unknownExclusions,
    sequences: await readSequenceNames(context, transaction),
    constraints: constraintsOf(
      `${flavour} ${String(majorVersion)}`,
      tables.map(tableLabel),
      constraints.map(constraintRowOf),
    ),
  };
}

async function readSequenceNames(context: EngineContext, transaction: Transaction): Promise<readonly string[]> {
  if (!transaction.server.hasSequences) return [];
  const { parts, values } = schemaParameters(context);
  return (await transaction.query(transaction.text("query/sequence-names", parts), values)).map(labelOf);
}

function labelOf(row: Row): string {
  return tableLabel({ schema: row["schema"] ?? "", name: row["name"] ?? "" });
}

function group(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const label = labelOf(row);
    const rowsOfTable = groups.get(label);
    if (rowsOfTable) rowsOfTable.push(row);
    else groups.set(label, [row]);
  }
  return groups;
}

function columnOf(row: Row): ColumnDefinition {
  const baseType = baseTypeOf(row);
  const userType = row["is_user_type"] === "1" && row["is_clr"] !== "1";
  const name = row["type_name"] ?? "";
  return {
    name: row["column_name"] ?? "",
    type: userType ? `${row["type_schema"] ?? ""}.${row["user_type"] ?? ""} (${baseType})` : baseType,
    baseType,
    collation: row["collation"] ?? "",
    isNotNull: row["is_nullable"] !== "1",
    identity: row["is_identity"] === "1" ? "always" : "",
    isGenerated:
      row["is_computed"] === "1" ||
      Number(row["is_generated"]) > 0 ||
      row["is_column_set"] === "1" ||
      name === "timestamp" ||
      name === "rowversion",
  };
}

/** The type as it is written in a declaration: `nvarchar(20)`, `decimal(18,4)`, `datetime2(7)`. */
export function baseTypeOf(row: Row): string {
  // Types of the CLR have no system type of their own; those of the server itself are known by name.
  const isOwnClr = row["is_clr"] === "1" && row["is_user_type"] === "1";
  if (isOwnClr) return `clr ${row["type_schema"] ?? ""}.${row["user_type"] ?? ""}`;
  const name = (row["is_clr"] === "1" ? row["user_type"] : row["type_name"]) ?? "unknown";
  const length = Number(row["max_length"]);
  switch (name) {
    case "char":
    case "varchar":
    case "binary":
    case "varbinary":
      return `${name}(${length === -1 ? "max" : String(length)})`;
    case "nchar":
    case "nvarchar":
      return `${name}(${length === -1 ? "max" : String(length / 2)})`;
    case "decimal":
    case "numeric":
      return `${name}(${row["precision"] ?? "18"},${row["scale"] ?? "0"})`;
    case "time":
    case "datetime2":
    case "datetimeoffset":
      return `${name}(${row["scale"] ?? "7"})`;
    default:
      return name;
  }
}

/** The primary key, else the unique index over NOT NULL columns with the fewest of them; empty when there is none. */
function bestKey(rows: readonly Row[]): readonly string[] {
  const indexes = new Map<string, { isPrimary: boolean; isWhole: boolean; columns: string[] }>();
  for (const row of rows) {
    const id = row["index_id"] ?? "";
    const index = indexes.get(id) ?? { isPrimary: row["is_primary_key"] === "1", isWhole: true, columns: [] };
    index.columns.push(row["column_name"] ?? "");
    index.isWhole &&= row["is_nullable"] !== "1";
    indexes.set(id, index);
  }
  const usable = [...indexes.values()].filter((index) => index.isWhole);
  usable.sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary) || a.columns.length - b.columns.length);
  return usable[0]?.columns ?? [];
}

const refusedFlags: Readonly<Record<(typeof tableFlags)[number], string>> = {
  is_memory_optimized: "it is memory-optimised, where only natively compiled triggers work",
  temporal_type: "it is system-versioned, or the history of such a table: its history cannot be written from outside",
  is_filetable: "it is a FileTable: its rows are files",
  is_node: "it is a node of a graph: its identities are the server's own",
  is_edge: "it is an edge of a graph: its identities are the server's own",
  ledger_type: "it is a ledger table: its history cannot be written from outside",
  is_external: "it is external: its rows are elsewhere",
};

function whyRefused(row: Row, table: TableDefinition, canHashLargeValues: boolean): string {
  for (const flag of tableFlags) if (Number(row[flag] ?? 0) > 0) return refusedFlags[flag];
  const stranger = table.columns.find((column) => !column.isGenerated && !transportOf(column));
  if (stranger) return `its column ${stranger.name} is of type ${stranger.baseType}, which cannot be copied exactly`;
  if (table.columns.every((column) => column.isGenerated)) return "it has no column with a value of its own";
  const copied = copiedColumns(table).length;
  const most = mostTableColumns - (isKeyless(table) ? copyStageColumns : 1);
  if (copied > most) {
    const kind = isKeyless(table) ? "of a table without a key" : "of a table";
    return `it has ${copied} columns with values of their own, and temporary tables can take ${most} ${kind}`;
  }
  if (isKeyless(table)) return whyKeylessRefused(table, canHashLargeValues);
  const isKeyGenerated = keyColumnsOf(table).some((column) => column.isGenerated);
  return isKeyGenerated ? "a column of its key is computed by the server" : "";
}

/** Without a key a trigger has to read the whole row, and it cannot read all of every row. */
function whyKeylessRefused(table: TableDefinition, canHashLargeValues: boolean): string {
  const needs = "give the table a primary key or a unique index over NOT NULL columns";
  const hidden = table.columns.find(({ baseType }) => ["text", "ntext", "image"].includes(baseType));
  if (hidden) return `it has no key, and triggers cannot read its column ${hidden.name} (${hidden.baseType}): ${needs}`;
  const large = table.columns.find((column) => !column.isGenerated && transportOf(column)?.digestOfBeginning);
  if (large && !canHashLargeValues) {
    return `it has no key, and before SQL Server 2016 its column ${large.name} (${large.baseType}) has no hash: ${needs}`;
  }
  return "";
}

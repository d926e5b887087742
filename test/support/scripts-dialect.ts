import type { JournalState } from "../../actor/core/journal-position.js";
import type { ApplicationSession } from "../contract/conformance/conformance-fixture.js";

/** What differs between the dialects in what `install-scripts` leaves in a database; all else in the contract is portable SQL. */
export interface ScriptsDialect {
  readonly schema: string;
  /** A type for any text. */
  readonly text: string;
  /** A table without a key and one whose name and columns hold what must be quoted, and a row for each of them. */
  readonly oddTables: string;
  readonly oddRows: string;
  /** The trigger without which `t` is not journalled. */
  readonly dropCapture: string;
  /** Query: names of our triggers. */
  readonly ourTriggers: string;
  /** The version that is installed, and the statements that leave what the one before had made. */
  readonly version: number;
  readonly toVersionBefore: string;
  /** What a database that is brought from there to this version does not know of its state. */
  readonly forgottenByUpgrade: Partial<JournalState>;
  /** The statements that are shown, as one script. */
  byHand(statements: readonly string[]): string;
  /** Everything of ours in a database, with what each table of ours holds; the order of columns counts. */
  describeOurs(session: ApplicationSession): Promise<readonly string[]>;
}

export const postgresqlScripts: ScriptsDialect = {
  schema: "public",
  text: "text",
  oddTables: `CREATE TABLE keyless(v numeric, w "char");
    CREATE TABLE "it's a ""table"""("na'me, of $1" int, "b\\c" text, PRIMARY KEY ("b\\c", "na'me, of $1"))`,
  oddRows: `INSERT INTO "it's a ""table""" VALUES (1, 'x'); INSERT INTO keyless VALUES (1, 'c')`,
  dropCapture: "DROP TRIGGER sparesync_delete ON t",
  ourTriggers: "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'sparesync%'",
  version: 10,
  toVersionBefore: `ALTER TABLE sparesync.j_1 DROP COLUMN may_be_gone;
    CREATE OR REPLACE FUNCTION sparesync.note_new_1() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
    BEGIN
      INSERT INTO sparesync.j_1 (k1) SELECT id FROM sparesync_new;
      RETURN NULL;
    END
    $body$;
    REVOKE EXECUTE ON FUNCTION sparesync.is_moved_1(anyelement, anyelement) FROM PUBLIC;
    DROP EVENT TRIGGER IF EXISTS sparesync_guard_drops;
    ALTER TABLE sparesync.tables DROP COLUMN file, DROP COLUMN versions, DROP COLUMN places, DROP COLUMN held_mark;
    GRANT EXECUTE ON FUNCTION sparesync.note_new_1(), sparesync.note_old_1(), sparesync.note_moved_1(), sparesync.note_truncate_1() TO PUBLIC;
    CREATE OR REPLACE FUNCTION sparesync.refuse_write() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER AS $body$
    BEGIN
      RAISE EXCEPTION 'SpareSync: of the version before';
    END
    $body$;
    UPDATE sparesync.meta SET version = 4`,
  forgottenByUpgrade: {},
  byHand: (statements) => statements.map((one) => (one.startsWith("--") ? one : `${one};`)).join("\n"),
  describeOurs: async (session) => (await session.rows(everythingOfOurs)).map(([line]) => line ?? ""),
};

const everythingOfOurs = `
  SELECT 'column ' || c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull ||
      ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'sparesync'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT 'constraint ' || conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'sparesync'::regnamespace
  UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'sparesync'
  UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'sparesync'::regnamespace
  UNION ALL SELECT 'rights ' || oid::regprocedure || ' ' || coalesce(ARRAY(SELECT unnest(proacl)::text ORDER BY 1)::text, '') FROM pg_proc WHERE pronamespace = 'sparesync'::regnamespace
  UNION ALL SELECT 'event trigger ' || evtname FROM pg_event_trigger
  UNION ALL SELECT 'meta ' || to_jsonb(m)::text FROM sparesync.meta m
  UNION ALL SELECT 'table ' || (to_jsonb(t) - 'file' - 'versions')::text FROM sparesync.tables t ORDER BY 1`;

export function sqlServerScripts(isBabelfish: boolean): ScriptsDialect {
  return {
    schema: "dbo",
    text: "nvarchar(100)",
    oddTables: `CREATE TABLE keyless(v numeric(20, 3), w varbinary(20));
      CREATE TABLE ${oddName(isBabelfish)}([na'me, of @p1] int, [b"\\c 100%] nvarchar(20), PRIMARY KEY ([b"\\c 100%], [na'me, of @p1]))`,
    oddRows: `INSERT INTO ${oddName(isBabelfish)} VALUES (1, N'x'); INSERT INTO keyless VALUES (1, 0x00ff)`,
    dropCapture: "DROP TRIGGER dbo.sparesync_capture_1",
    ourTriggers: "SELECT name FROM sys.triggers WHERE name LIKE 'sparesync%'",
    version: 4,
    forgottenByUpgrade: { newestChunk: 0 },
    toVersionBefore: `${dropColumn("meta", "chunks_read", isBabelfish)}
      ${dropColumn("copied", "newest_chunk", isBabelfish)}
      ALTER TABLE sparesync.tables DROP COLUMN places; ALTER TABLE sparesync.tables DROP COLUMN held_mark;
      UPDATE sparesync.meta SET version = 1;`,
    byHand: (statements) => statements.join("\n"),
    describeOurs: describeSqlServer,
  };
}

function oddName(isBabelfish: boolean): string {
  // Babelfish cannot read a name with a closing bracket back, and drops no table whose name holds quotes.
  return isBabelfish ? "[a table, 100% (of ours)]" : `[it's a "table]]"]`;
}

/** SQL Server drops no column that has a default, whose name it has given itself. */
function dropColumn(table: string, column: string, isBabelfish: boolean): string {
  const drop = `ALTER TABLE sparesync.${table} DROP COLUMN ${column};`;
  if (isBabelfish) return drop;
  return `DECLARE @${column} nvarchar(400);
    SELECT @${column} = N'ALTER TABLE sparesync.${table} DROP CONSTRAINT ' + QUOTENAME(d.name) FROM sys.default_constraints d
    JOIN sys.columns c ON c.default_object_id = d.object_id WHERE c.object_id = OBJECT_ID('sparesync.${table}') AND c.name = '${column}';
    EXEC(@${column}); ${drop}`;
}

async function describeSqlServer(session: ApplicationSession): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const query of sqlServerCatalogue) {
    lines.push(...(await session.rows(query)).map((row) => row.map((cell) => cell ?? "NULL").join(" ")));
  }
  // Where columns stand is noted by the first look after an installation.
  for (const [table, columns] of [
    ["meta", "*"],
    ["tables", "n, schema_name, table_name, key_shape, mark, shape"],
  ] as const) {
    const rows = await session.rows(`SELECT ${columns} FROM sparesync.${table}`);
    lines.push(...rows.map((row) => `${table} ${JSON.stringify(row)}`));
  }
  return lines.sort();
}

const sqlServerCatalogue = [
  `SELECT 'column', t.name, CAST(c.name AS nvarchar(128)), CAST(y.name AS nvarchar(128)), CAST(c.max_length AS varchar(10)), CAST(CAST(c.is_nullable AS int) AS varchar(1)), CAST(CASE WHEN c.default_object_id = 0 THEN 0 ELSE 1 END AS varchar(1))
    FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id JOIN sys.types y ON y.user_type_id = c.user_type_id WHERE SCHEMA_NAME(t.schema_id) = 'sparesync'`,
  `SELECT 'trigger', r.name, CAST(CAST(r.is_disabled AS int) AS varchar(1)), CAST(m.definition AS nvarchar(max)) FROM sys.triggers r JOIN sys.sql_modules m ON m.object_id = r.object_id`,
  `SELECT 'index', t.name, CAST(i.type AS varchar(5)), CAST(CAST(i.is_unique AS int) AS varchar(1)) FROM sys.indexes i JOIN sys.tables t ON t.object_id = i.object_id WHERE SCHEMA_NAME(t.schema_id) = 'sparesync'`,
];

import type { ApplicationSession, ConformanceDialect } from "../contract/conformance/conformance-fixture.js";

/** What a dialect needs to know of the server that it is used on. */
export interface SqlServerDialectOptions {
  readonly isBabelfish: boolean;
  readonly connectLowPrivileged: (at: 0 | 1) => Promise<ApplicationSession>;
  readonly impossible: Readonly<Record<number, string>>;
}

/** T-SQL's way to say what the cases leave to the dialect. */
export function sqlServerDialect(options: SqlServerDialectOptions): ConformanceDialect {
  const { isBabelfish } = options;
  return {
    identity: (start, increment) => `IDENTITY(${start}, ${increment})`,
    insertNumbered: (table, columns, values) =>
      `SET IDENTITY_INSERT ${table} ON; INSERT INTO ${table}(${columns}) VALUES ${values}; SET IDENTITY_INSERT ${table} OFF`,
    lastNumber: "SELECT CAST(@@IDENTITY AS varchar(20))",
    lastNumberInScope: (insert) => `${insert}; SELECT CAST(SCOPE_IDENTITY() AS varchar(20))`,
    caseInsensitive: {
      prepare: "SET LANGUAGE us_english",
      column: (length) => `varchar(${length}) COLLATE Latin1_General_CI_AS`,
    },
    // Windows collations take ß for ss, so that both cannot be keys.
    caseSensitive: (length) =>
      `nvarchar(${length}) COLLATE ${isBabelfish ? "Latin1_General_CS_AS" : "Latin1_General_BIN2"}`,
    nationalQuote: "N'",
    // Babelfish counts the rows of a cascade as well, and leaves children without a parent.
    limitedDelete: (statement) => (isBabelfish ? statement : `SET ROWCOUNT 1; ${statement}; SET ROWCOUNT 0`),
    everyType: everyType(isBabelfish),
    logTrigger: (table, log) =>
      `CREATE TRIGGER a_log ON ${table} AFTER INSERT AS BEGIN SET NOCOUNT ON; INSERT INTO ${log}(id) SELECT id FROM inserted END`,
    insteadOfView: (view, table) => `CREATE VIEW ${view} AS SELECT id, v FROM ${table}
GO
CREATE TRIGGER a_view ON ${view} INSTEAD OF INSERT AS BEGIN SET NOCOUNT ON; INSERT INTO ${table}(id, v) SELECT id, v FROM inserted END`,
    merge: (table, source) =>
      isBabelfish
        ? undefined
        : `MERGE ${table} AS t USING ${source} AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v);`,
    isTruncateSeen: false,
    // As a bulk load without FIRE_TRIGGERS: our triggers let the session pass that calls itself ours.
    writeUnseen: async (session, statement) => {
      await session.run(`SET CONTEXT_INFO 0x535041524553594E; ${statement}; SET CONTEXT_INFO 0x00`);
    },
    renameColumn: (table, from, to) => `EXEC sp_rename 'dbo.${table}.${from}', '${to}', 'COLUMN'`,
    renameTable: (from, to) => `EXEC sp_rename 'dbo.${from}', '${to}', 'OBJECT'`,
    alterColumnType: (table, column, type) => `ALTER TABLE ${table} ALTER COLUMN ${column} ${type}`,
    canChangeKey: false,
    keyChangeNeeds: "nothing watches over key columns here: synchronisation is turned off before",
    beginSnapshot: "SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRANSACTION",
    describeCatalogue: (session) => linesOf(session, catalogue),
    disabledObjects: (session) => linesOf(session, disabled),
    connectLowPrivileged: options.connectLowPrivileged,
    impossible: options.impossible,
  };
}

const catalogue = [
  "SELECT 'schema ' + name FROM sys.schemas",
  "SELECT 'object ' + SCHEMA_NAME(o.schema_id) + '.' + o.name + ' ' + CAST(o.type AS varchar(2)) FROM sys.objects o WHERE SCHEMA_NAME(o.schema_id) NOT IN ('sys', 'INFORMATION_SCHEMA')",
  "SELECT 'column ' + t.name + '.' + c.name + ' ' + CAST(c.user_type_id AS varchar(20)) + ' ' + CAST(c.max_length AS varchar(20)) FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id",
  "SELECT 'trigger ' + r.name + ' ' + CAST(CAST(r.is_disabled AS int) AS varchar(1)) FROM sys.triggers r",
  "SELECT 'foreign key ' + f.name + ' ' + CAST(CAST(f.is_disabled AS int) AS varchar(1)) + CAST(CAST(f.is_not_trusted AS int) AS varchar(1)) FROM sys.foreign_keys f",
  "SELECT 'snapshot ' + CAST(snapshot_isolation_state AS varchar(5)) FROM sys.databases WHERE database_id = DB_ID()",
];

const disabled = [
  "SELECT 'trigger ' + r.name FROM sys.triggers r WHERE r.is_disabled = 1 AND r.name NOT LIKE 'sparesync%'",
  "SELECT 'foreign key ' + f.name FROM sys.foreign_keys f WHERE f.is_disabled = 1 OR f.is_not_trusted = 1",
];

/** One query after the other: Babelfish takes texts that are joined by UNION for dates. */
async function linesOf(session: ApplicationSession, queries: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const query of queries) lines.push(...(await session.rows(query)).map(([line]) => line ?? ""));
  return lines.sort();
}

/** Columns of every type that can be copied, and two rows with their limits. Babelfish keeps six digits of a second. */
function everyType(isBabelfish: boolean): ConformanceDialect["everyType"] {
  const digits = isBabelfish ? 6 : 7;
  // Babelfish cannot read a name with a closing bracket back.
  const key = isBabelfish ? "[Key x]" : "[Key ]]x]";
  const nines = "9".repeat(digits);
  const columns: readonly (readonly [string, string, string, string])[] = [
    [key, "nvarchar(20) NOT NULL", "N'k1'", "N'k2'"],
    ["[a,b]", "bit", "1", "0"],
    ["tiny", "tinyint", "255", "0"],
    ["small", "smallint", "-32768", "32767"],
    ["i", "int", "-2147483648", "2147483647"],
    ["big", "bigint", "-9223372036854775808", "9223372036854775807"],
    ["d", "decimal(38, 10)", "9999999999999999999999999999.9999999999", "-0.0000000001"],
    ["n", "numeric(20, 5)", "123456789012345.12345", "0"],
    ["m", "money", "922337203685477.5807", "-922337203685477.5808"],
    ["sm", "smallmoney", "214748.3647", "-214748.3648"],
    ["f", "float", "1.7976931348623157E308", "2.2250738585072014E-308"],
    ["f2", "float", "0.1", "-1E-300"],
    ["r", "real", "3.4028235E38", "0.1"],
    ["dt", "datetime", "'9999-12-31 23:59:59.997'", "'1753-01-01 00:00:00.003'"],
    ["dt2", `datetime2(${digits})`, `'9999-12-31 23:59:59.${nines}'`, "'0001-01-01 00:00:00'"],
    ["dto", `datetimeoffset(${digits})`, `'2024-02-29 23:59:59.${nines} +05:30'`, "'1900-01-01 00:00:00 -11:00'"],
    ["sdt", "smalldatetime", "'2079-06-06 23:59:00'", "'1900-01-01 00:00:00'"],
    ["da", "date", "'9999-12-31'", "'0001-01-01'"],
    ["ti", `time(${digits})`, `'23:59:59.${nines}'`, "'00:00:00'"],
    ["c", "char(5)", "'ab '", "''"],
    ["v", "varchar(50)", "'trail  '", "''"],
    ["vm", "varchar(max)", "'ü ''quoted'' \\ {}'", "''"],
    ["nc", "nchar(4)", "N'ä😀'", "N''"],
    ["nv", "nvarchar(100)", "N'tab' + NCHAR(9) + N'line' + NCHAR(10) + N'\\N 😀 ﷽ ' + NCHAR(8232)", "N''"],
    ["nm", "nvarchar(max)", "N'long 😀'", "N''"],
    ["tx", "text", "'old text'", "''"],
    ["nt", "ntext", "N'old 😀'", "N''"],
    ["im", "image", "0x00ff5c0a", "0x"],
    ["b", "binary(4)", "0x00ff", "0x00000000"],
    ["vb", "varbinary(20)", "0x00ff5c0900", "0x"],
    ["vbm", "varbinary(max)", "0xdeadbeef", "0x"],
    ["u", "uniqueidentifier", "'6F9619FF-8B86-D011-B42D-00C04FC964FF'", "'00000000-0000-0000-0000-000000000000'"],
    ["x", "xml", "N'<a b=\"1\"><c>ä</c></a>'", "N''"],
    ...(isBabelfish
      ? []
      : ([
          ["h", "hierarchyid", "hierarchyid::Parse('/1/2.5/')", "hierarchyid::GetRoot()"],
          ["g", "geography", "geography::Point(47.65, -122.34, 4326)", "NULL"],
        ] as const)),
  ];
  const names = columns.map(([name]) => name).join(", ");
  const row = (at: 2 | 3): string => columns.map((column) => column[at]).join(", ");
  const nothing = columns.map(([name], at) => (at === 0 ? "N'nothing'" : `/* ${name.replaceAll("/", "")} */ NULL`));
  const declare = (some: typeof columns): string => some.map(([name, type]) => `${name} ${type}`).join(", ");
  const computed = "g_computed AS (i * CAST(2 AS bigint))";
  // Triggers do not see these three, and without a key they would have to. Babelfish fills nchar up by characters and sends
  // it by UTF-16 units, so that the row which arrives has another image.
  const without = ["text", "ntext", "image", ...(isBabelfish ? ["nchar(4)"] : [])];
  const alike = columns.filter(([, type]) => !without.includes(type));
  const alikeNames = alike.map(([name]) => name).join(", ");
  return {
    ddl: `CREATE TABLE everything(${declare(columns)}, ${computed}, PRIMARY KEY (${key}))`,
    withoutKey: {
      ddl: `CREATE TABLE alike(${declare(alike)}, ${computed})`,
      fill: `INSERT INTO alike(${alikeNames}) SELECT ${alikeNames} FROM everything`,
    },
    statements: [
      `INSERT INTO everything(${names}) SELECT ${row(2)}; INSERT INTO everything(${names}) SELECT ${row(3)}; INSERT INTO everything(${names}) SELECT ${nothing.join(", ")}`,
      `UPDATE everything SET nm = N'changed'; DELETE FROM everything WHERE ${key} = N'nothing'`,
      `UPDATE everything SET ${key} = N'K3' WHERE ${key} = N'k1'`,
      `INSERT INTO everything(${key}, nm, vbm) VALUES (N'large', REPLICATE(CAST(N'äöü' + NCHAR(9) + N'\\' AS nvarchar(max)), 400000), CAST(REPLICATE(CAST('abcd' AS varchar(max)), 500000) AS varbinary(max)))`,
      `UPDATE everything SET nm = N'', vbm = 0x WHERE ${key} = N'large'`,
    ],
  };
}

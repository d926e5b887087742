import type { ApplicationSession, ConformanceFixture } from "../contract/conformance/conformance-fixture.js";
import { sqlServerDialect } from "./sqlserver-dialect.js";
import {
  connectSqlServer,
  createSqlServerPair,
  type SqlServerAddress,
  type SqlServerPair,
} from "./sqlserver-server.js";

const writer = { user: "sparesync_test_writer", password: "Only-4-this-test" };

/** Two databases on the server that is given; it is not ours, so it is never killed. */
export async function startSqlServerConformance(
  address: SqlServerAddress,
  impossibleOnBabelfish: Readonly<Record<number, string>>,
): Promise<ConformanceFixture> {
  const pair = await createSqlServerPair(address);
  const sessions = new SessionPool(pair);
  return {
    name: pair.isBabelfish ? "Babelfish" : "SQL Server",
    isConcurrent: true,
    settings: pair.settings,
    dialect: sqlServerDialect({
      isBabelfish: pair.isBabelfish,
      impossible: pair.isBabelfish ? impossibleOnBabelfish : {},
      connectLowPrivileged: async (at) => connectWriter(address, pair.databases[at], await sessions.connect(at)),
    }),
    connect: (at) => sessions.connect(at),
    empty: async (at) => {
      const session = await sessions.connect(at);
      // A session that is kept open lets its database not be dropped.
      await emptyDatabase(session).finally(() => session.close());
    },
    contentOf,
    save: async (at) => saveContent(await sessions.connect(at)),
    close: async () => {
      await sessions.close();
      await pair.close();
    },
  };
}

/** Sessions are used again by the next case: on Babelfish the first statements of a session take seconds. */
class SessionPool {
  readonly #pair: SqlServerPair;
  readonly #free: Record<0 | 1, ApplicationSession[]> = { 0: [], 1: [] };

  constructor(pair: SqlServerPair) {
    this.#pair = pair;
  }

  async connect(at: 0 | 1): Promise<ApplicationSession> {
    const session = this.#free[at].pop() ?? (await this.#pair.connect(at));
    return { ...session, close: () => this.#giveBack(at, session) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#free[0], ...this.#free[1]].map((session) => session.close()));
  }

  async #giveBack(at: 0 | 1, session: ApplicationSession): Promise<void> {
    const asNew =
      "IF @@TRANCOUNT > 0 ROLLBACK; SET ROWCOUNT 0; SET CONTEXT_INFO 0x00; SET TRANSACTION ISOLATION LEVEL READ COMMITTED";
    try {
      await session.run(asNew);
      this.#free[at].push(session);
    } catch {
      // Ended by the write gate, perhaps: nobody needs it any more.
      await session.close();
    }
  }
}

async function emptyDatabase(session: ApplicationSession): Promise<void> {
  const each = async (query: string): Promise<void> => {
    for (const [statement] of await session.rows(query)) await session.run(statement ?? "");
  };
  const table = "QUOTENAME(SCHEMA_NAME(t.schema_id)) + '.' + QUOTENAME(t.name)";
  await each(
    `SELECT 'ALTER TABLE ' + ${table} + ' DROP CONSTRAINT ' + QUOTENAME(f.name) FROM sys.foreign_keys f JOIN sys.tables t ON t.object_id = f.parent_object_id`,
  );
  // Babelfish drops no view that has one.
  await each(
    "SELECT 'DROP TRIGGER ' + QUOTENAME(SCHEMA_NAME(v.schema_id)) + '.' + QUOTENAME(r.name) FROM sys.triggers r JOIN sys.views v ON v.object_id = r.parent_id WHERE SCHEMA_NAME(v.schema_id) = 'dbo'",
  );
  await each(
    "SELECT 'DROP VIEW ' + QUOTENAME(SCHEMA_NAME(v.schema_id)) + '.' + QUOTENAME(v.name) FROM sys.views v WHERE SCHEMA_NAME(v.schema_id) = 'dbo'",
  );
  await each(`SELECT 'DROP TABLE ' + ${table} FROM sys.tables t`);
  await each("SELECT 'DROP SCHEMA ' + name FROM sys.schemas WHERE name IN ('sparesync', 'saved')");
}

/** Exact content: what a client would round is asked for as text. */
async function contentOf(session: ApplicationSession, table: string): Promise<readonly string[]> {
  const columns = await session.rows(
    `SELECT c.name, b.name, CAST(c.is_computed AS int) FROM sys.columns c LEFT JOIN sys.types b ON b.user_type_id = c.user_type_id WHERE c.object_id = OBJECT_ID('dbo.${table}')`,
  );
  const shown = columns
    .map(([name, type]) => [name ?? "", exactly(`[${(name ?? "").replaceAll("]", "]]")}]`, type ?? "")] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = await session.rows(`SELECT ${shown.map(([, expression]) => expression).join(", ")} FROM ${table}`);
  return rows.map((row) => JSON.stringify(row)).sort();
}

function exactly(column: string, type: string): string {
  if (["decimal", "numeric"].includes(type)) return `CAST(${column} AS varchar(60))`;
  if (["money", "smallmoney"].includes(type)) return `CAST(CAST(${column} AS decimal(19, 4)) AS varchar(60))`;
  if (/^(date|time|smalldatetime)/.test(type)) return `CONVERT(varchar(60), ${column}, 121)`;
  if (["uniqueidentifier", "xml", "text", "ntext"].includes(type)) return `CAST(${column} AS nvarchar(max))`;
  if (["hierarchyid", "geography", "geometry", "image"].includes(type)) return `CAST(${column} AS varbinary(max))`;
  return column;
}

/** Copies of all tables in a schema of their own, put back as a restore would; a rowversion is the server's own. */
async function saveContent(session: ApplicationSession): Promise<() => Promise<void>> {
  const tables = await session.rows(
    "SELECT SCHEMA_NAME(t.schema_id), t.name, CAST(OBJECTPROPERTY(t.object_id, 'TableHasIdentity') AS varchar(1)) FROM sys.tables t WHERE SCHEMA_NAME(t.schema_id) IN ('dbo', 'sparesync')",
  );
  await session.run("CREATE SCHEMA saved");
  const statements: string[] = [];
  for (const [schema, name, hasIdentity] of tables) {
    const table = `${schema ?? ""}.${name ?? ""}`;
    const kept = `saved.${schema ?? ""}_${name ?? ""}`;
    const columns = (
      await session.rows(
        `SELECT c.name FROM sys.columns c JOIN sys.types y ON y.user_type_id = c.user_type_id WHERE c.object_id = OBJECT_ID('${table}') AND y.name <> 'timestamp'`,
      )
    ).map(([column]) => `[${column ?? ""}]`);
    await session.run(`SELECT * INTO ${kept} FROM ${table}`);
    const list = columns.join(", ");
    const insert = `INSERT INTO ${table} (${list}) SELECT ${list} FROM ${kept}`;
    statements.push(`DELETE FROM ${table}`);
    statements.push(
      hasIdentity === "1" ? `SET IDENTITY_INSERT ${table} ON; ${insert}; SET IDENTITY_INSERT ${table} OFF` : insert,
    );
  }
  return async () => {
    await session.run("SET CONTEXT_INFO 0x535041524553594E");
    await session.run("BEGIN TRANSACTION");
    for (const statement of statements) await session.run(statement);
    await session.run("COMMIT");
    await session.close();
  };
}

/** A login that may only read and write tables. */
async function connectWriter(
  address: SqlServerAddress,
  database: string,
  owner: ApplicationSession,
): Promise<ApplicationSession> {
  await owner.run(`CREATE LOGIN ${writer.user} WITH PASSWORD = '${writer.password}'`);
  await owner.run(`CREATE USER ${writer.user} FOR LOGIN ${writer.user}`);
  const tables = await owner.rows("SELECT name FROM sys.tables WHERE SCHEMA_NAME(schema_id) = 'dbo'");
  for (const [table] of tables) {
    await owner.run(`GRANT SELECT, INSERT, UPDATE, DELETE ON dbo.[${table ?? ""}] TO ${writer.user}`);
  }
  const session = await connectSqlServer(address, database, writer);
  return {
    ...session,
    close: async () => {
      await session.close();
      // Babelfish drops no user that holds a right.
      for (const [table] of tables) {
        await owner.run(`REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[${table ?? ""}] FROM ${writer.user}`);
      }
      await owner.run(`DROP USER ${writer.user}`);
      await owner.run(`DROP LOGIN ${writer.user}`);
      await owner.close();
    },
  };
}

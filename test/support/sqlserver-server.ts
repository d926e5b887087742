import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sql from "mssql";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import type { ApplicationSession } from "../contract/conformance/conformance-fixture.js";
import { testSettings } from "./database-fixture.js";
import { until } from "./until.js";

/** Where a TDS server is given: `sqlserver://user:password@host:port?tls=off`, tls as in the settings (default: encrypt). */
export const addressVariable = "SPARESYNC_TEST_SQLSERVER";

/** What tests know of the server that was given. */
export interface SqlServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly tls: DatabaseSettings["tls"];
}

/** Reads the address from the environment; `undefined` when none is given. Throws on one that cannot be read. */
export function sqlServerAddress(environment: NodeJS.ProcessEnv = process.env): SqlServerAddress | undefined {
  const text = environment[addressVariable] ?? "";
  if (text === "") return undefined;
  const url = new URL(text);
  const tls = url.searchParams.get("tls") ?? "encrypt";
  if (url.protocol !== "sqlserver:" || (tls !== "off" && tls !== "encrypt" && tls !== "verify")) {
    throw new TypeError(`${addressVariable} must be like sqlserver://user:password@host:1433?tls=encrypt`);
  }
  return {
    host: url.hostname,
    port: url.port === "" ? 1433 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    tls,
  };
}

/** Connects as a program of the application would. */
export async function connectSqlServer(
  address: SqlServerAddress,
  database: string,
  as: { readonly user: string; readonly password: string } = address,
): Promise<ApplicationSession> {
  const pool = new sql.ConnectionPool({
    server: address.host,
    port: address.port,
    database,
    user: as.user,
    password: as.password,
    arrayRowMode: true,
    // One session: transactions and session settings of a case go on from statement to statement.
    pool: { max: 1, min: 1 },
    requestTimeout: 300_000,
    connectionTimeout: 60_000,
    validateConnection: false,
    options: {
      encrypt: address.tls !== "off",
      trustServerCertificate: address.tls !== "verify",
      appName: "application",
    },
  });
  pool.on("error", () => undefined);
  await pool.connect();
  return {
    run: async (statements) => {
      let changed = 0;
      // CREATE VIEW and CREATE TRIGGER must begin a batch.
      for (const batch of statements.split(/^\s*GO\s*$/m)) {
        const result = await pool.request().batch(batch).catch(rejectWithAll);
        changed = result.rowsAffected.at(-1) ?? 0;
      }
      return changed;
    },
    rows: async (query) => {
      const result = (await pool.request().batch(query).catch(rejectWithAll)) as unknown as {
        readonly recordsets: readonly (readonly (readonly unknown[])[])[];
      };
      return (result.recordsets[0] ?? []).map((row) => row.map(textOf));
    },
    bulkLoad: async (name, columns, rows) => {
      const table = new sql.Table(name);
      for (const column of columns) table.columns.add(column, sql.Int(), { nullable: false });
      for (const row of rows) table.rows.add(...row);
      await pool.request().bulk(table);
    },
    close: async () => {
      await pool.close();
    },
  };
}

/** A statement can fail with several messages; a test may look for any of them. */
function rejectWithAll(error: unknown): never {
  const before = typeof error === "object" && error !== null && "precedingErrors" in error ? error.precedingErrors : [];
  const all = [...(before as readonly Error[]), error as Error];
  throw Object.assign(new Error(all.map(({ message }) => message).join(" ")), { cause: error });
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.toString("hex");
  if (typeof value === "string") return value;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  throw new TypeError(`a test must ask for this value as text: ${JSON.stringify(value)}`);
}

/** Two databases of a run, made on the server that is given, with the settings of the two sides. */
export interface SqlServerPair {
  readonly version: string;
  readonly isBabelfish: boolean;
  readonly databases: readonly [string, string];
  readonly settings: readonly [DatabaseSettings, DatabaseSettings];
  connect(at: 0 | 1): Promise<ApplicationSession>;
  /** Drops what was made. */
  close(): Promise<void>;
}

export async function createSqlServerPair(address: SqlServerAddress): Promise<SqlServerPair> {
  const master = await connectSqlServer(address, "master");
  const databases = [`sparesync_test_a_${process.pid}`, `sparesync_test_b_${process.pid}`] as const;
  const [[version] = []] = await master.rows("SELECT CAST(@@VERSION AS nvarchar(400))");
  for (const database of databases) await master.run(`CREATE DATABASE ${database}`);
  const folder = await mkdtemp(join(tmpdir(), "sparesync-sqlserver-"));
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, address.password, { mode: 0o600 });
  const settingsOf = (database: string): DatabaseSettings => ({ ...baseSettings(address), database, passwordFile });
  return {
    version: (version ?? "")
      .split("\n")
      .map((line) => line.trim())
      .join(" ")
      .trim(),
    isBabelfish: (version ?? "").includes("Babelfish"),
    databases,
    settings: [settingsOf(databases[0]), settingsOf(databases[1])],
    connect: (at) => connectSqlServer(address, databases[at]),
    close: async () => {
      for (const database of databases) await dropDatabase(master, database);
      await master.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The server may still be ending sessions that were closed just now; what is left behind is not worth a failure. */
async function dropDatabase(master: ApplicationSession, database: string): Promise<void> {
  const isDropped = (): Promise<boolean> =>
    master.run(`DROP DATABASE ${database}`).then(
      () => true,
      () => false,
    );
  await until(isDropped, 60_000).catch((error: unknown) => {
    console.warn(`left behind: ${database}: ${String(error)}`);
  });
}

function baseSettings(address: SqlServerAddress): DatabaseSettings {
  return testSettings("sqlserver", address.port, "", {
    address: { host: address.host, port: address.port },
    user: address.user,
    tls: address.tls,
    schemas: ["dbo"],
  });
}

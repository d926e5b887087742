import pg from "pg";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";

/** Two empty databases on real servers, for one suite. */
export interface DatabaseFixture {
  readonly name: string;
  /** False on PGlite: one session for all, so nothing happens at the same time. */
  readonly isConcurrent: boolean;
  readonly settings: readonly [DatabaseSettings, DatabaseSettings];
  close(): Promise<void>;
}

export function testSettings(
  engine: DatabaseSettings["engine"],
  port: number,
  database: string,
  changes: Partial<DatabaseSettings> = {},
): DatabaseSettings {
  return {
    name: "shop",
    engine,
    address: { host: "127.0.0.1", port },
    database,
    user: "postgres",
    tls: "off",
    schemas: ["public"],
    excludedTables: [],
    pauseSeconds: 0,
    batchRows: 4096,
    compressBatches: false,
    connectionErrorsAreFatal: false,
    reinitialiseOnError: true,
    journalLimitBytes: 1024 ** 3,
    verificationSeconds: 0,
    verificationLoadPercent: 100,
    repairDifferences: true,
    ...changes,
  };
}

/** A client such as the application has. */
export async function connectApplication(settings: DatabaseSettings): Promise<pg.Client> {
  const client = new pg.Client({
    host: settings.address.host,
    port: settings.address.port,
    database: settings.database,
    user: settings.user,
    ssl: false,
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** Makes a database as empty as a new one. */
export async function emptyDatabase(client: pg.Client): Promise<void> {
  await client.query("DROP SCHEMA IF EXISTS sparesync CASCADE");
  await client.query("DROP SCHEMA public CASCADE");
  await client.query("CREATE SCHEMA public");
}

/** Content of a table as texts, in the order of the whole row. */
export async function contentOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t ORDER BY t::text`);
  return rows.map(({ row }) => row);
}

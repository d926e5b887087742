import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import {
  postgresqlProgram,
  startPostgresqlServer,
  type PostgresqlServer,
} from "../../test/support/postgresql-server.js";
import { untilTrue } from "../programs.js";

const run = promisify(execFile);
const user = "postgres";
const limitMs = 600_000;
const equalLimitMs = 30_000;
const equalPauseMs = 500;

/** As a small server of production has it: durable, and ready for native logical replication. */
const settings = [
  "fsync=on",
  "synchronous_commit=on",
  "shared_buffers=256MB",
  "max_wal_size=4GB",
  "checkpoint_timeout=30min",
  "wal_level=logical",
  "autovacuum=off",
];

/** Two servers with a database "shop" each; the first is the source. */
export class Clusters {
  readonly servers: readonly [PostgresqlServer, PostgresqlServer];
  #clients: pg.Client[] = [];

  private constructor(servers: readonly [PostgresqlServer, PostgresqlServer]) {
    this.servers = servers;
  }

  static async start(): Promise<Clusters> {
    return new Clusters(await Promise.all([startPostgresqlServer(settings), startPostgresqlServer(settings)]));
  }

  /** Makes both databases new and empty. */
  async renew(): Promise<void> {
    await this.#disconnect();
    for (const server of this.servers) {
      const client = await connect(server.port, "postgres");
      await client.query("DROP DATABASE IF EXISTS shop WITH (FORCE)");
      await client.query("CREATE DATABASE shop");
      await client.end();
    }
    this.#clients = await Promise.all(this.servers.map(({ port }) => connect(port, "shop")));
  }

  get source(): pg.Client {
    return this.#client(0);
  }

  get target(): pg.Client {
    return this.#client(1);
  }

  async both(statements: string): Promise<void> {
    await this.source.query(statements);
    await this.target.query(statements);
  }

  /** pgbench on the source; returns what it prints. */
  async pgbench(...args: readonly string[]): Promise<string> {
    const port = String(this.servers[0].port);
    const place = ["-h", "127.0.0.1", "-p", port, "-U", user];
    const { stdout } = await run(postgresqlProgram("pgbench"), ["-n", ...args, ...place, "shop"], { timeout: limitMs });
    return stdout;
  }

  /** The tables of pgbench with `scale` times 100,000 rows; on the target without rows. */
  async createPgbench(scale: number): Promise<void> {
    for (const [at, server] of this.servers.entries()) {
      const steps = at === 0 ? "dtgp" : "dtp";
      const place = ["-h", "127.0.0.1", "-p", String(server.port), "-U", user, "shop"];
      await run(postgresqlProgram("pgbench"), ["-i", "-q", "-I", steps, "-s", String(scale), ...place]);
      // Bucardo and native replication want a key, too.
      await this.#client(at).query("ALTER TABLE pgbench_history ADD COLUMN id bigserial PRIMARY KEY");
    }
    await this.source.query("VACUUM ANALYZE");
    await this.source.query("CHECKPOINT");
    await this.target.query("CHECKPOINT");
  }

  /**
   * Ends the measurement for nothing when the two sides are not equal. What was measured may have been one table's arrival:
   * the others have a while for theirs, and what differs then will not come.
   */
  async requireEqual(...tables: readonly string[]): Promise<void> {
    const endMs = performance.now() + equalLimitMs;
    let different = await this.#differences(tables);
    while (different.length > 0 && performance.now() < endMs) {
      await sleep(equalPauseMs);
      different = await this.#differences(tables);
    }
    if (different.length > 0) {
      throw new Error(`still different ${equalLimitMs / 1000} s after the measurement: ${different.join("; ")}`);
    }
  }

  async #differences(tables: readonly string[]): Promise<readonly string[]> {
    const different: string[] = [];
    for (const table of tables) {
      const sum = `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS sum FROM ${table} t`;
      const [source, target] = await Promise.all(
        [this.source, this.target].map(async (client) => (await client.query<{ sum: string }>(sum)).rows[0]?.sum),
      );
      if (source !== target) different.push(`${table}: ${source ?? ""}, ${target ?? ""}`);
    }
    return different;
  }

  async until(what: string, query: string, client: pg.Client, pauseMs = 10): Promise<void> {
    const isTrue = async (): Promise<boolean> => {
      const { rows } = await client.query<{ is_true: boolean }>(`SELECT (${query}) AS is_true`);
      return rows[0]?.is_true === true;
    };
    await untilTrue(what, isTrue, { limitMs, pauseMs });
  }

  async close(): Promise<void> {
    await this.#disconnect();
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  #client(at: number): pg.Client {
    const client = this.#clients[at];
    if (!client) throw new Error("the databases are not there yet");
    return client;
  }

  async #disconnect(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.end().catch(() => undefined)));
  }
}

async function connect(port: number, database: string): Promise<pg.Client> {
  const client = new pg.Client({ host: "127.0.0.1", port, user, database });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

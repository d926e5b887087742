import pg from "pg";
import type { ApplicationConfig } from "./application-config.js";

/** What an installation of the application would create on each server; both servers have it, empty. */
export const orderSchema = `
  CREATE TABLE orders (id text PRIMARY KEY, text text NOT NULL, accepted_by text NOT NULL, accepted_at_ms bigint NOT NULL);
  CREATE TABLE observations (id text PRIMARY KEY, accepted_by text NOT NULL, accepted_at_ms bigint NOT NULL);
`;

const answerLimitMs = 3_000;

/**
 * The application's connection to its database. One statement is one transaction, sent as one simple query: PGlite
 * shares one session among all its clients, and the several messages of a query with parameters could be mixed with
 * another client's. After any failure the connection is thrown away and the next statement makes a new one.
 */
export class OrderDatabase {
  readonly #config: ApplicationConfig["database"];
  #client: Promise<pg.Client> | undefined;

  constructor(config: ApplicationConfig["database"]) {
    this.#config = config;
  }

  /** Resolves after the commit. The same id a second time changes nothing: the client repeats what was not answered. */
  async insertOrder(id: string, text: string, server: string): Promise<void> {
    const values = [id, text, server, String(Date.now())].map(pg.escapeLiteral).join(", ");
    await this.#run(
      `INSERT INTO orders (id, text, accepted_by, accepted_at_ms) VALUES (${values}) ON CONFLICT DO NOTHING`,
    );
  }

  async insertObservation(id: string, server: string): Promise<void> {
    const values = [id, server, String(Date.now())].map(pg.escapeLiteral).join(", ");
    await this.#run(`INSERT INTO observations (id, accepted_by, accepted_at_ms) VALUES (${values})`);
  }

  async check(): Promise<void> {
    await this.#run("SELECT 1 FROM orders LIMIT 1");
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await (await client?.catch(() => undefined))?.end();
  }

  async #run(statement: string): Promise<void> {
    this.#client ??= this.#connect();
    const client = this.#client;
    try {
      await (await client).query(statement);
    } catch (error) {
      // A refused statement leaves a good connection; only what is not the server's own answer ends it.
      if (!(error instanceof pg.DatabaseError)) {
        if (this.#client === client) this.#client = undefined;
        client.then((broken) => void broken.end().catch(() => undefined)).catch(() => undefined);
      }
      throw error;
    }
  }

  async #connect(): Promise<pg.Client> {
    const limits = { connectionTimeoutMillis: answerLimitMs, query_timeout: answerLimitMs };
    const client = new pg.Client({ ...this.#config, ...limits, application_name: "orders" });
    // Without a listener the loss of an idle connection would end the whole process.
    client.on("error", () => {
      this.#client = undefined;
    });
    await client.connect();
    return client;
  }
}

import { readFile } from "node:fs/promises";
import pg from "pg";
import { AppError, errorCode } from "../../../shared/core/app-error.js";
import type { Cell } from "../../core/journal-wire.js";
import type { EngineOptions } from "../engine.js";
import { CopyIn, CopyOut, runCopy } from "./copy-stream.js";
import { databaseError, isConnectionLost } from "./errors.js";

export type Parameter = Cell | number | boolean | readonly Cell[];
export type Row = Readonly<Record<string, Cell>>;

/** Statements inside one transaction. All values come back as text, exactly as the server wrote them. */
export interface Transaction {
  query(text: string, parameters?: readonly Parameter[]): Promise<readonly Row[]>;
  /** Statements without parameters and answers, sent as one message. */
  script(statements: readonly string[]): Promise<void>;
  /** As script; the rows of the last statement. */
  lastOf(statements: readonly string[]): Promise<readonly Row[]>;
  /** Rows as arrays, for the bulk of the data. */
  queryRows(text: string, parameters?: readonly Parameter[]): Promise<readonly (readonly Cell[])[]>;
  /** Number of rows a statement changed. */
  execute(text: string, parameters?: readonly Parameter[]): Promise<number>;
  /** `COPY … TO STDOUT`, in pieces of whole lines within the limits (one line may be longer). */
  copyOut(
    text: string,
    limits: { readonly rows: number; readonly bytes: number },
    take: (text: Buffer, rows: number) => Promise<void>,
  ): Promise<void>;
  /** `COPY … FROM STDIN`. PGlite's socket cannot. */
  copyIn(text: string, pieces: readonly Buffer[]): Promise<void>;
}

export interface TransactionOptions {
  readonly signal: AbortSignal;
  /** For the error message: what was being done. */
  readonly doing: string;
  readonly isSnapshot?: boolean;
  /** Silences triggers, rules and foreign keys of the application in this transaction. */
  readonly isReplica?: boolean;
}

/** A server that does not answer at all within this is treated as lost. */
const connectLimitMs = 5_000;
/** No single statement of ours runs longer on a healthy server; a hung one must not hold the loop for ever. */
const statementLimitMs = 600_000;
/** Waiting for a lock queues the application's statements behind ours, so we give up soon and try again. */
const lockLimitMs = 2_000;

/** Values must look the same on both servers, whatever their defaults: the list pg_dump uses, and a fixed zone. */
export const sameValues = [
  "search_path = pg_catalog",
  "DateStyle = 'ISO'",
  "IntervalStyle = 'postgres'",
  "TimeZone = 'UTC'",
  "extra_float_digits = 3",
  "bytea_output = 'hex'",
  "xmloption = content",
  "lc_monetary = 'C'",
];
const sameEverywhere = [
  ...sameValues.map((value) => `SET LOCAL ${value}`),
  "SET LOCAL row_security = off",
  "SET LOCAL statement_timeout = 0",
  "SET LOCAL idle_in_transaction_session_timeout = 0",
  `SET LOCAL lock_timeout = ${String(lockLimitMs)}`,
];

const asText = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;

/**
 * The actor's one connection to a database. Transactions run one after the other; only SET LOCAL and unnamed
 * statements are used, because on PGlite the session is shared with the application.
 */
export class PostgresqlConnection {
  readonly #options: EngineOptions;
  #client: pg.Client | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Runs `work` in one transaction; commits when it resolves. After any failure nothing of it is left. */
  async transaction<T>(options: TransactionOptions, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const before = this.#last;
    const run = before.then(
      () => this.#run(options, work),
      () => this.#run(options, work),
    );
    this.#last = run.catch(() => undefined);
    return run;
  }

  async close(): Promise<void> {
    await this.#last;
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #run<T>(options: TransactionOptions, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const name = this.#options.settings.name;
    const { signal, doing } = options;
    const cancelled = (): AppError => new AppError("ABORTED", `database ${name}: ${doing}: cancelled`);
    if (isOver(signal)) throw cancelled();
    // Only an end of the connection interrupts a statement for sure; the server then rolls back.
    const abort = (): void => {
      if (this.#client) this.#drop(this.#client);
    };
    try {
      const client = await this.#connect();
      signal.addEventListener("abort", abort);
      signal.throwIfAborted();
      return await runTransaction(client, options, work);
    } catch (error) {
      const mapped = databaseError(name, doing, error);
      if (errorCode(mapped) === "DATABASE_UNREACHABLE") abort();
      if (isOver(signal)) throw cancelled();
      throw mapped;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #drop(client: pg.Client): void {
    if (this.#client === client) this.#client = undefined;
    client.connection.stream.destroy();
  }

  async #connect(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const { settings, readSecret } = this.#options;
    const password = settings.passwordFile === undefined ? undefined : await readSecret(settings.passwordFile);
    const client = new pg.Client({
      host: settings.address.host,
      port: settings.address.port,
      database: settings.database,
      user: settings.user,
      ...(password === undefined ? {} : { password }),
      ssl: await tlsOf(settings),
      connectionTimeoutMillis: connectLimitMs,
      query_timeout: statementLimitMs,
      keepAlive: true,
      application_name: "sparesync",
      types: asText,
    });
    const forget = (): void => {
      if (this.#client === client) this.#client = undefined;
    };
    client.on("error", forget);
    client.on("end", forget);
    await client.connect();
    this.#client = client;
    return client;
  }
}

async function tlsOf({ tls, tlsCertificateFile }: EngineOptions["settings"]): Promise<pg.ClientConfig["ssl"]> {
  if (tls === "off") return false;
  const ca = tlsCertificateFile === undefined ? {} : { ca: await readFile(tlsCertificateFile, "utf8") };
  return { rejectUnauthorized: tls === "verify", ...ca };
}

/** Asked anew each time: a signal changes while something is awaited. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function runTransaction<T>(
  client: pg.Client,
  options: TransactionOptions,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const isolation = options.isSnapshot === true ? "REPEATABLE READ" : "READ COMMITTED";
  const role = options.isReplica === true ? ["SET LOCAL session_replication_role = replica"] : [];
  try {
    // One message, so that on PGlite no other client comes between BEGIN and the settings.
    await client.query([`BEGIN ISOLATION LEVEL ${isolation}`, ...sameEverywhere, ...role].join(";"));
    const result = await work(transactionOn(client));
    const committed = await client.query("COMMIT");
    // COMMIT of a transaction that had failed answers ROLLBACK and no error.
    if (committed.command !== "COMMIT") throw new AppError("DATABASE_FAILED", `${options.doing}: was rolled back`);
    return result;
  } catch (error) {
    // A lost or hung connection would keep ROLLBACK waiting; the caller drops it, and the server rolls back.
    if (!isConnectionLost(error)) await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

function transactionOn(client: pg.Client): Transaction {
  return {
    query: async (text, parameters = []) => (await client.query<Row>(text, [...parameters])).rows,
    script: async (statements) => {
      if (statements.length > 0) await client.query(statements.join(";\n"));
    },
    lastOf: async (statements) => {
      // Several statements in one message answer with several results, which the driver's types do not know.
      const results: unknown = await client.query<Row>(statements.join(";\n"));
      return (results as readonly pg.QueryResult<Row>[]).at(-1)?.rows ?? [];
    },
    queryRows: async (text, parameters = []) => {
      const result = await client.query<Cell[]>({ text, values: [...parameters], rowMode: "array" });
      return result.rows;
    },
    execute: async (text, parameters = []) => (await client.query(text, [...parameters])).rowCount ?? 0,
    copyOut: (text, limits, take) => runCopy(client, new CopyOut(text, limits, take)),
    copyIn: (text, pieces) => runCopy(client, new CopyIn(text, pieces)),
  };
}

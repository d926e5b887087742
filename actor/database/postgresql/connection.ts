import { readFile } from "node:fs/promises";
import pg from "pg";
import { AppError, errorCode } from "../../../shared/core/app-error.js";
import type { Cell } from "../../core/journal-wire.js";
import type { EngineOptions } from "../engine.js";
import { CopyIn, CopyOut, type CopyOutStatement } from "./copy-stream.js";
import { databaseError, isConnectionLost } from "./errors.js";
import { Pipeline, type Parameter, type Statement } from "./pipeline.js";
import { runQuery, type SubmittedQuery } from "./submitted-query.js";

export type { Parameter, Statement } from "./pipeline.js";
export type { CopyOutStatement } from "./copy-stream.js";
export type Row = Readonly<Record<string, Cell>>;

/** Statements inside one transaction. All values come back as text, exactly as the server wrote them. */
export interface Transaction {
  query(text: string, parameters?: readonly Parameter[]): Promise<readonly Row[]>;
  /** Statements without parameters and answers, sent as one message. */
  script(statements: readonly string[]): Promise<void>;
  /** What the last of `opening` answered. */
  readonly opened: readonly Row[];
  /** Rows as arrays, for the bulk of the data. */
  queryRows(text: string, parameters?: readonly Parameter[]): Promise<readonly (readonly Cell[])[]>;
  /** Number of rows a statement changed. */
  execute(text: string, parameters?: readonly Parameter[]): Promise<number>;
  /** Each `COPY … TO STDOUT` in order, then `after`, as one message; `isLast` commits with it, and nothing may follow. */
  copyOut(copies: readonly CopyOutStatement[], after?: readonly string[], isLast?: boolean): Promise<void>;
  /** Sends statements together. `isLast` commits with them: then nothing may follow, unless it rejects. */
  pipeline(statements: readonly Statement[], isLast?: boolean): Promise<void>;
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
  /** Does not wait for the disk. After a crash the transaction may be undone, with all that was committed after it. */
  readonly isLossBearable?: boolean;
  /** How long what `pipeline` sends may run, and how long `copyOut` may hear nothing, where that is more than any other statement. */
  readonly limitMs?: number;
  /** After so long without a statement the server itself undoes the transaction; undefined: it waits. */
  readonly idleLimitMs?: number;
  /** A LOCK TABLE that comes before the snapshot. */
  readonly lock?: string;
  /** Statements without parameters that travel with BEGIN. Each sees what was committed before it. */
  readonly opening?: readonly string[];
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
  `SET LOCAL lock_timeout = ${String(lockLimitMs)}`,
];

/**
 * What is answered as done must be on the disk, whatever the server, the database or the role has as its default. Any
 * other value than "off" waits for that, and for standbys as the administrator wants it.
 */
const waitForDisk = `SELECT set_config('synchronous_commit', 'local', true) WHERE current_setting('synchronous_commit') = 'off'`;

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

  /** Runs statements without parameters and answers in one transaction, all of it as one message. */
  async runScript(options: TransactionOptions, statements: readonly string[]): Promise<void> {
    await this.transaction({ ...options, opening: [...statements, "COMMIT"] }, () => Promise.resolve());
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
  const commit = options.isLossBearable === true ? "SET LOCAL synchronous_commit = off" : waitForDisk;
  const idle = `SET LOCAL idle_in_transaction_session_timeout = ${String(options.idleLimitMs ?? 0)}`;
  const lock = options.lock === undefined ? [] : [options.lock];
  const settings = [...sameEverywhere, ...role, idle, ...lock, commit];
  const begin = [`BEGIN ISOLATION LEVEL ${isolation}`, ...settings, ...(options.opening ?? [])];
  try {
    // One message, so that on PGlite no other client comes between BEGIN and the settings. Several statements answer
    // with several results, which the driver's types do not know.
    const results = (await client.query<Row>(begin.join(";\n"))) as unknown as readonly pg.QueryResult<Row>[];
    const transaction = new ClientTransaction(client, options, results.at(-1)?.rows ?? []);
    if (options.opening?.at(-1) === "COMMIT") transaction.takeCommit(results.at(-1)?.command ?? "");
    const result = await work(transaction);
    if (!transaction.isOver) await transaction.commit();
    return result;
  } catch (error) {
    // A lost or hung connection would keep ROLLBACK waiting; the caller drops it, and the server rolls back.
    if (!isConnectionLost(error)) await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

class ClientTransaction implements Transaction {
  readonly opened: readonly Row[];
  readonly #client: pg.Client;
  readonly #doing: string;
  readonly #limitMs: number | undefined;
  #isOver = false;

  constructor(client: pg.Client, { doing, limitMs }: TransactionOptions, opened: readonly Row[]) {
    this.#client = client;
    this.#doing = doing;
    this.#limitMs = limitMs;
    this.opened = opened;
  }

  /** True once it was committed with the last of its statements. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async commit(): Promise<void> {
    this.takeCommit((await this.#client.query("COMMIT")).command);
  }

  async query(text: string, parameters: readonly Parameter[] = []): Promise<readonly Row[]> {
    return (await this.#client.query<Row>(text, [...parameters])).rows;
  }

  async script(statements: readonly string[]): Promise<void> {
    if (statements.length > 0) await this.#client.query(statements.join(";\n"));
  }

  async queryRows(text: string, parameters: readonly Parameter[] = []): Promise<readonly (readonly Cell[])[]> {
    const result = await this.#client.query<Cell[]>({ text, values: [...parameters], rowMode: "array" });
    return result.rows;
  }

  async execute(text: string, parameters: readonly Parameter[] = []): Promise<number> {
    return (await this.#client.query(text, [...parameters])).rowCount ?? 0;
  }

  async copyOut(copies: readonly CopyOutStatement[], after: readonly string[] = [], isLast = false): Promise<void> {
    const statements = isLast ? [...after, "COMMIT"] : after;
    if (copies.length + statements.length > 0)
      await this.#run(new CopyOut(copies, statements, this.#limitMs ?? statementLimitMs), isLast);
  }

  async pipeline(statements: readonly Statement[], isLast = false): Promise<void> {
    const all = isLast ? [...statements, { text: "COMMIT", parameters: [] }] : statements;
    if (all.length > 0) await this.#run(new Pipeline(all, this.#limitMs), isLast);
  }

  async copyIn(text: string, pieces: readonly Buffer[]): Promise<void> {
    await runQuery(this.#client, new CopyIn(text, pieces));
  }

  async #run(query: SubmittedQuery, isLast: boolean): Promise<void> {
    await runQuery(this.#client, query);
    if (isLast) this.takeCommit(query.lastCommand);
  }

  /** COMMIT of a transaction that had failed answers ROLLBACK and no error. */
  takeCommit(command: string): void {
    if (command !== "COMMIT") throw new AppError("DATABASE_FAILED", `${this.#doing}: was rolled back`);
    this.#isOver = true;
  }
}

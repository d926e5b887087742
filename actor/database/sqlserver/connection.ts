import { readFile } from "node:fs/promises";
import type sql from "mssql";
import { AppError, errorCode } from "../../../shared/core/app-error.js";
import type { Cell } from "../../core/journal-wire.js";
import type { EngineOptions } from "../engine.js";
import { cellOf } from "./column-transport.js";
import { databaseError } from "./errors.js";
import { readServerFacts, type ServerFacts } from "./server-facts.js";
import { SqlFiles } from "./sql-files.js";
import { driver } from "./driver.js";

export type Parameter = Cell | number | Buffer;
export type Row = Readonly<Record<string, Cell>>;

/** A column of a bulk load: its name in the staging table and the driver's type. */
export interface BulkColumn {
  readonly name: string;
  readonly type: () => sql.ISqlType;
}

/** Statements on one connection, all in one transaction (or, without one, each by itself). */
export interface Transaction {
  readonly server: ServerFacts;
  /** The same object as long as the connection is; what a session holds (temporary tables) goes with it. */
  readonly session: object;
  /** The text of a file under sql/sqlserver for this server. */
  text(name: string, parts?: Readonly<Record<string, string>>): string;
  /** Parameters are @p1, @p2 … */
  query(text: string, parameters?: readonly Parameter[]): Promise<readonly Row[]>;
  /** Rows as arrays, for the bulk of the data. */
  queryRows(text: string, parameters?: readonly Parameter[]): Promise<readonly (readonly Cell[])[]>;
  /** Hands out rows as they arrive; the server waits while `take` works. */
  stream(
    text: string,
    take: (row: readonly Cell[]) => Promise<void> | void,
    parameters?: readonly Parameter[],
  ): Promise<void>;
  /** A batch without parameters: what it creates or sets stays for the session. */
  batch(text: string): Promise<void>;
  /** INSERT BULK into a staging table of this session. Every value was looked at before: see ColumnTransport. */
  bulk(table: string, columns: readonly BulkColumn[], rows: readonly (readonly unknown[])[]): Promise<void>;
}

export interface TransactionOptions {
  readonly signal: AbortSignal;
  /** For the error message: what was being done. */
  readonly doing: string;
  /** Everything is read as of one moment, where the database allows SNAPSHOT; else as it is committed. */
  readonly isSnapshot?: boolean;
  /** Reads or writes as much as there is: a statement may take hours. */
  readonly isLarge?: boolean;
  /** Writes into a target, with the application's triggers silent. */
  readonly isReplica?: boolean;
  /** Each statement by itself: some are not allowed in a transaction. */
  readonly isAutocommit?: boolean;
}

/** A server that does not answer at all within this is treated as lost. */
const connectLimitMs = 5_000;
/** No small statement of ours runs longer on a healthy server; a hung one must not hold the loop for ever. */
const statementLimitMs = 600_000;
/** What reads or writes whole tables or points: a limit that is too short stops it for ever, for each try begins anew. */
const largeStatementLimitMs = 6 * 3_600_000;
/** Waiting for a lock queues the application's statements behind ours, so we give up soon and try again. */
const lockLimitMs = 2_000;

/** The driver's own. */
interface RawConnection {
  close(): void;
  on(event: "connect", act: () => void): void;
}

/** One connection, as long as it lasts. */
export interface Session {
  readonly pool: sql.ConnectionPool;
  readonly facts: ServerFacts;
  /** Ends the connection at once, whatever it is doing; the server rolls back. */
  readonly cut: () => void;
}

/** The actor's one connection to a database. Transactions run one after the other. */
export class SqlServerConnection {
  readonly #options: EngineOptions;
  readonly #sql = new SqlFiles();
  #session: Session | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Runs `work` in one transaction; commits when it resolves. After any failure nothing of it is left. */
  async transaction<T>(options: TransactionOptions, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const run = this.#last.then(
      () => this.#run(options, work),
      () => this.#run(options, work),
    );
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Ends the connection for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    await this.#drop();
  }

  /** Forgets what is known of the server; after something that changes it. */
  async reconnect(): Promise<void> {
    await this.#last;
    await this.#drop();
  }

  async #run<T>(options: TransactionOptions, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const { name } = this.#options.settings;
    const { signal, doing } = options;
    const cancelled = (): AppError => new AppError("ABORTED", `database ${name}: ${doing}: cancelled`);
    if (isOver(signal)) throw cancelled();
    if (this.#isClosed) throw closedError(name);
    // Only an end of the connection interrupts a statement for sure; the server then rolls back.
    const abort = (): void => {
      this.#session?.cut();
    };
    try {
      signal.addEventListener("abort", abort);
      const session = await this.#connect(signal);
      return await runTransaction(session, this.#sql, options, work);
    } catch (error) {
      // A connection after a failure is not to be trusted (a failed bulk load leaves it out of step).
      await this.#drop();
      if (isOver(signal)) throw cancelled();
      throw databaseError(name, doing, error);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async #drop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (!session) return;
    session.cut();
    await session.pool.close().catch(() => undefined);
  }

  async #connect(signal: AbortSignal): Promise<Session> {
    if (this.#session) return this.#session;
    const { settings, readSecret } = this.#options;
    const password = settings.passwordFile === undefined ? "" : await readSecret(settings.passwordFile);
    const certificate = await certificateOf(settings.tlsCertificateFile);
    let raw: RawConnection | undefined;
    // The pool tries a connection and throws it away before it opens the one that is used.
    let isInUse = false;
    // Nor one after the connection was ended: nobody would ever end that.
    let isCut = false;
    const { ConnectionPool } = driver();
    const pool = new ConnectionPool({
      server: settings.address.host,
      port: settings.address.port,
      database: settings.database,
      user: settings.user,
      password,
      connectionTimeout: connectLimitMs,
      requestTimeout: statementLimitMs,
      arrayRowMode: true,
      // The pool must never replace a lost connection by another: what was set on the first would be missing.
      pool: { max: 1, min: 0, idleTimeoutMillis: 2 ** 31 - 1, acquireTimeoutMillis: 2 * connectLimitMs },
      validateConnection: "socket",
      beforeConnect: (connection: RawConnection) => {
        closeUnless(connection, () => !isCut && connection === raw);
        if (isInUse || isCut) throw closedError(settings.name);
        raw = connection;
      },
      options: {
        encrypt: settings.tls !== "off",
        trustServerCertificate: settings.tls !== "verify",
        abortTransactionOnError: true,
        ...certificate,
        appName: "sparesync",
        useUTC: true,
      },
    });
    pool.on("error", () => undefined);
    const cut = (): void => {
      isCut = true;
      raw?.close();
    };
    const session = { pool, cut, facts: undefined };
    const stop = (): void => {
      cut();
    };
    signal.addEventListener("abort", stop);
    try {
      await pool.connect();
      const facts = await readServerFacts(pool, this.#sql);
      isInUse = true;
      await pool.request().batch(this.#sql.text(facts.flavour, "query/session", { lockLimit: String(lockLimitMs) }));
      this.#session = { ...session, facts };
      return this.#session;
    } catch (error) {
      cut();
      await pool.close().catch(() => undefined);
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
}

/** It has begun to connect already, and goes on when it is closed meanwhile (tedious 19): it is closed once it is there. */
function closeUnless(connection: RawConnection, isWanted: () => boolean): void {
  connection.on("connect", () => {
    if (!isWanted()) connection.close();
  });
}

async function certificateOf(file: string | undefined): Promise<object> {
  return file === undefined ? {} : { cryptoCredentialsDetails: { ca: await readFile(file, "utf8") } };
}

function closedError(database: string): AppError {
  return new AppError("DATABASE_UNREACHABLE", `database ${database}: the connection was closed`);
}

/** Asked anew each time: a signal changes while something is awaited. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Runs `work` in one transaction of the session; when it resolves, all that it wrote and all that it saw is on the disk. */
export async function runTransaction<T>(
  session: Session,
  files: SqlFiles,
  options: TransactionOptions,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const { pool, facts } = session;
  if (options.isAutocommit === true) {
    const result = await work(statementsOn(() => requestOn(pool, options), session, files));
    await flushLog(session, files);
    return result;
  }
  const { ISOLATION_LEVEL, Transaction: DriverTransaction } = driver();
  const transaction = new DriverTransaction(pool);
  const isSnapshot = options.isSnapshot === true && facts.isSnapshotAllowed;
  await transaction.begin(isSnapshot ? ISOLATION_LEVEL.SNAPSHOT : ISOLATION_LEVEL.READ_COMMITTED);
  // A transaction that the server has rolled back must not be followed by statements outside of any.
  const seen = { isRolledBack: false };
  transaction.on("rollback", () => {
    seen.isRolledBack = true;
  });
  try {
    const statements = statementsOn(() => requestOn(transaction, options), session, files);
    if (options.isReplica === true) await statements.batch(statements.text("apply/begin"));
    const result = await work(statements);
    if (hasEnded(seen)) throw new AppError("DATABASE_FAILED", `${options.doing}: was rolled back`);
    await transaction.commit();
    await flushLog(session, files);
    return result;
  } catch (error) {
    if (!hasEnded(seen) && errorCode(error) !== "ETIMEOUT") await transaction.rollback().catch(() => undefined);
    throw error;
  }
}

/**
 * With DELAYED_DURABILITY a commit is seen by others before it is on the disk, and is gone after a crash. What we read is sent, and
 * what we have written is acknowledged, so neither may go: nothing that a transaction of ours saw or wrote leaves it before.
 * Asked each time, for the option can be set while a session is open. After "Control Transaction Durability".
 */
async function flushLog({ pool, facts }: Session, files: SqlFiles): Promise<void> {
  if (facts.canDelayDurability) await pool.request().batch(files.text(facts.flavour, "query/flush-log"));
}

/** The driver takes a limit for each request; its types do not say so. */
function requestOn(
  connection: sql.Transaction | sql.ConnectionPool,
  { isLarge }: Pick<TransactionOptions, "isLarge">,
): sql.Request {
  const limited = connection as unknown as { request(limits?: { readonly requestTimeout: number }): sql.Request };
  return limited.request(isLarge === true ? { requestTimeout: largeStatementLimitMs } : undefined);
}

/** Asked anew each time: the server can end the transaction while something is awaited. */
function hasEnded(seen: { readonly isRolledBack: boolean }): boolean {
  return seen.isRolledBack;
}

function statementsOn(request: () => sql.Request, session: Session, files: SqlFiles): Transaction {
  const server = session.facts;
  const prepare = (parameters: readonly Parameter[]): sql.Request => {
    const asked = request();
    parameters.forEach((value, index) => asked.input(`p${String(index + 1)}`, typeOf(value), value));
    return asked;
  };
  const run = async (text: string, parameters: readonly Parameter[]) => {
    return prepare(parameters).query<readonly unknown[]>(text) as unknown as Promise<ArrayResult>;
  };
  return {
    server,
    session,
    text: (name, parts) => files.text(server.flavour, name, parts),
    query: async (text, parameters = []) => {
      const result = await run(text, parameters);
      const names = (result.columns[0] ?? []).map((column) => column.name);
      return (result.recordsets[0] ?? []).map((row) =>
        Object.fromEntries(names.map((name, index) => [name, cellOf(row[index])])),
      );
    },
    queryRows: async (text, parameters = []) => {
      const result = await run(text, parameters);
      return (result.recordsets[0] ?? []).map((row) => row.map(cellOf));
    },
    stream: (text, take, parameters = []) => streamRows(prepare(parameters), text, take),
    batch: async (text) => {
      await request().batch(text);
    },
    bulk: async (name, columns, rows) => {
      const { Table } = driver();
      const table = new Table(name);
      for (const column of columns) table.columns.add(column.name, column.type(), { nullable: true });
      for (const row of rows) table.rows.push(row as unknown as sql.IRow);
      await request().bulk(table, { keepNulls: true, tableLock: true });
    },
  };
}

interface ArrayResult {
  readonly recordsets: readonly (readonly (readonly unknown[])[])[];
  readonly columns: readonly (readonly { readonly name: string }[])[];
}

function typeOf(value: Parameter): sql.ISqlType {
  const types = driver();
  if (typeof value === "number") return Number.isSafeInteger(value) ? types.BigInt() : types.Float();
  return Buffer.isBuffer(value) ? types.VarBinary(types.MAX) : types.NVarChar();
}

/** Rows are taken one after the other; while one is awaited, the server is told to wait. */
async function streamRows(
  request: sql.Request,
  text: string,
  take: (row: readonly Cell[]) => Promise<void> | void,
): Promise<void> {
  request.stream = true;
  let failure: unknown;
  let working: Promise<void> = Promise.resolve();
  request.on("row", (row: readonly unknown[]) => {
    if (failure !== undefined) return;
    const taken = attempt(() => take(row.map(cellOf)));
    if (!(taken instanceof Promise)) return;
    request.pause();
    working = taken
      .catch((error: unknown) => {
        failure ??= error;
        request.cancel();
      })
      .then(() => {
        request.resume();
      });
  });
  await new Promise<void>((resolve, reject) => {
    request.on("error", (error: unknown) => {
      failure ??= error;
    });
    request.on("done", () => {
      working.then(
        () => {
          if (failure === undefined) resolve();
          else reject(asError(failure));
        },
        () => undefined,
      );
    });
    void request.query(text);
  });
}

function attempt(work: () => Promise<void> | void): Promise<void> | undefined {
  try {
    return work() ?? undefined;
  } catch (error) {
    return Promise.reject(asError(error));
  }
}

/** What is thrown is an error already; only the compiler does not know. */
function asError(thrown: unknown): Error {
  return thrown as Error;
}

import type { DatabaseSettings } from "../../../shared/core/settings/settings.js";

/** One connection such as the application has. Values come back as text, NULL as null. */
export interface ApplicationSession {
  /** One or more statements; resolves to the number of rows that the last one changed. */
  run(statements: string): Promise<number>;
  rows(query: string): Promise<readonly (readonly (string | null)[])[]>;
  /** Loads rows of two numbers as the server's own bulk load does it, which fires no trigger; undefined where it does. */
  bulkLoad?(
    table: string,
    columns: readonly [string, string],
    rows: readonly (readonly [number, number])[],
  ): Promise<void>;
  close(): Promise<void>;
}

/** What differs between the dialects in the statements of the cases; everything else in them is portable SQL. */
export interface ConformanceDialect {
  /** Ends a column of an integer type: it numbers itself. */
  identity(start: number, increment: number): string;
  /** Inserts explicit values into the numbered column. */
  insertNumbered(table: string, columns: string, values: string): string;
  /** Query: the last number given out, as the application asks for it in its session. */
  readonly lastNumber: string;
  /** Query: inserts, and asks for the last number as its own scope sees it; undefined where there is no such thing. */
  lastNumberInScope?(insert: string): string;
  /** A text column type that takes 'a' and 'A' for equal, made ready by `prepare`; undefined where there is none. */
  readonly caseInsensitive: { readonly prepare: string; column(length: number): string } | undefined;
  /** A text column type that tells 'a' from 'A' and sorts unlike JavaScript's own order where it can. */
  caseSensitive(length: number): string;
  /** What a text literal that may hold any character begins with. */
  readonly nationalQuote: string;
  /** The delete while the session limits row counts to 1, where sessions can do that; else the delete as it is. */
  limitedDelete(statement: string): string;
  /** A table `everything` of all types there are, rows with their limits, and changes of them. */
  readonly everyType: {
    readonly ddl: string;
    readonly statements: readonly string[];
    /** The same as `alike`, without a key, where its rows are copied in another way; `fill` puts all rows of `everything` there. */
    readonly withoutKey?: { readonly ddl: string; readonly fill: string };
  };
  /** DDL: each row inserted into `table(id, …)` by the application inserts its id into `log(id, …)` by a trigger. */
  logTrigger(table: string, log: string): string;
  /** DDL: a view `view` over `table(id, v)` whose INSERT a trigger of the view performs. */
  insteadOfView(view: string, table: string): string;
  /** One statement that inserts 2 and updates 1 in `table(id, v)` out of `source(id, v)`; undefined where unknown. */
  merge(table: string, source: string): string | undefined;
  /** Whether triggers see a TRUNCATE; where they do not, verification finds it. */
  readonly isTruncateSeen: boolean;
  /** Writes rows past the triggers, as a bulk load does. */
  writeUnseen(session: ApplicationSession, statement: string): Promise<void>;
  renameColumn(table: string, from: string, to: string): string;
  renameTable(from: string, to: string): string;
  alterColumnType(table: string, column: string, type: string): string;
  /** Whether a key column can be changed without trouble for the application's writes, and what that needs. */
  readonly canChangeKey: boolean;
  readonly keyChangeNeeds: string;
  /** Begins a transaction that reads one state of the database. */
  readonly beginSnapshot: string;
  /** Names of everything in the schemas of the application, with definitions where the catalogue has them. */
  describeCatalogue(session: ApplicationSession): Promise<readonly string[]>;
  /** Names of the application's triggers and foreign keys that are switched off. */
  disabledObjects(session: ApplicationSession): Promise<readonly string[]>;
  /** Creates a login that may only read and write tables, and connects as it; undefined where that is not possible. */
  connectLowPrivileged?(at: 0 | 1): Promise<ApplicationSession>;
  /** Cases that are not possible on this server, by number, and why. */
  readonly impossible: Readonly<Record<number, string>>;
}

/** Two databases on real servers, for one suite. */
export interface ConformanceFixture {
  readonly name: string;
  /** False on PGlite: one session for all, so nothing happens at the same time. */
  readonly isConcurrent: boolean;
  readonly settings: readonly [DatabaseSettings, DatabaseSettings];
  readonly dialect: ConformanceDialect;
  connect(at: 0 | 1): Promise<ApplicationSession>;
  /** Makes a database as empty as a new one, also of SpareSync's own schema. */
  empty(at: 0 | 1): Promise<void>;
  /** Exact content of a table, one text per row, sorted. */
  contentOf(session: ApplicationSession, table: string): Promise<readonly string[]>;
  /** Keeps the whole content of a database, SpareSync's own included; the answer puts it back as a restore would. */
  save(at: 0 | 1): Promise<() => Promise<void>>;
  /** SIGKILLs the server and starts it again; undefined where the server is not ours to kill. */
  crash?(at: 0 | 1): Promise<void>;
  close(): Promise<void>;
}

import type { JournalState, PointHeader } from "../core/journal-position.js";
import type { TableDefinition, TableRefusal } from "../core/journal-schema.js";
import type { Cell, JournalBatch } from "../core/journal-wire.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";

/** What was found out about a server. */
export interface EngineFacts {
  readonly flavour: "postgresql" | "pglite" | "sqlserver" | "babelfish";
  readonly version: string;
  /** Why this login cannot apply here, empty when it can. A source does not need it until its first failback. */
  readonly cannotApplyBecause: string;
}

export interface Catalogue {
  readonly tables: readonly TableDefinition[];
  readonly refusals: readonly TableRefusal[];
}

/** One reading of the journal under one snapshot; what `trim` needs to delete exactly what that snapshot saw. */
export interface PointToken {
  readonly point: number;
  readonly attempt: string;
  readonly snapshot: string;
}

export interface ReadLimits {
  readonly batchRows: number;
  readonly batchBytes: number;
}

/** A run of rows in key order; `lastKey` continues it, and is undefined when the table has ended. */
export interface CopyChunk {
  readonly batch: JournalBatch;
  readonly lastKey: readonly Cell[] | undefined;
}

/** How far the initial copy of one table is on the target. `chunk` counts from 1; 0 = not begun. */
export interface CopyProgress {
  readonly table: string;
  readonly chunk: number;
  readonly lastKey: readonly Cell[] | undefined;
  readonly isDone: boolean;
  readonly rows: number;
}

export interface PointTotals {
  readonly rows: number;
  readonly bytes: number;
}

/** Applied or found applied before; anything else is thrown. */
export type ApplyOutcome = "applied" | "already-applied";

/** A point as the target applies it. `batches` may be read more than once (a set-based fast way may have to be left). */
export interface StagedPoint extends PointHeader {
  readonly completeUpToMs: number;
  readonly batches: () => AsyncIterable<JournalBatch>;
}

/**
 * One database, seen through one dialect. Every method is one or a few short transactions of one connection, one
 * after the other (on PGlite an open transaction stops everybody else, so none is open while the network is used).
 * All may be called again after a crash at any point; none retries. Rejections are AppErrors: DATABASE_UNREACHABLE
 * (try again), DATABASE_BUSY (try again), DATABASE_UNSUPPORTED and DATABASE_FAILED (a person must look).
 * `signal` ends waiting at once; what was not committed is then undone by the database.
 */
export interface DatabaseEngine {
  /** Connects and looks at version and rights. */
  probe(signal: AbortSignal): Promise<EngineFacts>;
  /** Tables of the settings' schemas, without the excluded ones. */
  readCatalogue(signal: AbortSignal): Promise<Catalogue>;
  /**
   * Brings SpareSync's schema, journals and triggers into being; what is there and right stays untouched. Returns the
   * tables that were newly journalled: their earlier changes are unknown, so a source that has shipped starts a new
   * history then.
   */
  install(tables: readonly TableDefinition[], signal: AbortSignal): Promise<readonly string[]>;
  /** Forgets what was shipped: the next target gets a full copy. */
  startNewHistory(signal: AbortSignal): Promise<void>;
  /** Takes every trace of SpareSync away. */
  remove(signal: AbortSignal): Promise<void>;
  readState(signal: AbortSignal): Promise<JournalState>;
  /** Marks this database as a source from now on. */
  becomeSource(signal: AbortSignal): Promise<void>;

  /**
   * Refuses writers. When it resolves, every transaction that had written before is over: the proof is the lock that
   * changing a trigger takes. Ends sessions that stand in the way; a prepared transaction is an error that names it.
   */
  closeGate(mode: "closed" | "standby", epoch: number, signal: AbortSignal): Promise<void>;
  openGate(signal: AbortSignal): Promise<void>;
  isGateClosed(signal: AbortSignal): Promise<boolean>;

  /** Number of journal rows, at most `limit`. */
  countPending(limit: number, signal: AbortSignal): Promise<number>;
  /**
   * Reads the journal and the rows it names under one snapshot, hands batches to `write` (which must not wait for a
   * network), notes the point as sent and closes the snapshot. `write` sees `gone`, `truncated`, `rows` and `sequences`.
   */
  readPoint(
    point: { readonly point: number; readonly attempt: string },
    limits: ReadLimits,
    write: (batch: JournalBatch) => Promise<void>,
    signal: AbortSignal,
  ): Promise<PointToken>;
  /** Deletes exactly what the point's snapshot saw and notes the point as shipped, in one transaction. */
  trim(token: PointToken, signal: AbortSignal): Promise<void>;
  /** Journals keys again, without touching the rows; a key that has no row means "delete". */
  touchKeys(table: TableDefinition, keys: readonly (readonly Cell[])[], signal: AbortSignal): Promise<void>;
  /** Journals every key the table has now. */
  touchAll(table: TableDefinition, signal: AbortSignal): Promise<void>;

  /** Applies a whole point and its position in one transaction, with the application's triggers silent. */
  applyPoint(point: StagedPoint, signal: AbortSignal): Promise<ApplyOutcome>;
  /** Durably refuses older epochs; waits for an apply that runs. */
  raiseEpoch(epoch: number, signal: AbortSignal): Promise<void>;

  /** Empties the tables of a target and starts a new copy of this history, or finds it under way. */
  beginCopy(history: string, epoch: number, signal: AbortSignal): Promise<readonly CopyProgress[]>;
  readCopyChunk(
    table: TableDefinition,
    after: readonly Cell[] | undefined,
    limits: ReadLimits,
    signal: AbortSignal,
  ): Promise<CopyChunk>;
  /** Writes the chunk after `progress.chunk`; any other number changes nothing. Returns where the table is now. */
  applyCopyChunk(
    header: Pick<PointHeader, "epoch" | "history">,
    chunk: { readonly number: number; readonly lastKey: readonly Cell[] | undefined; readonly batch: JournalBatch },
    signal: AbortSignal,
  ): Promise<CopyProgress>;
  endCopy(header: Pick<PointHeader, "epoch" | "history">, signal: AbortSignal): Promise<void>;

  /**
   * The old source, now a target: every key of its journal with its present row, as batches (kinds as in readPoint). A
   * point that the peer says it had applied (`applied`) is trimmed first: those rows are not lost.
   */
  readUnshipped(
    applied: { readonly point: number; readonly attempt: string },
    limits: ReadLimits,
    write: (batch: JournalBatch) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Clears this target's own journal and follows the history from point 0; found done, it does nothing. */
  adopt(history: string, epoch: number, signal: AbortSignal): Promise<void>;
  /**
   * Target → ordinary database, in one transaction: new history, sequences above the largest value, `discarded` keys
   * (received, not applied) journalled, gate open.
   */
  promote(
    epoch: number,
    history: string,
    discarded: readonly { readonly table: string; readonly keys: readonly (readonly Cell[])[] }[],
    signal: AbortSignal,
  ): Promise<void>;

  /** Reads all tables under one snapshot, for a backup; `write` gets `rows` and `sequences`. */
  readAll(limits: ReadLimits, write: (batch: JournalBatch) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Replaces the content of all tables in one transaction; the position is forgotten. Only on a target. */
  replaceAll(batches: AsyncIterable<JournalBatch>, signal: AbortSignal): Promise<void>;

  close(): Promise<void>;
}

export interface EngineOptions {
  readonly settings: DatabaseSettings;
  readonly readSecret: (file: string) => Promise<string>;
  /** Makes identities of histories: lower-case letters, digits and hyphens. */
  readonly newId: () => string;
}

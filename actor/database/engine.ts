import type { JournalState, PointHeader, TableMarks } from "../core/journal-position.js";
import type { TableDefinition, TableRefusal } from "../core/journal-schema.js";
import type { Cell, JournalBatch } from "../core/journal-wire.js";
import type { TableSize } from "../core/copy-progress.js";
import type { CountedTable } from "../core/unseen-writes.js";
import type { TableConstraints } from "../core/table-constraints.js";
import type { CheckAnswer, RangeCheck, RangeSum } from "../core/verification.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";

/** What was found out about a server. */
export interface EngineFacts {
  /** Which server answers, e.g. `postgresql`, `pglite`, `sqlserver`, `babelfish`. */
  readonly flavour: string;
  readonly version: string;
  /** Why this login cannot apply here, empty when it can. A source does not need it until its first failback. */
  readonly cannotApplyBecause: string;
}

export interface Catalogue {
  readonly tables: readonly TableDefinition[];
  readonly refusals: readonly TableRefusal[];
  /** Of the settings' `excludedTables`, those that no table is named. */
  readonly unknownExclusions: readonly string[];
  /** Labels of what the application may draw numbers from: no identities, nothing that a table left out owns. */
  readonly sequences: readonly string[];
  /** Of `tables`. */
  readonly constraints: TableConstraints;
}

/** What a database is that is not being switched: it lets writers in, or refuses them. */
export type GateMode = "open" | "standby";

/** What `install` left in the database, as it is now. */
export interface Installation {
  /** False when nothing is there, or what another version left. */
  readonly isCurrent: boolean;
  readonly tables: readonly InstalledTable[];
}

export interface InstalledTable {
  readonly label: string;
  /** Lines of tableShape at the time of the installation. */
  readonly shape: readonly string[];
  readonly mark: string;
  /** What is missing or switched off, "" when the table is journalled and can be closed. */
  readonly brokenBecause: string;
}

/** What a database knows of its tables' marks. */
export interface ReadMarks {
  /** Of the journalled tables. */
  readonly own: TableMarks;
  /** Those under which this target copied its tables; only whole ones. */
  readonly copied: TableMarks;
  /**
   * Labels of own tables of which the other server holds, or gets by the journal alone, all that was written here: their
   * mark is the one of which it was last told, or that of the promotion.
   */
  readonly held: readonly string[];
}

/** Something to know before or after an installation. */
export interface InstallFinding {
  readonly severity: "refusal" | "warning";
  readonly message: string;
  readonly hint: string;
}

/** One reading of the journal under one snapshot; what `trim` needs to delete exactly what that snapshot saw. */
export interface PointToken {
  readonly point: number;
  readonly attempt: string;
  readonly snapshot: string;
  /** Numbers of the journals that held something, where that is known; it spares `trim` the question. */
  readonly journals?: readonly number[];
}

/** What a point is to be. */
export interface PointRequest {
  readonly point: number;
  readonly attempt: string;
  /** What the database must know of itself as it is read; another one was restored meanwhile: DATABASE_BUSY. */
  readonly follows?: { readonly history: string; readonly shippedPoint: number };
  /** Ranges to sum under the snapshot of the point. */
  readonly checks: readonly RangeCheck[];
  /** False: where the journal is empty there is no point. */
  readonly isSentEmpty: boolean;
}

export interface ReadPoint {
  readonly token: PointToken;
  /** One for each check asked for, read under the snapshot of the point. */
  readonly sums: readonly RangeSum[];
}

export interface ReadLimits {
  readonly batchRows: number;
  readonly batchBytes: number;
  /** How many bytes there will about be, where that is known. */
  readonly expectedBytes?: number;
}

/** Where a chunk of a copy is to be read. */
export interface ChunkPlace {
  /** The key behind which it begins; undefined: at the first row. */
  readonly after: readonly Cell[] | undefined;
  /** How many chunks were read of this database before. Another number is in it once it was restored from a backup. */
  readonly chunksRead: number;
}

/** A run of rows in key order, or, without a key, in an order of the server's; `lastKey` continues it, and is undefined when the table has ended. */
export interface CopyChunk {
  readonly batch: JournalBatch;
  readonly lastKey: readonly Cell[] | undefined;
}

/**
 * A chunk as it is sent: under which mark its table is copied, its number, from 1, and the key behind which it begins
 * (undefined: at the first row).
 */
export interface NumberedChunk extends CopyChunk {
  readonly mark: string;
  readonly number: number;
  /** How many chunks of copies the source had read with this one. */
  readonly chunksRead: number;
  readonly afterKey: readonly Cell[] | undefined;
}

/** How far the copy of one table is on the target. `chunk` counts from 1; 0 = not begun. */
export interface CopyProgress {
  readonly table: string;
  readonly chunk: number;
  readonly lastKey: readonly Cell[] | undefined;
  readonly isDone: boolean;
  readonly rows: number;
}

/** A copy that is to begin, or to be found under way. */
export interface CopyRequest {
  readonly history: string;
  readonly epoch: number;
  /** Marks of all tables that are to be on the target. */
  readonly marks: TableMarks;
  /** undefined: everything, the position begins at 0. Else only these tables; the position stays. */
  readonly tables: readonly string[] | undefined;
}

/** How large something is. */
export interface StoredSize {
  readonly rows: number;
  readonly bytes: number;
  /** About how many of them its rows take, where those that are gone leave their room behind for a while. */
  readonly usedBytes?: number;
}

/** The whole database. */
export interface EngineSize {
  readonly bytes: number;
  /** What its edition may hold, where there is a limit. */
  readonly limitBytes: number | undefined;
  /** A path on its server, on the disk where it grows; undefined where the login is not told. */
  readonly place: string | undefined;
}

/** Applied or found applied before; anything else is thrown. */
export type ApplyOutcome = "applied" | "already-applied";

export interface ApplyResult {
  readonly outcome: ApplyOutcome;
  /** One for each range of the point; empty when it had been applied before. */
  readonly answers: readonly CheckAnswer[];
}

/**
 * A point as the target applies it. `batches` may be read more than once (a set-based fast way may have to be left); while
 * the point still arrives they wait for what is to come, and reject when it does not.
 */
export interface StagedPoint extends PointHeader {
  readonly completeUpToMs: number;
  readonly batches: () => AsyncIterable<JournalBatch>;
  /** Ranges to compare after the rows are written, in the same transaction; known once `batches` have ended. */
  readonly ranges: () => readonly RangeSum[];
}

/** Keys of one table, one array for each of `keyNames`. */
export interface TableKeys {
  readonly table: string;
  readonly keys: readonly (readonly Cell[])[];
}

/** Number of rows, of the journalled tables and of their journals. */
export interface RowCounts {
  /** Cheap, as the server itself keeps count, rows that are not committed included; undefined where `count` could not tell. */
  estimate(signal: AbortSignal): Promise<readonly CountedTable[] | undefined>;
  /** Of these tables, counted as of one moment. */
  count(tables: readonly string[], signal: AbortSignal): Promise<readonly CountedTable[]>;
}

/**
 * One database, seen through one dialect. Every method is one or a few short transactions of one connection, one
 * after the other (on PGlite an open transaction stops everybody else, so none is open while the network is used).
 * All may be called again after a crash at any point; none retries. Rejections are AppErrors: DATABASE_UNREACHABLE
 * (try again), DATABASE_BUSY (try again), DATABASE_REFUSED, DATABASE_UNSUPPORTED and
 * DATABASE_FAILED (a person must look).
 * `signal` ends waiting at once; what was not committed is then undone by the database.
 */
export interface DatabaseEngine {
  /** Connects and looks at version and rights. */
  probe(signal: AbortSignal): Promise<EngineFacts>;
  /** Tables and sequences of the settings' schemas, without the excluded tables. */
  readCatalogue(signal: AbortSignal): Promise<Catalogue>;
  /**
   * A text that is another one as soon as readCatalogue or readInstallation would answer something else; cheap. Tables that
   * were written anew unseen by any trigger, where that can be told, have other marks afterwards.
   */
  readFingerprint(signal: AbortSignal): Promise<string>;
  readInstallation(signal: AbortSignal): Promise<Installation>;
  /** What stands against installing (missing rights, by name), and what the administrator should know. */
  preflight(tables: readonly TableDefinition[], signal: AbortSignal): Promise<readonly InstallFinding[]>;
  /** The statements that `install` would send now, in order; nothing is changed. */
  planInstall(tables: readonly TableDefinition[], signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Brings SpareSync's schema, journals and triggers into being; what is there and right stays untouched. Returns the
   * tables that were newly journalled: they have new marks, so they are copied again. What was noted of a journal that was
   * off stays noted on a target: it tells of rows that nobody else has.
   */
  install(tables: readonly TableDefinition[], signal: AbortSignal): Promise<readonly string[]>;
  /** Works with these tables as they are installed; creates nothing. Rejects with DATABASE_FAILED for one that is not. */
  use(tables: readonly TableDefinition[], signal: AbortSignal): Promise<void>;
  /** Empties journals and position: a new history begins, so the next target gets a full copy. */
  reset(signal: AbortSignal): Promise<void>;
  /** Forgets what was shipped: the next target gets a full copy. */
  startNewHistory(signal: AbortSignal): Promise<void>;
  /** Gives tables new marks, so that they are copied again; undefined: asks for a copy of everything. */
  requestCopy(tables: readonly string[] | undefined, signal: AbortSignal): Promise<void>;
  /** Nobody waits for a copy of everything any more. */
  withdrawCopy(signal: AbortSignal): Promise<void>;
  /** Takes every trace of SpareSync away. Resolves to what of the application's is not as it was before. */
  remove(signal: AbortSignal): Promise<readonly InstallFinding[]>;
  readMarks(signal: AbortSignal): Promise<ReadMarks>;
  /** Notes of the tables that still have these marks that the other server holds what was written here under them. */
  noteHeld(marks: TableMarks, signal: AbortSignal): Promise<void>;
  /** Rows and bytes of all journals together. */
  journalSize(signal: AbortSignal): Promise<StoredSize>;
  databaseSize(signal: AbortSignal): Promise<EngineSize>;
  /** About; of the tables in the settings' schemas. Where it is missing nobody knows how far a copy is within a table. */
  readonly tableSizes?: (signal: AbortSignal) => Promise<readonly TableSize[]>;
  /** Stops journalling and empties the journals, so that the application's disk is not filled; `install` resumes. */
  stopCapture(because: string, signal: AbortSignal): Promise<void>;
  /** Notes, and does nothing else, why the journal does not hold everything that was written here; "" when it does. */
  noteCaptureOff(because: string, signal: AbortSignal): Promise<void>;
  noteVerified(atMs: number, signal: AbortSignal): Promise<void>;
  readState(signal: AbortSignal): Promise<JournalState>;
  /** Marks this database as a source from now on. Resolves to what of it is not as it was before it was a target. */
  becomeSource(signal: AbortSignal): Promise<readonly InstallFinding[]>;

  /**
   * Refuses writers of every installed table; needs neither `probe` nor `use`. When it resolves, every transaction that
   * had written before is over: the proof is the lock that changing a trigger takes. Ends sessions that stand in the way; a prepared transaction is an error that names it.
   */
  closeGate(mode: "closed" | "standby", epoch: number, signal: AbortSignal): Promise<void>;
  openGate(signal: AbortSignal): Promise<void>;
  isGateClosed(signal: AbortSignal): Promise<boolean>;
  /** Tables whose gate somebody has moved by enabling or disabling triggers; none while the database is in another mode. */
  readWrongGates(mode: GateMode, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Puts one of them right; false where it is right, or the mode another one, by now. A table that may be written to gets a new
   * mark as well: its triggers were enabled, so they had been disabled, and what was written meanwhile is in no journal.
   */
  mendGate(table: string, mode: GateMode, signal: AbortSignal): Promise<boolean>;

  /** How rows that no trigger saw are found; undefined where triggers see all writes. */
  readonly rowCounts?: RowCounts;

  /** Number of journal rows, at most `limit`. */
  countPending(limit: number, signal: AbortSignal): Promise<number>;
  /**
   * Reads the journal and the rows it names under one snapshot, hands batches to `write` (which must not wait for a
   * network), notes the point as sent and closes the snapshot. Resolves with nothing, and notes nothing, where the
   * journal is empty and the request says that this is no point. `write` sees `gone`, `truncated`, `rows` and `sequences`,
   * and `hashes` for each detailed check. Of a keyless table every touched image is `gone` first, then all rows that have
   * one of these images now are `rows`.
   */
  readPoint(
    request: PointRequest,
    limits: ReadLimits,
    write: (batch: JournalBatch) => Promise<void>,
    signal: AbortSignal,
  ): Promise<ReadPoint | undefined>;
  /** Hands out where the sequences are (and identities, where there are such); cheap. */
  readSequences(limits: ReadLimits, write: (batch: JournalBatch) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Deletes exactly what the point's snapshot saw and notes the point as shipped, in one transaction. */
  trim(token: PointToken, signal: AbortSignal): Promise<void>;
  /** Journals keys again, without touching the rows; a key that has no row means "delete". */
  touchKeys(table: TableDefinition, keys: readonly (readonly Cell[])[], signal: AbortSignal): Promise<void>;
  /** Journals every key the table has now. */
  touchAll(table: TableDefinition, signal: AbortSignal): Promise<void>;
  /**
   * For each key its row as it is now (`undefined`: there is none) and whether it is in the journal. A keyless table
   * answers how many rows have the image, as a row with the one column `count`.
   */
  describeKeys(
    table: TableDefinition,
    keys: readonly (readonly Cell[])[],
    signal: AbortSignal,
  ): Promise<readonly { readonly row: Readonly<Record<string, Cell>> | undefined; readonly isJournalled: boolean }[]>;

  /** Compares ranges with what is here, outside of a point. */
  compareRanges(ranges: readonly RangeSum[], signal: AbortSignal): Promise<readonly CheckAnswer[]>;
  /** True where a transaction may stay open while more of a point arrives: it keeps nobody else waiting. */
  readonly canApplyEarly: boolean;
  /** Applies a whole point and its position in one transaction, with the application's triggers silent. */
  applyPoint(point: StagedPoint, signal: AbortSignal): Promise<ApplyResult>;
  /** Durably refuses older epochs; waits for an apply that runs. */
  raiseEpoch(epoch: number, signal: AbortSignal): Promise<void>;

  /** Empties the tables to be copied, or finds their copy under way; answers how far each of them is. */
  beginCopy(request: CopyRequest, signal: AbortSignal): Promise<readonly CopyProgress[]>;
  /**
   * Reads a run of at most so many rows and bytes; one row may be larger.
   * Counts it in `chunksRead`, on the disk, when it is read; rejects with DATABASE_BUSY where that is not what is expected.
   * Throws DATABASE_UNSUPPORTED where that fits into no message.
   */
  readCopyChunk(table: TableDefinition, place: ChunkPlace, limits: ReadLimits, signal: AbortSignal): Promise<CopyChunk>;
  /**
   * Writes the chunk after `progress.chunk` that begins behind `progress.lastKey`, in the copy that is under way; any other
   * one changes nothing. Returns where the table is now.
   */
  applyCopyChunk(
    header: Pick<PointHeader, "epoch" | "history">,
    chunk: NumberedChunk,
    signal: AbortSignal,
  ): Promise<CopyProgress>;
  /** Whatever the copy had set aside is back when it resolves; that may take hours. */
  endCopy(header: Pick<PointHeader, "epoch" | "history">, signal: AbortSignal): Promise<void>;
  /** Builds the indexes that a copy had set aside and did not come to build again; needs neither `probe` nor `use`. */
  rebuildIndexes(signal: AbortSignal): Promise<void>;

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
  adopt(history: string, epoch: number, marks: TableMarks, signal: AbortSignal): Promise<void>;
  /** A person says that this target is a copy of the source at this point: sets position and marks, clears the journal. */
  declareSame(point: PointHeader & { readonly marks: TableMarks }, signal: AbortSignal): Promise<void>;
  /**
   * Target → ordinary database, in one transaction: new history, sequences above the largest value, `discarded` keys
   * (received, not applied) journalled, all tables held under their present marks, gate open.
   */
  promote(epoch: number, history: string, discarded: readonly TableKeys[], signal: AbortSignal): Promise<void>;

  /** What promote does, in a transaction that is rolled back. Sequences, which know no rollback, are left alone. */
  rehearsePromotion(epoch: number, signal: AbortSignal): Promise<void>;

  /**
   * Reads all tables under one snapshot, for a backup; `write` gets `rows` and `sequences`. Rejects with DATABASE_BUSY where a table
   * was emptied or written anew meanwhile, which respects no snapshot.
   */
  readAll(limits: ReadLimits, write: (batch: JournalBatch) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Replaces the content of all tables in one transaction; the position is forgotten. Only where writers are refused. */
  replaceAll(batches: AsyncIterable<JournalBatch>, signal: AbortSignal): Promise<void>;

  close(): Promise<void>;
}

export interface EngineOptions {
  readonly settings: DatabaseSettings;
  readonly readSecret: (file: string) => Promise<string>;
  /** Makes identities of histories: lower-case letters, digits and hyphens. */
  readonly newId: () => string;
}

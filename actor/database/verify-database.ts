import { AppError, errorCode } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import { isKeyless, keyNames, tableLabel, type TableDefinition } from "../core/journal-schema.js";
import type { Cell } from "../core/journal-wire.js";
import {
  firstHalf,
  isSameKey,
  secondHalf,
  wholeTable,
  type CheckAnswer,
  type RangeCheck,
  type RangeSum,
  type RowDifference,
} from "../core/verification.js";
import type { DatabaseEngine } from "./engine.js";

/** Rows compared at once: first, at least, at most. */
const firstRows = 2_000;
const fewestRows = 100;
const mostRows = 200_000;
/** A range takes about as long as this, so that points wait no longer for it. */
const rangeMs = 300;
/** A row that changes at each look is looked at again so often before it counts as different. */
const repairTries = 3;
/** Beyond this the differences are counted, but no longer named one by one. */
const mostNamed = 1_000;
/** Where the two servers sort differently, halves may stay as large as they were: then the rows are named as they are. */
const mostHalvings = 64;

export interface VerificationRequest {
  readonly isRepairing: boolean;
  /** Largest share of the time in which it may work. */
  readonly loadPercent: number;
}

/** What a verification found. */
export interface VerificationReport {
  readonly isComplete: boolean;
  readonly tables: number;
  readonly rows: number;
  readonly differences: number;
  readonly repaired: number;
  /** Tables without a key that could not be read within the limit: nothing is known of them. */
  readonly unverified: readonly string[];
  /** The differences by row; no more than are useful to read. */
  readonly found: readonly RowDifference[];
}

export interface VerifierIo {
  readonly engine: Pick<DatabaseEngine, "touchKeys" | "describeKeys">;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  readonly database: string;
  readonly tables: readonly TableDefinition[];
  /** How long a table that must be read at once may hold up points; undefined: as long as it takes. */
  readonly readingLimitMs: number | undefined;
  /** Sends a point that compares these ranges. */
  readonly send: (
    checks: readonly RangeCheck[],
  ) => Promise<{ readonly sums: readonly RangeSum[]; readonly answers: readonly CheckAnswer[] }>;
  readonly onProgress: (progress: {
    readonly table: string;
    readonly rows: number;
    readonly differences: number;
  }) => void;
}

/**
 * Compares all rows of both sides, range by range in the order of the key. Each range is read under the snapshot of a
 * sync point and on the target in the transaction that applies it: both look at the same moment, so a difference is one.
 * A table without a key is one range, and left out where that takes longer than points may wait for it.
 * A range that differs is halved until it is small, and then read with the hash of each row; differing rows are named,
 * and sent again if wanted.
 */
export async function verifyDatabase(
  io: VerifierIo,
  request: VerificationRequest,
  signal: AbortSignal,
): Promise<VerificationReport> {
  const findings: Findings = { rows: 0, differences: 0, repaired: 0, found: [] };
  const unverified: string[] = [];
  for (const table of io.tables) {
    const startedMs = io.clock.monotonicMs();
    try {
      await verifyTable({ io, table, request, findings, signal });
    } catch (error) {
      if (signal.aborted || limitOf(io, table) === undefined || errorCode(error) !== "DEADLINE_EXCEEDED") throw error;
      unverified.push(tableLabel(table));
      noteUnverified(io, tableLabel(table));
      await rest(io, request.loadPercent, io.clock.monotonicMs() - startedMs, signal);
    }
  }
  const { rows, differences, repaired, found } = findings;
  for (const difference of found) io.log.error("database-row-differs", { database: io.database, ...shown(difference) });
  return { isComplete: true, tables: io.tables.length, rows, differences, repaired, unverified, found };
}

async function verifyTable(work: Work): Promise<void> {
  const { io, table, request, findings, signal } = work;
  const label = tableLabel(table);
  let after: readonly Cell[] | undefined;
  // The image of a row is in no index: each range of such a table reads all of it, however few of its rows are in the range.
  let size = isKeyless(table) ? wholeTable : firstRows;
  do {
    const startedMs = io.clock.monotonicMs();
    const sum = await compareRange(work, { table: label, after, upTo: undefined, rows: size, isDetailed: false });
    const tookMs = io.clock.monotonicMs() - startedMs;
    if (sum.differs) await settle(work, sum, 0);
    findings.rows += sum.range.rows;
    io.onProgress({ table: label, rows: findings.rows, differences: findings.differences });
    after = sum.range.upTo;
    size = Math.round(Math.max(fewestRows, Math.min(mostRows, size * Math.min(2, rangeMs / Math.max(1, tookMs)))));
    await rest(io, request.loadPercent, tookMs, signal);
  } while (after !== undefined);
}

/** A range of a table with a key is small. */
function limitOf(io: VerifierIo, table: TableDefinition): number | undefined {
  return isKeyless(table) ? io.readingLimitMs : undefined;
}

function noteUnverified({ log, database }: VerifierIo, table: string): void {
  const because = "too large for one reading";
  log.warn("database-table-not-verified", { database, table, because, hint: "add a key or exclude it" });
}

interface Findings {
  rows: number;
  differences: number;
  repaired: number;
  readonly found: RowDifference[];
}

/** A table that is being compared, and what was found of all. */
interface Work {
  readonly io: VerifierIo;
  readonly table: TableDefinition;
  readonly request: VerificationRequest;
  readonly findings: Findings;
  readonly signal: AbortSignal;
}

interface Compared {
  readonly range: RangeSum;
  readonly differs: boolean;
  readonly answer: CheckAnswer;
}

/** Asks until the target has really compared: a point that had been applied before says nothing of its ranges. */
async function compareRange({ io, table }: Pick<Work, "io" | "table">, check: RangeCheck): Promise<Compared> {
  const limitMs = limitOf(io, table);
  for (;;) {
    const startedMs = io.clock.monotonicMs();
    const { sums, answers } = await io
      .send([limitMs === undefined ? check : { ...check, limitMs }])
      .catch((error: unknown) => {
        const isLong = limitMs !== undefined && io.clock.monotonicMs() - startedMs > limitMs;
        throw isLong && errorCode(error) === "PEER_UNREACHABLE" ? notAnswered(io, check, error) : error;
      });
    const [range] = sums;
    const [answer] = answers;
    if (range && answer) return { range, differs: !answer.isSame, answer };
  }
}

/** The target reads the same, and may be slower. */
function notAnswered({ database }: VerifierIo, { table }: RangeCheck, cause: unknown): AppError {
  return new AppError("DEADLINE_EXCEEDED", `database ${database}: the target did not read ${table} in time`, { cause });
}

/** Halves a range that differs until its rows can be named. */
async function settle(work: Work, { range, answer }: Compared, halvings: number): Promise<void> {
  const half = halvings < mostHalvings ? firstHalf(range, answer) : undefined;
  if (!half) return nameRows(work, range);
  const first = await compareAtRest(work, half);
  // Rows without a key that are all equal cannot be parted.
  if (first.range.upTo && isSameKey(first.range.upTo, range.upTo)) return nameRows(work, range);
  if (first.differs) await settle(work, first, halvings + 1);
  const remaining = secondHalf(range, first.range);
  if (!remaining) return;
  const second = await compareAtRest(work, remaining);
  if (second.differs) await settle(work, second, halvings + 1);
}

async function compareAtRest(work: Work, check: RangeCheck): Promise<Compared> {
  const { io, request, signal } = work;
  const startedMs = io.clock.monotonicMs();
  const compared = await compareRange(work, check);
  await rest(io, request.loadPercent, io.clock.monotonicMs() - startedMs, signal);
  return compared;
}

/** As often as one answer does not hold all that is to be repaired. */
async function nameRows({ io, table, request, findings, signal }: Work, range: RangeSum): Promise<void> {
  for (;;) {
    const startedMs = io.clock.monotonicMs();
    const { wrong, unnamed } = await nameDifferences(io, table, range);
    const isRepairing = wrong.length > 0 && request.isRepairing;
    const repaired = isRepairing ? await repair(io, table, range, wrong, signal) : 0;
    const isDone = unnamed === 0 || !isRepairing || repaired < wrong.length;
    findings.differences += wrong.length + (isDone ? unnamed : 0);
    findings.repaired += repaired;
    findings.found.push(...wrong.slice(0, Math.max(0, mostNamed - findings.found.length)));
    await rest(io, request.loadPercent, io.clock.monotonicMs() - startedMs, signal);
    if (isDone) return;
  }
}

/** A row that the target has and the source has not in this range may merely sort elsewhere on the source. */
async function nameDifferences(
  io: VerifierIo,
  table: TableDefinition,
  range: RangeSum,
): Promise<{ readonly wrong: readonly RowDifference[]; readonly unnamed: number }> {
  // A range without an end has none on the target either: rows behind the source's last one are in it.
  const { answer } = await compareRange({ io, table }, { ...range, rows: wholeTable, isDetailed: true });
  const { unnamed } = answer;
  const only = answer.differences.filter(({ what }) => what === "only on the target");
  if (only.length === 0) return { wrong: answer.differences, unnamed };
  const keys = keysOf(table, only);
  const here = await io.engine.describeKeys(table, keys, new AbortController().signal);
  const elsewhere = new Set(only.filter((_, at) => here[at]?.row !== undefined));
  return { wrong: answer.differences.filter((difference) => !elsewhere.has(difference)), unnamed };
}

/** Journals the differing keys again; the next points carry them. Returns how many are even afterwards. */
async function repair(
  io: VerifierIo,
  table: TableDefinition,
  range: RangeSum,
  wrong: readonly RowDifference[],
  signal: AbortSignal,
): Promise<number> {
  const keys = new Set(wrong.map(({ key }) => JSON.stringify(key)));
  let left = wrong;
  for (let round = 0; round < repairTries && left.length > 0; round += 1) {
    await io.engine.touchKeys(table, keysOf(table, left), signal);
    // The ranges of a point are compared after its rows were written.
    const named = await nameDifferences(io, table, range);
    left = named.wrong.filter(({ key }) => keys.has(JSON.stringify(key)));
  }
  if (left.length > 0) {
    io.log.error("database-differences-not-repaired", { database: io.database, rows: left.length, ...shown(left[0]) });
  }
  return wrong.length - left.length;
}

function keysOf(table: TableDefinition, differences: readonly RowDifference[]): readonly (readonly Cell[])[] {
  return keyNames(table).map((_, at) => differences.map(({ key }) => key[at] ?? null));
}

/** Works no larger share of the time than is allowed. */
async function rest(io: VerifierIo, loadPercent: number, tookMs: number, signal: AbortSignal): Promise<void> {
  const pauseMs = tookMs * (100 / loadPercent - 1);
  if (pauseMs > 1) await io.clock.sleep(pauseMs, signal);
  signal.throwIfAborted();
}

function shown(difference: RowDifference | undefined): {
  readonly table: string;
  readonly key: string;
  readonly what: string;
} {
  return { table: difference?.table ?? "", key: (difference?.key ?? []).join(", "), what: difference?.what ?? "" };
}

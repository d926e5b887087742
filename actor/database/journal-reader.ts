import { AppError } from "../../shared/core/app-error.js";
import type { Json, JsonObject } from "../../shared/core/json.js";
import {
  applyAnswer,
  compareAnswer,
  countAnswer,
  decodeCounts,
  decodePositionTables,
  encodeRange,
  largestBundle,
  positionAnswer,
} from "../core/journal-messages.js";
import { decideSession, type JournalState, type SessionDecision, type TableMarks } from "../core/journal-position.js";
import { compareSchemas, schemaShape, tableLabel } from "../core/journal-schema.js";
import { encodeBatch, type JournalBatch } from "../core/journal-wire.js";
import type { CountedSides } from "../core/unseen-writes.js";
import { wholeTable, type CheckAnswer, type RangeCheck, type RangeSum } from "../core/verification.js";
import type { LinkMessage } from "../link/link.js";
import type { DrainResult, SyncProgress } from "../sync-part.js";
import { bundles, packFrame } from "./batch-frame.js";
import { requireSendable } from "./copy-limits.js";
import type { PointRequest, ReadPoint } from "./engine.js";
import { handOverUnshipped, writeUnshipped } from "./hand-over.js";
import { reinitialisationRequired } from "./prepare-role.js";
import { copyTables, type CopyReport } from "./reinitialise.js";
import { sendWhileReading } from "./send-while-reading.js";
import { ReadingLimit } from "./reading-limit.js";
import { readLimits, type Prepared, type SideIo } from "./side.js";
import { SequenceDigest, SequenceWatch } from "./sequence-watch.js";
import { Spool } from "./spool.js";
import { TargetDifferences, type TargetReports } from "./target-differences.js";

/** A question is answered at once, a large point takes as long as the target's database needs. */
const askSeconds = 30;
const applySeconds = 300;
/** As long as one statement may take on the target, and a moment for the answer. */
const wholeTableSeconds = 660;
/** Bytes of batches that travel in one message. */
const bundleBytes = 256 * 1024;
/** Who makes batches smaller than this wants small messages. */
const fewestBundledRows = 1000;
/** Each round brings the target nearer: adopted, copied, current. More of them means that something undoes it. */
const longestSession = 5;
/** Where a source is with its target. */
export interface SourceSession {
  readonly history: string;
  point: number;
  /** False until a point has made a copied or adopted target consistent. */
  isTargetComplete: boolean;
  /** Under which the target has its tables; undefined once this database has noted it. */
  unnoted: TableMarks | undefined;
}

/** What a point carried and what the target found of the ranges that were to be compared. */
export interface SentPoint extends DrainResult {
  readonly sums: readonly RangeSum[];
  /** Empty when the point had been applied before: then nothing was compared. */
  readonly answers: readonly CheckAnswer[];
}

/** What the target's position means for this source. */
interface TargetWord {
  readonly state: JournalState;
  readonly decision: SessionDecision;
  readonly isTargetComplete: boolean;
  /** Of its own journal. */
  readonly targetHistory: string;
  /** It follows this very history, right or wrong. */
  readonly isFollowed: boolean;
  /** Of this source, as the decision found them. */
  readonly marks: TableMarks;
}

/** Batches that travel together, and what the message says of them. */
interface Bundle {
  readonly fields: { readonly seq: number; readonly isCompressed: boolean; readonly lengths: number[] };
  readonly body: Buffer | undefined;
}

/** What was sent of a point before the word to apply it. */
interface Staged {
  readonly last: Bundle;
  readonly bytes: number;
}

const nothingStaged: Staged = {
  last: { fields: { seq: 0, isCompressed: false, lengths: [] }, body: undefined },
  bytes: 0,
};

/** The source's half: one object for one role and epoch. Not to be entered twice at a time. */
export class JournalReader {
  readonly #io: SideIo;
  readonly #prepared: Prepared;
  readonly #spool: Spool;
  readonly #reports: TargetReports;
  readonly #sequences: SequenceWatch;
  readonly #differences: TargetDifferences;
  #session: SourceSession | undefined;

  constructor(io: SideIo, prepared: Prepared, reports: TargetReports) {
    this.#io = io;
    this.#prepared = prepared;
    this.#reports = reports;
    this.#sequences = new SequenceWatch(io.engine);
    this.#differences = new TargetDifferences(io, prepared, reports);
    this.#spool = new Spool(`${io.stateDirectory}/database/${io.settings.name}.outgoing`);
  }

  /** Asks for the target's word again before anything else is sent. */
  forgetSession(): void {
    this.#session = undefined;
  }

  /**
   * Finds out where the target is and brings it to where sync points can go on: nothing to do, a copy to finish or to
   * begin, or the exchange of unshipped keys at a failback.
   */
  async openSession(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<SourceSession> {
    for (let round = 0; !this.#session && round < longestSession; round += 1) {
      const { state, decision, isTargetComplete, isFollowed, marks } = await this.#decide(signal);
      if (decision.kind === "continue" || decision.kind === "copy-tables") {
        if (decision.isSendingApplied && state.sending) await this.#io.engine.trim(state.sending, signal);
      }
      if (decision.kind === "continue") {
        const session = { history: state.history, point: decision.point, isTargetComplete, unnoted: marks };
        if (isTargetComplete) await this.#noteHeld(session, signal);
        this.#session = session;
      } else await this.#approach(state, { decision, isFollowed }, signal, onProgress);
    }
    if (this.#session) return this.#session;
    throw new AppError("UNEXPECTED", `database ${this.#io.settings.name}: the target does not come any nearer`);
  }

  /** Until it is noted, what was written under these marks is taken for unknown when this database comes back as a target. */
  async #noteHeld(session: SourceSession, signal: AbortSignal): Promise<void> {
    if (session.unnoted) await this.#io.engine.noteHeld(session.unnoted, signal);
    session.unnoted = undefined;
  }

  /** Asks where the target is. Rejects when it does not answer, or its tables are others. */
  async askPosition(signal: AbortSignal): Promise<void> {
    await this.#decide(signal);
  }

  /**
   * Writes down what the server that was lost had committed and never sent, as long as it can be told: nothing has flowed
   * back yet. Changes nothing on either side.
   */
  async writeUnshipped(signal: AbortSignal): Promise<void> {
    const { state, decision, targetHistory, isFollowed } = await this.#decide(signal);
    const ask = this.#askFor(state.history);
    if (decision.kind === "adopt") await writeUnshipped(this.#io, this.#prepared, state.parent, ask, signal);
    // It will be copied, and what its journal still holds has a value there that the copy overwrites.
    if (decision.kind === "reinitialise" && !isFollowed) {
      const nothing = { history: targetHistory, point: 0, attempt: "" };
      await writeUnshipped(this.#io, this.#prepared, nothing, ask, signal);
    }
  }

  async #decide(signal: AbortSignal): Promise<TargetWord> {
    const { engine, settings } = this.#io;
    const state = await engine.readState(signal);
    const { fields, body } = await this.ask("position", state.history, {}, askSeconds, signal);
    const answer = positionAnswer.parse(fields);
    const { shapes, sequences, constraints, ...marks } = decodePositionTables(body);
    this.#differences.note(sequences, constraints);
    const differences = compareSchemas(schemaShape(this.#prepared.tables), shapes);
    if (differences.length > 0) throw differentSchemas(settings.name, differences);
    const target = { ...answer, ...marks, sending: answer.sending ?? undefined, applied: answer.applied ?? undefined };
    const { own, copied } = await engine.readMarks(signal);
    const decision = decideSession({ ...state, marks: own, copied }, target);
    const isFollowed = target.applied?.history === state.history;
    const isTargetComplete = target.applied?.stage === "complete";
    return { state, decision, isTargetComplete, targetHistory: target.history, isFollowed, marks: own };
  }

  /** Does what the decision asks for; where that leads the target says itself when it is asked again. */
  async #approach(
    state: JournalState,
    word: {
      readonly decision: Exclude<SessionDecision, { readonly kind: "continue" }>;
      readonly isFollowed: boolean;
    },
    signal: AbortSignal,
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<void> {
    const { decision, isFollowed } = word;
    const { engine, log, settings } = this.#io;
    const database = settings.name;
    switch (decision.kind) {
      case "adopt": {
        log.info("database-failback-incremental", { database, history: state.history });
        const ask = this.#askFor(state.history);
        return handOverUnshipped(this.#io, this.#prepared, state, decision.tables, ask, signal);
      }
      case "copy-tables":
        log.warn("database-tables-copied-again", { database, tables: [...decision.tables] });
        return this.#copy(decision.tables, state.chunksRead, signal, onProgress);
      case "resume-copy":
        return this.#copy(undefined, state.chunksRead, signal, onProgress);
      case "reinitialise":
        // The very first copy of all is no error.
        if (!settings.reinitialiseOnError && !state.isCopyRequested && (state.shippedPoint > 0 || state.sending)) {
          throw reinitialisationRequired(database, decision.because);
        }
        log.warn("database-reinitialisation-started", { database, because: decision.because });
        // The points of a target that is not a copy mean nothing: the numbers begin again with a new history. So do its rows.
        if (state.shippedPoint > 0 || state.sending || state.isCopyRequested || isFollowed) {
          await engine.startNewHistory(signal);
        }
        return this.#copy(undefined, state.chunksRead, signal, onProgress);
    }
  }

  /** False also while nothing is known of the target. */
  get isTargetComplete(): boolean {
    return this.#session?.isTargetComplete ?? false;
  }

  /** True where sequences have moved since the last point that the target has applied. */
  haveSequencesMoved(signal: AbortSignal): Promise<boolean> {
    return this.#sequences.haveMoved(readLimits(this.#io.settings), signal);
  }

  /**
   * One sync point. Resolves when the target has applied it and the journal is trimmed; with nothing when the journal is
   * empty, the target complete, and a point of nothing not asked for.
   */
  async sendPoint(
    { checks, isSentEmpty }: { readonly checks: readonly RangeCheck[]; readonly isSentEmpty: boolean },
    signal: AbortSignal,
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<SentPoint | undefined> {
    const session = await this.openSession(signal, onProgress);
    const wanted = { checks, isSentEmpty: isSentEmpty || !session.isTargetComplete };
    try {
      return await this.#sendPoint(session, wanted, signal, onProgress);
    } catch (error) {
      // After any failure the target's word is asked for again before a number is used.
      this.#session = undefined;
      throw error;
    } finally {
      await this.#spool.clear();
    }
  }

  /**
   * Says, for a person, that the target is a copy of this database as it is now, and begins to count from here. With
   * `isVerified` every table is compared first, and a difference refuses it.
   */
  async declareSame(isVerified: boolean, signal: AbortSignal): Promise<void> {
    const { engine, random, settings } = this.#io;
    this.#session = undefined;
    const { state } = await this.#decide(signal);
    const checks = isVerified ? this.#prepared.tables.map((table) => wholeRange(tableLabel(table))) : [];
    const header = { point: state.shippedPoint + 1, attempt: random.id() };
    const nothing = (): Promise<void> => Promise.resolve();
    const { token, sums } = await this.#readPoint({ ...header, checks }, nothing, signal);
    // Table by table: each has the whole time for itself.
    const different: string[] = [];
    for (const sum of sums) {
      const fields = { ranges: [encodeRange(sum)] };
      const answer = await this.ask("compare", state.history, fields, wholeTableSeconds, signal);
      if (compareAnswer.parse(answer.fields).answers[0]?.isSame !== true) different.push(sum.table);
    }
    if (different.length > 0) throw notTheSame(settings.name, different);
    const { own } = await engine.readMarks(signal);
    await this.ask("declare", state.history, { ...header, marks: own }, applySeconds, signal);
    await engine.trim(token, signal);
    // Last: cut off before, the copy that was asked for is made.
    await engine.withdrawCopy(signal);
  }

  /** Tells the target up to when it is known to hold everything. */
  async announceCurrent(completeUpToMs: number, signal: AbortSignal): Promise<void> {
    const session = await this.openSession(signal);
    try {
      const fields = { point: session.point, completeUpToMs };
      await this.ask("current", session.history, fields, askSeconds, signal);
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }

  /**
   * Rows of both sides, of these tables exactly or of all as the servers keep count of them; undefined when the target is
   * not known to be where this side believes it to be. Not while a point is under way.
   */
  async countRows(tables: readonly string[] | undefined, signal: AbortSignal): Promise<CountedSides | undefined> {
    const counts = this.#io.engine.rowCounts;
    const session = this.#session;
    if (!counts || !session?.isTargetComplete) return undefined;
    const fields = { tables: tables ? [...tables] : null };
    const answer = await this.ask("count", session.history, fields, applySeconds, signal);
    const { history, point } = countAnswer.parse(answer.fields);
    if (history !== session.history || point !== session.point) return undefined;
    const source = await (tables ? counts.count(tables, signal) : counts.estimate(signal));
    return source && { source, target: decodeCounts(answer.body) };
  }

  async #sendPoint(
    session: SourceSession,
    wanted: Pick<PointRequest, "checks" | "isSentEmpty">,
    signal: AbortSignal,
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<SentPoint | undefined> {
    const { engine, clock, random, settings } = this.#io;
    const header = { point: session.point + 1, attempt: random.id() };
    const fields = { ...header, completeUpToMs: clock.wallMs() };
    let changes = 0;
    const sequences = new SequenceDigest();
    const keys = new Map(this.#prepared.tables.map((table) => [tableLabel(table), table.keyColumns]));
    const reading = new ReadingLimit(clock, shortestLimitMs(wanted.checks));
    const write = async (batch: JournalBatch, onBatch: () => void): Promise<void> => {
      onBatch();
      reading.noteProgress();
      if (batch.kind === "rows") requireSendable(settings.name, batch, keys.get(batch.table) ?? []);
      sequences.add(batch);
      if (batch.kind === "truncated") changes += 1;
      if (batch.kind === "rows" || batch.kind === "gone") changes += batch.rows;
      await this.#spool.append(encodeBatch(batch));
    };
    // The database may have been restored since, with this very process at work.
    const follows = { history: session.history, shippedPoint: session.point };
    const request = { ...header, ...wanted, follows };
    const limits = readLimits(settings);
    const until = (...stops: readonly AbortSignal[]): AbortSignal => AbortSignal.any([signal, ...stops]);
    const { read, sent } = await sendWhileReading(
      this.#spool,
      (onBatch, stop) =>
        reading.run(`database ${settings.name}: the point`, (over) =>
          engine.readPoint(request, limits, (batch) => write(batch, onBatch), until(stop, over)),
        ),
      (stop) => this.#stage(session, fields, until(stop), onProgress),
    );
    if (!read) return undefined;
    const { token, sums } = read;
    const { last, bytes } = sent ?? nothingStaged;
    const applied = { ...fields, total: this.#spool.count, ...last.fields, ranges: sums.map(encodeRange) };
    const answer = await this.ask("apply", session.history, applied, applySeconds, signal, last.body);
    session.point = header.point;
    session.isTargetComplete = true;
    this.#sequences.noteSent(sequences);
    await engine.trim(token, signal);
    await this.#noteHeld(session, signal);
    const { answers } = applyAnswer.parse(answer.fields);
    return { changesSent: changes, bytesSent: bytes, sums, answers };
  }

  /** Sends what comes into the spool but for the last bundle, which is to travel with the word to apply it. */
  async #stage(
    session: SourceSession,
    fields: JsonObject,
    signal: AbortSignal,
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<Staged> {
    const { settings } = this.#io;
    const batches = settings.batchRows < fewestBundledRows ? 1 : largestBundle;
    let { last, bytes } = nothingStaged;
    let seq = 0;
    for await (const bundle of bundles(this.#spool.follow(signal), { bytes: bundleBytes, batches })) {
      if (last.body)
        await this.ask("stage", session.history, { ...fields, ...last.fields }, askSeconds, signal, last.body);
      const { body, isCompressed } = await packFrame(Buffer.concat(bundle), settings.compressBatches);
      last = { fields: { seq, isCompressed, lengths: bundle.map((batch) => batch.length) }, body };
      seq += bundle.length;
      bytes += body.length;
      onProgress?.({ item: settings.name, done: seq, total: this.#spool.count });
    }
    return { last, bytes };
  }

  /** A point that is one in any case. */
  async #readPoint(
    request: Omit<PointRequest, "isSentEmpty">,
    write: (batch: JournalBatch) => Promise<void>,
    signal: AbortSignal,
  ): Promise<ReadPoint> {
    const { engine, settings } = this.#io;
    const read = await engine.readPoint({ ...request, isSentEmpty: true }, readLimits(settings), write, signal);
    if (!read) throw new AppError("UNEXPECTED", `database ${settings.name}: a point was not read`);
    return read;
  }

  async #copy(
    tables: readonly string[] | undefined,
    chunksRead: number,
    signal: AbortSignal,
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<void> {
    const { engine, settings, log } = this.#io;
    const { history } = await engine.readState(signal);
    const { own } = await engine.readMarks(signal);
    const report = (progress: CopyReport): void => {
      this.#reports.copy = progress;
      onProgress?.({ item: settings.name, done: progress.done, total: progress.total });
    };
    try {
      await copyTables(
        this.#io,
        this.#prepared,
        { tables, marks: own, chunksRead },
        this.#askFor(history),
        report,
        signal,
      );
      log.info("database-reinitialisation-copied", { database: settings.name });
    } finally {
      this.#reports.copy = undefined;
    }
  }

  #askFor(history: string): AskTarget {
    return (kind, fields, signal, body) => this.ask(kind, history, fields, applySeconds, signal, body);
  }

  private async ask(
    kind: string,
    history: string,
    fields: JsonObject,
    limitSeconds: number,
    signal: AbortSignal,
    body?: Buffer,
  ): Promise<LinkMessage> {
    const common = { database: this.#io.settings.name, epoch: this.#prepared.epoch, history };
    const message = { fields: { ...common, ...fields }, ...(body ? { body } : {}) };
    return this.#io.link.ask(`database/${kind}`, message, { limitSeconds, signal }).catch((error: unknown) => {
      throw this.#differences.explain(error);
    });
  }
}

/** Asks the target something about this history and epoch. */
export type AskTarget = (
  kind: string,
  fields: Readonly<Record<string, Json>>,
  signal: AbortSignal,
  body?: Buffer,
) => Promise<LinkMessage>;

/** What is sent again without these ranges is not held up any longer. */
function shortestLimitMs(checks: readonly RangeCheck[]): number | undefined {
  const limits = checks.flatMap(({ limitMs }) => (limitMs === undefined ? [] : [limitMs]));
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function wholeRange(table: string): RangeCheck {
  return { table, after: undefined, upTo: undefined, rows: wholeTable, isDetailed: false };
}

function notTheSame(database: string, tables: readonly string[]): Error {
  return new AppError("OPERATION_REFUSED", `database ${database}: the two sides differ in ${tables.join(", ")}`, {
    hint: "Run `sparesync database reinitialise`, or repeat it with --unverified if you know better.",
  });
}

function differentSchemas(database: string, differences: readonly string[]): Error {
  const shown = differences.slice(0, 5).join("; ");
  const more = differences.length > 5 ? `; and ${String(differences.length - 5)} more` : "";
  return new AppError("DATABASE_SCHEMA_CHANGED", `database ${database}: the two sides differ: ${shown}${more}`, {
    hint: "Give both databases the same tables, or exclude tables; then `sparesync database install-scripts` on both.",
  });
}

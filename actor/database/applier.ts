import { existsSync } from "node:fs";
import type { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import * as messages from "../core/journal-messages.js";
import type { AppliedState, JournalState } from "../core/journal-position.js";
import { decideApply } from "../core/journal-position.js";
import { isKeyless, keyNames, schemaShape, tableLabel } from "../core/journal-schema.js";
import { decodeBatch, encodeBatch, keysOf, type JournalBatch } from "../core/journal-wire.js";
import type { RangeSum } from "../core/verification.js";
import type { LinkMessage } from "../link/link.js";
import { readRoom } from "./compare-sizes.js";
import { divergenceFile } from "../core/divergence.js";
import { DivergenceReport } from "./divergence-report.js";
import { EarlyApply } from "./early-apply.js";
import type { ApplyResult, CopyProgress, StagedPoint, TableKeys } from "./engine.js";
import { Mutex } from "../../shared/mutex.js";
import { endsWithin } from "./ends-within.js";
import { notAllKnown } from "./refusals.js";
import { readLimits, type Prepared, type SideIo, type SideNumbers } from "./side.js";
import { batchOf, bodyOf, decode, readFields, split } from "./read-message.js";
import { SetAside } from "./set-aside.js";
import { Spool } from "./spool.js";

type PointMessage = z.output<typeof messages.applyRequest>;
type StageMessage = z.output<typeof messages.stageRequest>;

/** A point that arrives. `total`: how many batches it has, once the word to apply it has come. */
type StagedHeader = Omit<StageMessage, "seq" | "isCompressed" | "lengths"> & { readonly total?: number };

/** The source hears something long before it would give up waiting. */
const answerWithinMs = 20_000;

/** What a target knows of itself, for status. */
export interface TargetView extends SideNumbers {
  applied: AppliedState | undefined;
  lastSuccessAtMs: number;
  copiedTables: number;
}

/** The target's half: one object for one role and epoch. Messages are worked on one at a time. */
export class Applier {
  readonly view: TargetView;
  readonly #io: SideIo;
  readonly #prepared: Prepared;
  readonly #signal: AbortSignal;
  readonly #mutex = new Mutex();
  readonly #incoming: Spool;
  readonly #unshipped: Spool;
  readonly #setAside: SetAside;
  #staged: StagedHeader | undefined;
  /** The point that arrives, while it is being written already. */
  #early: EarlyApply | undefined;
  /** Operations that must not find an open transaction. */
  #holds = 0;
  /** The end of a copy, while it is under way. */
  #ending: Promise<void> | undefined;
  #stagedRows = 0;

  constructor(io: SideIo, prepared: Prepared, view: TargetView, signal: AbortSignal) {
    this.#io = io;
    this.#prepared = prepared;
    this.#signal = signal;
    this.view = view;
    const file = `${io.stateDirectory}/database/${io.settings.name}`;
    this.#incoming = new Spool(`${file}.incoming`);
    this.#unshipped = new Spool(`${file}.unshipped`);
    this.#setAside = new SetAside(io, prepared.tables);
  }

  /** Number of rows received and not yet applied. */
  get stagedBatches(): number {
    return this.#incoming.count;
  }

  /** Answers one message of kind `database/<kind>`. Throws an AppError for what is refused. */
  async answer(kind: string, message: LinkMessage): Promise<LinkMessage> {
    return this.#mutex.run(async () => {
      if (kind !== "stage" && kind !== "apply") await this.giveUpEarly();
      switch (kind) {
        case "position":
          return this.#position(readFields(messages.positionRequest, message));
        case "stage":
          return { fields: await this.#stageEarly(readFields(messages.stageRequest, message), await bodyOf(message)) };
        case "apply":
          return { fields: await this.#apply(readFields(messages.applyRequest, message), await bodyOf(message)) };
        case "current":
          return { fields: await this.#current(readFields(messages.currentRequest, message)) };
        case "copy-begin":
          return { fields: await this.#copyBegin(readFields(messages.copyBeginRequest, message)) };
        case "copy-chunk":
          return {
            fields: await this.#copyChunk(readFields(messages.copyChunkRequest, message), await batchOf(message)),
          };
        case "copy-end":
          return { fields: await this.#copyEnd(readFields(messages.copyEndRequest, message)) };
        case "unshipped-keys":
          return { fields: await this.#unshippedKeys(readFields(messages.unshippedRequest, message)) };
        case "unshipped-page":
          return this.#unshippedPage(readFields(messages.unshippedPageRequest, message));
        case "adopt":
          return { fields: await this.#adopt(readFields(messages.adoptRequest, message)) };
        case "compare":
          return { fields: await this.#compare(readFields(messages.compareRequest, message)) };
        case "count":
          return this.#count(readFields(messages.countRequest, message));
        case "room":
          return { fields: await this.#room(readFields(messages.roomRequest, message)) };
        case "declare":
          return { fields: await this.#declare(readFields(messages.declareRequest, message)) };
        default:
          throw new AppError("REQUEST_INVALID", `unknown message database/${kind}`);
      }
    });
  }

  /**
   * Ends the target's life with a promotion: a point that has arrived whole is applied, under the new epoch, for it was
   * received before. Of one that has not, or that the database refuses, the keys are given to `promote`, to be journalled on
   * the new source; the rows of a refused one are written down first. What has arrived is kept until `promote` is done.
   */
  async finish(
    epoch: number,
    promote: (discarded: readonly TableKeys[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#mutex.run(async () => {
      await promote(await this.#takeStaged(epoch, signal));
      await this.#dropStage();
    });
  }

  /** Returns the keys of what was not applied. */
  async #takeStaged(epoch: number, signal: AbortSignal): Promise<readonly TableKeys[]> {
    const staged = this.#staged;
    if (!staged) return [];
    const state = await this.#io.engine.readState(signal);
    const isNext = decideApply(state, { ...staged, epoch }).kind === "apply";
    const isWhole = this.#incoming.count === staged.total;
    if (!isNext || !isWhole || this.#setAside.has(staged.attempt)) return this.#stagedKeys();
    try {
      await this.#io.engine.applyPoint({ ...this.#pointOf(staged, []), epoch }, signal);
    } catch (error) {
      await this.#setAside.take(staged, () => this.#stagedBatches(), error);
      return this.#stagedKeys();
    }
    await this.#dropStage();
    return [];
  }

  /** Runs an operation of this database; no point is written that has not arrived whole meanwhile. */
  async withoutEarly<T>(work: () => Promise<T>): Promise<T> {
    this.#holds += 1;
    try {
      await this.giveUpEarly();
      return await work();
    } finally {
      this.#holds -= 1;
    }
  }

  async close(): Promise<void> {
    await this.giveUpEarly();
    await this.#mutex.run(async () => {
      await this.#dropStage();
      await this.#unshipped.clear();
    });
  }

  async #position(request: { readonly epoch: number }): Promise<LinkMessage> {
    const state = await this.#io.engine.readState(this.#signal);
    this.#refuseOld(request.epoch, state.epoch);
    this.view.applied = state.applied;
    const { own, copied } = await this.#io.engine.readMarks(this.#signal);
    const { history, shippedPoint, sending, applied, newestChunk } = state;
    const fields = {
      history,
      shippedPoint,
      sending: sending ? { point: sending.point, attempt: sending.attempt } : null,
      applied: applied ? { ...applied } : null,
      newestChunk,
    };
    const { tables, sequences, constraints } = this.#prepared;
    const shapes = schemaShape(tables);
    return { fields, body: messages.encodePositionTables({ shapes, marks: own, copied, sequences, constraints }) };
  }

  async #room(request: { readonly epoch: number }): Promise<JsonObject> {
    this.#refuseOld(request.epoch, this.#prepared.epoch);
    return { ...(await readRoom(this.#io, this.#signal)) };
  }

  #refuseOld(epoch: number, accepted: number): void {
    if (epoch >= accepted) return;
    const because = `epoch ${String(epoch)} is over, ${String(accepted)} is accepted`;
    throw new AppError("EPOCH_TOO_OLD", `database ${this.#io.settings.name}: ${because}`);
  }

  async #stage(request: StageMessage, body: Buffer): Promise<JsonObject> {
    this.#refuseOld(request.epoch, this.#prepared.epoch);
    if (this.#staged?.attempt !== request.attempt) {
      if (request.seq !== 0) throw refused(this.#io, "its beginning has not been received");
      await this.#dropStage();
      const { database, epoch, history, point, attempt, completeUpToMs } = request;
      this.#staged = { database, epoch, history, point, attempt, completeUpToMs };
    }
    if (request.seq > this.#incoming.count) throw refused(this.#io, "a batch before it is missing");
    // What is delivered twice is already there.
    if (request.seq === this.#incoming.count) {
      const batches = split(body, request.lengths);
      // All of them are looked at before one is taken.
      const rows = batches.map(decode).reduce((sum, batch) => sum + changedRows(batch), 0);
      for (const batch of batches) await this.#incoming.append(batch);
      this.#stagedRows += rows;
      this.#early?.noteArrival();
    }
    return { received: this.#incoming.count };
  }

  /** More of this point is to come: where nobody is kept waiting by it, what is there is written meanwhile. */
  async #stageEarly(request: StageMessage, body: Buffer): Promise<JsonObject> {
    const isNew = this.#staged?.attempt !== request.attempt;
    const answer = await this.#stage(request, body);
    const first = await this.#incoming.frame(0);
    // An emptied table is locked for its readers as well, until all is written.
    const canBegin = first !== undefined && decode(first).kind !== "truncated";
    if (isNew && canBegin && this.#holds === 0 && this.#io.engine.canApplyEarly) {
      this.#early = new EarlyApply(this.#io, request, this.#incoming, this.#signal);
    }
    return answer;
  }

  /** What was written of a point that has not arrived whole is undone; nobody waits for it. */
  async giveUpEarly(): Promise<void> {
    const early = this.#early;
    await early?.giveUp();
    if (this.#early === early) this.#early = undefined;
  }

  async #apply(request: PointMessage, body: Buffer): Promise<JsonObject> {
    const { clock } = this.#io;
    // Of a point that was applied before, what came before the last bundle is no longer there.
    const isContinued = request.seq === 0 || this.#staged?.attempt === request.attempt;
    if (request.lengths.length > 0 && isContinued) await this.#stage(request, body);
    if (this.#staged?.attempt === request.attempt) this.#staged = { ...this.#staged, total: request.total };
    const isStaged = this.#staged?.attempt === request.attempt && this.#incoming.count === request.total;
    if (!isStaged && request.total > 0) {
      // Applied before, and the answer was lost? Otherwise it must be sent again.
      await this.giveUpEarly();
      const decision = decideApply(await this.#io.engine.readState(this.#signal), request);
      if (decision.kind === "already-applied") return { outcome: "already-applied", answers: [] };
      if (decision.kind === "refuse") throw new AppError(decision.code, `${this.#name()}: ${decision.because}`);
      throw refused(this.#io, "it is not staged");
    }
    // A point of nothing must not bring what is left of another one.
    if (!isStaged) await this.#dropStage();
    const { outcome, answers } = await this.#applyWhole(request);
    this.view.bytes += outcome === "applied" ? this.#incoming.bytes : 0;
    this.view.changes += outcome === "applied" ? this.#stagedRows : 0;
    this.view.lastSuccessAtMs = clock.wallMs();
    const { history, point, attempt, completeUpToMs } = request;
    this.view.applied = { history, point, attempt, completeUpToMs, stage: "complete" };
    await this.#dropStage();
    return { outcome, answers: messages.encodeAnswers(answers) };
  }

  async #applyWhole(request: PointMessage): Promise<ApplyResult> {
    const ranges = request.ranges.map(messages.decodeRange);
    const early = this.#early?.attempt === request.attempt ? this.#early : undefined;
    const result = await early?.end(ranges, this.#incoming);
    this.#early = undefined;
    return result ?? this.#io.engine.applyPoint(this.#pointOf(request, ranges), this.#signal);
  }

  async #current(request: z.output<typeof messages.currentRequest>): Promise<JsonObject> {
    const applied = this.view.applied;
    this.#refuseOld(request.epoch, this.#prepared.epoch);
    if (applied?.history === request.history && applied.point === request.point && applied.stage === "complete") {
      this.view.applied = { ...applied, completeUpToMs: Math.max(applied.completeUpToMs, request.completeUpToMs) };
      this.view.lastSuccessAtMs = this.#io.clock.wallMs();
    }
    return Promise.resolve({});
  }

  async #copyBegin(request: z.output<typeof messages.copyBeginRequest>): Promise<JsonObject> {
    const { engine, settings } = this.#io;
    const state = await engine.readState(this.#signal);
    this.#refuseOld(request.epoch, state.epoch);
    // What is about to be emptied may hold rows that exist nowhere else.
    const isNew = state.applied?.history !== request.history || state.applied.stage !== "copying";
    if (isNew && (state.captureOffBecause !== "" || (await engine.countPending(1, this.#signal)) > 0)) {
      await this.#collectUnshipped(state, { point: 0, attempt: "" });
      await this.#unshipped.clear();
    }
    if (isNew && state.captureOffBecause !== "") throw notAllKnown(this.#io, state.captureOffBecause);
    const tables = await engine.beginCopy({ ...request, tables: request.tables ?? undefined }, this.#signal);
    this.view.applied = (await engine.readState(this.#signal)).applied;
    this.view.copiedTables = tables.filter((table) => table.isDone).length;
    if (isNew) this.#io.log.warn("database-reinitialisation-begun", { database: settings.name });
    return { tables: tables.map(progressFields) };
  }

  async #copyChunk(request: z.output<typeof messages.copyChunkRequest>, batch: JournalBatch): Promise<JsonObject> {
    const { mark, number, chunksRead, afterKey, lastKey } = request;
    const chunk = { mark, number, chunksRead, afterKey: afterKey ?? undefined, lastKey: lastKey ?? undefined, batch };
    const progress = await this.#io.engine.applyCopyChunk(request, chunk, this.#signal);
    this.view.changes += batch.rows;
    this.view.bytes += batch.text.length;
    if (progress.isDone) this.view.copiedTables += 1;
    return progressFields(progress);
  }

  /** Goes on in the background when it takes long; whoever asks again then waits for the same work. */
  async #copyEnd(request: { readonly epoch: number; readonly history: string }): Promise<JsonObject> {
    const { engine, clock } = this.#io;
    this.#ending ??= engine.endCopy(request, this.#signal).finally(() => {
      this.#ending = undefined;
    });
    const isEnded = await endsWithin(this.#ending, clock, answerWithinMs);
    if (isEnded) this.view.applied = (await engine.readState(this.#signal)).applied;
    return { isEnded };
  }

  async #unshippedKeys(request: z.output<typeof messages.unshippedRequest>): Promise<JsonObject> {
    const state = await this.#io.engine.readState(this.#signal);
    this.#refuseOld(request.epoch, state.epoch);
    const applied = { point: request.parentPoint, attempt: request.parentAttempt };
    await this.#collectUnshipped(state, applied);
    return { pages: this.#unshipped.count };
  }

  /** Writes the report with the values as they are here, and keeps them for the source to ask for. */
  async #collectUnshipped(
    { history, captureOffBecause }: JournalState,
    applied: { readonly point: number; readonly attempt: string },
  ): Promise<void> {
    const { engine, settings, stateDirectory, log } = this.#io;
    const which = { kind: "database", name: settings.name, id: history, form: "lost" } as const;
    const report = new DivergenceReport(divergenceFile(stateDirectory, which));
    const names = new Map(this.#prepared.tables.map((table) => [tableLabel(table), keyNames(table)]));
    await this.#unshipped.clear();
    const take = async (batch: JournalBatch): Promise<void> => {
      await report.add(batch, names.get(batch.table) ?? []);
      await this.#unshipped.append(encodeBatch(batch));
    };
    if (captureOffBecause !== "") report.addUnknown(captureOffBecause);
    try {
      await engine.readUnshipped(applied, readLimits(settings), take, this.#signal);
      const file = await report.finish();
      if (file !== "") log.error("database-divergence-reported", { database: settings.name, rows: report.count, file });
    } finally {
      await report.discard();
    }
  }

  async #unshippedPage(request: { readonly page: number }): Promise<LinkMessage> {
    const body = await this.#unshipped.frame(request.page);
    if (!body) throw refused(this.#io, "the list of unshipped keys must be asked for again");
    return { fields: {}, body };
  }

  async #adopt(request: z.output<typeof messages.adoptRequest>): Promise<JsonObject> {
    await this.#io.engine.adopt(request.history, request.epoch, request.marks, this.#signal);
    this.view.applied = (await this.#io.engine.readState(this.#signal)).applied;
    await this.#unshipped.clear();
    return {};
  }

  async #compare(request: z.output<typeof messages.compareRequest>): Promise<JsonObject> {
    this.#refuseOld(request.epoch, this.#prepared.epoch);
    const ranges = request.ranges.map(messages.decodeRange);
    return { answers: messages.encodeAnswers(await this.#io.engine.compareRanges(ranges, this.#signal)) };
  }

  /** A person has looked at the report, which must be there: a copy may come over what nobody can name. */
  async releaseUnknown(): Promise<void> {
    const { engine, settings, stateDirectory, log } = this.#io;
    const { history, captureOffBecause } = await engine.readState(this.#signal);
    const report = divergenceFile(stateDirectory, { kind: "database", name: settings.name, id: history, form: "lost" });
    if (captureOffBecause === "" || !existsSync(report)) return;
    await engine.noteCaptureOff("", this.#signal);
    log.warn("database-unknown-rows-released", { database: settings.name, because: captureOffBecause });
  }

  /** Between two points, so the numbers are those of the one that is applied. */
  async #count(request: z.output<typeof messages.countRequest>): Promise<LinkMessage> {
    const { engine } = this.#io;
    this.#refuseOld(request.epoch, this.#prepared.epoch);
    const { applied } = await engine.readState(this.#signal);
    const counts = request.tables
      ? await engine.rowCounts?.count(request.tables, this.#signal)
      : await engine.rowCounts?.estimate(this.#signal);
    const point = counts && applied?.stage === "complete" ? applied.point : null;
    const rows = Object.fromEntries((counts ?? []).map((counted) => [counted.table, counted.rows]));
    return { fields: { history: applied?.history ?? "", point }, body: messages.encodeCounts(rows) };
  }

  async #declare(request: z.output<typeof messages.declareRequest>): Promise<JsonObject> {
    await this.#io.engine.declareSame(request, this.#signal);
    await this.#io.engine.noteCaptureOff("", this.#signal);
    this.view.applied = (await this.#io.engine.readState(this.#signal)).applied;
    this.#io.log.warn("database-declared-identical", { database: this.#io.settings.name, point: request.point });
    return {};
  }

  #pointOf(header: StagedHeader, ranges: readonly RangeSum[]): StagedPoint {
    const { epoch, history, point, attempt, completeUpToMs } = header;
    const batches = (): AsyncIterable<JournalBatch> => this.#stagedBatches();
    return { epoch, history, point, attempt, completeUpToMs, batches, ranges: () => ranges };
  }

  async *#stagedBatches(): AsyncGenerator<JournalBatch> {
    for await (const frame of this.#incoming.frames()) yield decodeBatch(frame);
  }

  async #stagedKeys(): Promise<readonly TableKeys[]> {
    const tables = new Map(this.#prepared.tables.map((table) => [tableLabel(table), table]));
    const keys: TableKeys[] = [];
    for await (const batch of this.#stagedBatches()) {
      const table = tables.get(batch.table);
      if (!table || (batch.kind !== "rows" && batch.kind !== "gone")) continue;
      // Every touched image of a table without a key comes as "gone".
      if (batch.kind === "rows" && isKeyless(table)) continue;
      keys.push({ table: batch.table, keys: keysOf(batch, keyNames(table)) });
    }
    return keys;
  }

  async #dropStage(): Promise<void> {
    await this.giveUpEarly();
    this.#staged = undefined;
    this.#stagedRows = 0;
    await this.#incoming.clear();
  }

  #name(): string {
    return `database ${this.#io.settings.name}`;
  }
}

/** Rows that a batch of a point changes. */
function changedRows({ kind, rows }: JournalBatch): number {
  return kind === "rows" || kind === "gone" ? rows : 0;
}

function refused(io: SideIo, because: string): Error {
  return new AppError("OPERATION_REFUSED", `database ${io.settings.name}: the point is refused: ${because}`);
}

function progressFields(progress: CopyProgress): JsonObject {
  return { ...progress, lastKey: progress.lastKey ? [...progress.lastKey] : null };
}

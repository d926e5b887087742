import { AppError, errorCode } from "../../shared/core/app-error.js";
import type { Json, JsonObject } from "../../shared/core/json.js";
import { positionAnswer } from "../core/journal-messages.js";
import { decideSession } from "../core/journal-position.js";
import { compareSchemas, schemaShape } from "../core/journal-schema.js";
import { encodeBatch, rowCount } from "../core/journal-wire.js";
import type { LinkMessage } from "../link/link.js";
import type { DrainResult, SyncProgress } from "../sync-part.js";
import { handOverUnshipped } from "./hand-over.js";
import { copyDatabase } from "./reinitialise.js";
import { readLimits, type Prepared, type SideIo } from "./side.js";
import { Spool } from "./spool.js";

/** A question is answered at once, a large point takes as long as the target's database needs. */
const askSeconds = 30;
const applySeconds = 300;

/** Where a source is with its target. */
export interface SourceSession {
  readonly history: string;
  point: number;
  /** False until a point has made a copied or adopted target consistent. */
  isTargetComplete: boolean;
}

/** What a source reports while it copies; `undefined` when the copy has ended. */
export type OnCopy = (progress: { readonly done: number; readonly total: number } | undefined) => void;

/** The source's half: one object for one role and epoch. Not to be entered twice at a time. */
export class JournalReader {
  readonly #io: SideIo;
  readonly #prepared: Prepared;
  readonly #spool: Spool;
  readonly #onCopy: OnCopy;
  #session: SourceSession | undefined;

  constructor(io: SideIo, prepared: Prepared, onCopy: OnCopy) {
    this.#io = io;
    this.#prepared = prepared;
    this.#onCopy = onCopy;
    this.#spool = new Spool(`${io.stateDirectory}/database/${io.settings.name}.outgoing`);
  }

  /**
   * Finds out where the target is and brings it to where sync points can go on: nothing to do, a copy to finish or to
   * begin, or the exchange of unshipped keys at a failback.
   */
  async openSession(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<SourceSession> {
    if (this.#session) return this.#session;
    const { engine, log, settings } = this.#io;
    const state = await engine.readState(signal);
    const answer = positionAnswer.parse((await this.ask("position", state.history, {}, askSeconds, signal)).fields);
    const differences = compareSchemas(schemaShape(this.#prepared.tables), answer.shapes);
    if (differences.length > 0) throw differentSchemas(settings.name, differences);
    const target = { ...answer, sending: answer.sending ?? undefined, applied: answer.applied ?? undefined };
    const decision = decideSession(state, target);
    let point = 0;
    switch (decision.kind) {
      case "continue":
        point = decision.point;
        if (decision.isSendingApplied && state.sending) await engine.trim(state.sending, signal);
        break;
      case "adopt":
        log.info("database-failback-incremental", { database: settings.name, history: state.history });
        await handOverUnshipped(this.#io, this.#prepared, state, this.#askFor(state.history), signal);
        break;
      case "reinitialise":
        log.warn("database-reinitialisation-started", { database: settings.name, because: decision.because });
        // The points of a target that is not a copy mean nothing: the numbers begin again with a new history.
        if (state.shippedPoint > 0 || state.sending) await engine.startNewHistory(signal);
        point = await this.#copy(signal, onProgress);
        break;
      case "resume-copy":
        point = await this.#copy(signal, onProgress);
    }
    const isTargetComplete = decision.kind === "continue" && target.applied?.stage === "complete";
    this.#session = { history: (await engine.readState(signal)).history, point, isTargetComplete };
    return this.#session;
  }

  /** False also while nothing is known of the target. */
  get isTargetComplete(): boolean {
    return this.#session?.isTargetComplete ?? false;
  }

  /** One sync point. Resolves when the target has applied it and the journal is trimmed. */
  async sendPoint(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult> {
    const session = await this.openSession(signal, onProgress);
    try {
      return await this.#sendPoint(session, signal, onProgress);
    } catch (error) {
      // After any failure the target's word is asked for again before a number is used.
      this.#session = undefined;
      throw error;
    } finally {
      await this.#spool.clear();
    }
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

  async #sendPoint(
    session: SourceSession,
    signal: AbortSignal,
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<DrainResult> {
    const { engine, clock, random, settings } = this.#io;
    const completeUpToMs = clock.wallMs();
    const header = { point: session.point + 1, attempt: random.id() };
    let changes = 0;
    const token = await engine.readPoint(
      header,
      readLimits(settings),
      async (batch) => {
        if (batch.kind !== "sequences") changes += batch.kind === "truncated" ? 1 : rowCount(batch);
        await this.#spool.append(encodeBatch(batch));
      },
      signal,
    );
    const total = this.#spool.count;
    const fields = { ...header, total, completeUpToMs };
    let seq = 0;
    for await (const body of this.#spool.frames()) {
      await this.ask("stage", session.history, { ...fields, seq }, askSeconds, signal, body);
      seq += 1;
      onProgress?.({ item: settings.name, done: seq, total });
    }
    await this.ask("apply", session.history, fields, applySeconds, signal);
    session.point = header.point;
    session.isTargetComplete = true;
    await engine.trim(token, signal);
    return { changesSent: changes, bytesSent: this.#spool.bytes };
  }

  async #copy(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<number> {
    const { engine, settings, log } = this.#io;
    const { history } = await engine.readState(signal);
    const report = (done: number, total: number): void => {
      this.#onCopy({ done, total });
      onProgress?.({ item: settings.name, done, total });
    };
    try {
      await copyDatabase(this.#io, this.#prepared, this.#askFor(history), report, signal);
      log.info("database-reinitialisation-copied", { database: settings.name });
    } finally {
      this.#onCopy(undefined);
    }
    return 0;
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
    return this.#io.link.ask(`database/${kind}`, message, { limitSeconds, signal });
  }
}

/** Asks the target something about this history and epoch. */
export type AskTarget = (
  kind: string,
  fields: Readonly<Record<string, Json>>,
  signal: AbortSignal,
  body?: Buffer,
) => Promise<LinkMessage>;

function differentSchemas(database: string, differences: readonly string[]): Error {
  const shown = differences.slice(0, 5).join("; ");
  const more = differences.length > 5 ? `; and ${String(differences.length - 5)} more` : "";
  return new AppError("DATABASE_UNSUPPORTED", `database ${database}: the two sides differ: ${shown}${more}`, {
    hint: "Give both databases the same tables, or exclude tables with excludedTables.",
  });
}

/** The code with which the target refused, or that of the error itself. */
export function refusalCode(error: unknown): string | undefined {
  if (errorCode(error) !== "PEER_REFUSED") return errorCode(error);
  const cause = typeof error === "object" && error !== null && "cause" in error ? error.cause : undefined;
  return errorCode(cause) ?? "PEER_REFUSED";
}

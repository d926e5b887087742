import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { LinkMessage } from "../link/link.js";
import type { DataRole, DrainResult, SyncItemStatus, SyncProgress } from "../sync-part.js";
import { Applier, type TargetView } from "./applier.js";
import { writeBackup } from "./backup-files.js";
import { JournalReader, refusalCode } from "./journal-reader.js";
import { Mutex } from "../../shared/mutex.js";
import { readLimits, type Prepared, type SideIo } from "./side.js";
import { statusOf, type SourceView } from "./sync-status.js";

/** Looking without any pause would only burn the processor. */
const smallestPauseMs = 20;
const firstRetryMs = 500;
const longestRetryMs = 30_000;
/** Beyond this the exact number of waiting changes no longer matters to anybody, and counting would cost. */
const largestCount = 1_000_000;
/** How often an idle source tells the target that it is up to date: the target must know its recovery point. */
const announceEveryMs = 1_000;
/** How long taking up a role may hold up the caller; it goes on in the background. */
const prepareLimitMs = 15_000;

interface RoleLife {
  readonly role: DataRole;
  readonly stop: AbortController;
  prepared: Prepared | undefined;
  reader: JournalReader | undefined;
  applier: Applier | undefined;
  loop: Promise<void>;
}

/** One database in whatever role: prepares it, runs the source's loop, and does what the operations ask. */
export class DatabaseItem {
  readonly #io: SideIo;
  readonly #mutex = new Mutex();
  #life: RoleLife | undefined;
  #announcedAtMs = 0;
  #problem: { readonly health: "warning" | "fatal"; readonly because: string } | undefined;
  #source: SourceView = { changes: 0, bytes: 0, pending: 0, completeUpToMs: 0, lastSuccessAtMs: 0, firstSeenAtMs: 0 };
  #copy: { readonly done: number; readonly total: number } | undefined;
  #target: TargetView = { changes: 0, bytes: 0, applied: undefined, lastSuccessAtMs: 0, copiedTables: 0 };

  constructor(io: SideIo) {
    this.#io = io;
  }

  get name(): string {
    return this.#io.settings.name;
  }

  /** Stops the former role and takes up this one; what fails is tried again in the background and shown in status. */
  async setRole(role: DataRole): Promise<void> {
    await this.#stop();
    this.#problem = undefined;
    const life: RoleLife = {
      role,
      stop: new AbortController(),
      prepared: undefined,
      reader: undefined,
      applier: undefined,
      loop: Promise.resolve(),
    };
    this.#life = life;
    if (role.role === "idle") return;
    const first = this.#attempt(life, () => this.#prepared(life.stop.signal));
    life.loop = first.then((isDone) => this.#run(life, isDone));
    await Promise.race([first, this.#io.clock.sleep(prepareLimitMs, life.stop.signal).catch(() => undefined)]);
  }

  /** Source: everything that exists now is on the target when it resolves. */
  async synchronise(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult> {
    return this.#asSource(signal, (reader, both) => this.#sendOnce(reader, both, onProgress));
  }

  /** Source, closed: points until the journal stays empty, each of them applied. */
  async drain(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult> {
    return this.#asSource(signal, async (reader, both) => {
      const { engine } = this.#io;
      if (!(await engine.isGateClosed(both))) {
        throw new AppError(
          "OPERATION_REFUSED",
          `database ${this.name}: writers are not refused, so no point is the last`,
        );
      }
      let result = { changesSent: 0, bytesSent: 0 };
      // Also when the journal looks empty: the target must be known to be a whole copy of this history.
      do {
        const sent = await this.#sendOnce(reader, both, onProgress);
        result = { changesSent: result.changesSent + sent.changesSent, bytesSent: result.bytesSent + sent.bytesSent };
      } while ((await engine.countPending(1, both)) > 0);
      return result;
    });
  }

  async closeSource(signal: AbortSignal): Promise<void> {
    await this.#ready(signal, (both) => this.#io.engine.closeGate("closed", 0, both));
  }

  async openSource(signal: AbortSignal): Promise<void> {
    await this.#ready(signal, (both) => this.#io.engine.openGate(both));
  }

  async isSourceClosed(signal: AbortSignal): Promise<boolean> {
    return this.#ready(signal, (both) => this.#io.engine.isGateClosed(both));
  }

  async raiseEpoch(epoch: number, signal: AbortSignal): Promise<void> {
    await this.#ready(signal, (both) => this.#io.engine.raiseEpoch(epoch, both));
  }

  async promote(epoch: number, signal: AbortSignal): Promise<void> {
    await this.#ready(signal, async (both) => {
      const { engine, random, log } = this.#io;
      const discarded = (await this.#life?.applier?.finish(epoch, both)) ?? [];
      await engine.promote(epoch, random.id(), discarded, both);
      this.#target.applied = (await engine.readState(both)).applied;
      log.info("database-promoted", { database: this.name, epoch });
    });
  }

  async isPromoted(signal: AbortSignal): Promise<boolean> {
    return this.#ready(signal, async (both) => {
      const state = await this.#io.engine.readState(both);
      return state.mode !== "standby" && state.promotedEpoch > 0;
    });
  }

  async backUp(label: string, signal: AbortSignal): Promise<string> {
    const { settings, engine, clock } = this.#io;
    const directory = settings.backupDirectory;
    if (directory === undefined) return "";
    return this.#ready(signal, (both) => {
      const takenAtMs = clock.wallMs();
      const time = new Date(takenAtMs).toISOString().replaceAll(":", "-");
      const folder = `${directory}/${this.name}-${label.replaceAll(/[^a-zA-Z0-9-]/g, "-")}-${time}`;
      return writeBackup(engine, folder, { database: this.name, label, takenAtMs }, readLimits(settings), both);
    });
  }

  /** Answers the peer. */
  async answer(kind: string, message: LinkMessage): Promise<LinkMessage> {
    const life = this.#life;
    if (life?.role.role !== "target") {
      throw new AppError("OPERATION_REFUSED", `database ${this.name} is not a target here`);
    }
    if (!life.applier) {
      const because = this.#problem?.because ?? "it is being prepared";
      throw new AppError("DATABASE_UNREACHABLE", `database ${this.name} is not ready: ${because}`);
    }
    try {
      const answer = await life.applier.answer(kind, message);
      this.#problem = undefined;
      return answer;
    } catch (error) {
      // What is wrong with the message is no problem of this database.
      const code = errorCode(error);
      if (code === undefined || code.startsWith("DATABASE_")) this.#note(error);
      throw error;
    }
  }

  status(): SyncItemStatus {
    return statusOf({
      name: this.name,
      role: this.#life?.role.role ?? "idle",
      problem: this.#problem,
      source: this.#source,
      copy: this.#copy,
      target: this.#target,
      stagedBatches: this.#life?.applier?.stagedBatches ?? 0,
      tableCount: this.#life?.prepared?.tables.length ?? 0,
    });
  }

  details(): JsonObject {
    const { role, prepared } = this.#life ?? {};
    const applied = this.#target.applied;
    return {
      engine: this.#io.settings.engine,
      role: role?.role ?? "idle",
      epoch: role?.epoch ?? 0,
      isPrepared: prepared !== undefined,
      tables: prepared?.tables.map((table) => `${table.schema}.${table.name}`) ?? [],
      applied: applied ? { history: applied.history, point: applied.point, stage: applied.stage } : null,
    };
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.#io.engine.close();
  }

  async #stop(): Promise<void> {
    const life = this.#life;
    if (!life) return;
    this.#life = undefined;
    life.stop.abort();
    await life.loop;
    await life.applier?.close();
  }

  async #run(life: RoleLife, isPrepared: boolean): Promise<void> {
    const { clock, settings } = this.#io;
    const pauseMs = Math.max(smallestPauseMs, settings.pauseSeconds * 1000);
    let retryMs = firstRetryMs;
    let isHealthy = isPrepared;
    for (;;) {
      await clock.sleep(isHealthy ? pauseMs : retryMs, life.stop.signal).catch(() => undefined);
      if (life.stop.signal.aborted) return;
      isHealthy = await this.#attempt(life, () => this.#look(life));
      retryMs = isHealthy ? firstRetryMs : Math.min(longestRetryMs, retryMs * 2);
      // A target only answers: once it is ready, nothing is left for its loop.
      if (isHealthy && life.role.role === "target") return;
    }
  }

  /** Runs one piece of the loop's work; what goes wrong becomes the item's health. */
  async #attempt(life: RoleLife, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      if (this.#problem) this.#io.log.info("database-recovered", { database: this.name });
      this.#problem = undefined;
      return true;
    } catch (error) {
      if (!life.stop.signal.aborted) this.#note(error);
      return false;
    }
  }

  #note(error: unknown): void {
    const because = errorMessage(error);
    const health = isTransient(refusalCode(error)) ? "warning" : "fatal";
    if (this.#problem?.because === because) return;
    this.#problem = { health, because };
    this.#io.log[health === "fatal" ? "error" : "warn"]("database-problem", { database: this.name, because });
  }

  async #look(life: RoleLife): Promise<void> {
    const { signal } = life.stop;
    await this.#prepared(signal);
    const { reader, role } = life;
    if (!reader || role.role !== "source") return;
    await this.#mutex.run(async () => {
      // First of all, so that status is right even when the peer does not answer.
      const countedAtMs = await this.#count(signal);
      if (role.continuous) await this.#sendPending(reader, countedAtMs, signal);
    });
  }

  /** Counts what waits; the time returned is one before which everything committed was counted. */
  async #count(signal: AbortSignal): Promise<number> {
    const { clock, engine } = this.#io;
    const nowMs = clock.wallMs();
    this.#source.pending = await engine.countPending(largestCount, signal);
    if (this.#source.pending === 0) this.#source.firstSeenAtMs = 0;
    else if (this.#source.firstSeenAtMs === 0) this.#source.firstSeenAtMs = nowMs;
    return nowMs;
  }

  async #sendPending(reader: JournalReader, countedAtMs: number, signal: AbortSignal): Promise<void> {
    await reader.openSession(signal);
    if (this.#source.pending > 0 || !reader.isTargetComplete) {
      await this.#sendOnce(reader, signal);
      return;
    }
    if (countedAtMs - this.#announcedAtMs >= announceEveryMs) {
      await reader.announceCurrent(countedAtMs, signal);
      this.#announcedAtMs = countedAtMs;
    }
    this.#source.completeUpToMs = Math.max(this.#source.completeUpToMs, countedAtMs);
    this.#source.lastSuccessAtMs = countedAtMs;
  }

  async #sendOnce(
    reader: JournalReader,
    signal: AbortSignal,
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<DrainResult> {
    await reader.openSession(signal, onProgress);
    const startedAtMs = this.#io.clock.wallMs();
    const sent = await reader.sendPoint(signal, onProgress);
    this.#source.changes += sent.changesSent;
    this.#source.bytes += sent.bytesSent;
    this.#source.completeUpToMs = Math.max(this.#source.completeUpToMs, startedAtMs);
    this.#source.lastSuccessAtMs = this.#io.clock.wallMs();
    await this.#count(signal);
    return sent;
  }

  async #asSource<T>(
    signal: AbortSignal,
    work: (reader: JournalReader, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.#ready(signal, (both) => {
      const reader = this.#life?.reader;
      if (!reader) throw new AppError("OPERATION_REFUSED", `database ${this.name} is not a source here`);
      return this.#mutex.run(() => work(reader, both));
    });
  }

  /** Runs an operation's work in the present role, prepared; it ends with the operation or with the role. */
  async #ready<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const life = this.#life;
    if (!life || life.role.role === "idle") {
      throw new AppError("OPERATION_REFUSED", `database ${this.name} has no role here yet`);
    }
    const both = AbortSignal.any([signal, life.stop.signal]);
    await this.#prepared(both);
    return work(both);
  }

  async #prepared(signal: AbortSignal): Promise<void> {
    const life = this.#life;
    if (!life || life.prepared) return;
    await this.#mutex.run(async () => {
      if (life.prepared) return;
      const prepared = await prepare(this.#io, life.role, signal);
      const state = await this.#io.engine.readState(signal);
      this.#target.applied = state.applied;
      if (life.role.role === "source") {
        life.reader = new JournalReader(this.#io, prepared, (copy) => {
          this.#copy = copy;
        });
      } else {
        life.applier = new Applier(this.#io, prepared, this.#target, life.stop.signal);
      }
      life.prepared = prepared;
    });
  }
}

/** Brings the database into the state its role needs. Refusals name every table at once. */
async function prepare(io: SideIo, role: DataRole, signal: AbortSignal): Promise<Prepared> {
  const { engine, settings, log } = io;
  const facts = await engine.probe(signal);
  if (role.role === "target" && facts.cannotApplyBecause !== "") {
    throw new AppError("DATABASE_UNSUPPORTED", facts.cannotApplyBecause);
  }
  const { tables, refusals } = await engine.readCatalogue(signal);
  if (refusals.length > 0) {
    const named = refusals.map(({ table, because }) => `${table} (${because})`).join(", ");
    const hint = "Give each of them what is missing, or exclude it: databases[].excludedTables, as schema.table.";
    throw new AppError("DATABASE_UNSUPPORTED", `database ${settings.name}: cannot synchronise ${named}`, { hint });
  }
  const created = await engine.install(tables, signal);
  const state = await engine.readState(signal);
  if (role.role === "target") await engine.closeGate("standby", role.epoch, signal);
  if (role.role === "source") await prepareSource(io, state, created, signal);
  log.info("database-prepared", { database: settings.name, role: role.role, tables: tables.length });
  return { tables, epoch: role.epoch };
}

async function prepareSource(
  { engine, settings, log }: SideIo,
  state: { readonly mode: string; readonly shippedPoint: number },
  created: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (state.mode === "standby") {
    throw new AppError("OPERATION_REFUSED", `database ${settings.name} is a target that has not been promoted`);
  }
  await engine.becomeSource(signal);
  if (created.length === 0 || state.shippedPoint === 0) return;
  // What was written to these tables while they were not journalled is known to nobody.
  log.warn("database-history-renewed", { database: settings.name, tables: [...created] });
  await engine.startNewHistory(signal);
}

/** What may well be over by itself; everything else needs a person. */
function isTransient(code: string | undefined): boolean {
  const transient = ["DATABASE_UNREACHABLE", "DATABASE_BUSY", "PEER_UNREACHABLE", "DEADLINE_EXCEEDED", "ABORTED"];
  return code !== undefined && [...transient, "OPERATION_REFUSED", "EPOCH_TOO_OLD", "LINK_REFUSED"].includes(code);
}

/** True for errors after which the same call may succeed; for those who retry. */
export function isRetriable(error: unknown): boolean {
  return errorCode(error) !== undefined && isTransient(refusalCode(error));
}

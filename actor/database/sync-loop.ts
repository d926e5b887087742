import { AppError, errorCode } from "../../shared/core/app-error.js";
import type { JsonObject } from "../../shared/core/json.js";
import { Mutex } from "../../shared/mutex.js";
import type { LinkMessage } from "../link/link.js";
import type { DataRole, DrainResult, SyncItemStatus, SyncProgress } from "../sync-part.js";
import { Applier, type TargetView } from "./applier.js";
import { writeBackup } from "./backup-files.js";
import { drainSource } from "./drain-source.js";
import type { TableKeys } from "./engine.js";
import { refusalCode } from "./refusal-code.js";
import { keepGates } from "./gate-keeper.js";
import { ItemHealth } from "./item-health.js";
import { JournalWatch } from "./journal-watch.js";
import { prepareRole } from "./prepare-role.js";
import { Remedy } from "./remedy.js";
import { notReady, notSource } from "./role-errors.js";
import { readLimits, type Prepared, type SideIo } from "./side.js";
import { SourceSide } from "./source-side.js";
import { detailsOf, emptySource, statusOf, type SourceView } from "./sync-status.js";
import { useInstalledTables } from "./use-installed-tables.js";
import { UnseenWrites, type UnseenWritesSides } from "./unseen-writes.js";
import { readingLimitMs, VerificationSchedule } from "./verification-schedule.js";
import type { VerificationReport } from "./verify-database.js";

/** Looking without any pause would only burn the processor. */
const smallestPauseMs = 20;
const firstRetryMs = 500;
const longestRetryMs = 30_000;
/** How often the loop looks whether the schema is still the one that is installed; operations always look. */
const schemaEveryMs = 1_000;
/** The same on a target, whose tables only a person changes. */
const targetSchemaEveryMs = 5_000;
/** How long taking up a role may hold up the caller; it goes on in the background. */
const prepareLimitMs = 15_000;

interface RoleLife {
  readonly role: DataRole;
  readonly stop: AbortController;
  prepared: Prepared | undefined;
  source: SourceSide | undefined;
  applier: Applier | undefined;
  loop: Promise<void>;
  gates: Promise<void>;
  /**
   * Set once this target is to be promoted: from then on it is prepared as a target no more, which would undo that. `failed`:
   * why it had not been prepared before.
   */
  takeover: { readonly failed: AppError | undefined } | undefined;
}

/** One database in whatever role: prepares it, runs the source's loop, and does what the operations ask. */
export class DatabaseItem {
  readonly #io: SideIo;
  readonly #mutex = new Mutex();
  readonly #journal: JournalWatch;
  readonly #schedule: VerificationSchedule;
  readonly #unseen: UnseenWrites;
  #life: RoleLife | undefined;
  #lookedAtSchemaMs = -Infinity;
  readonly #remedy: Remedy;
  readonly #health: ItemHealth;
  readonly #source: SourceView = { ...emptySource };
  readonly #target: TargetView = { changes: 0, bytes: 0, applied: undefined, lastSuccessAtMs: 0, copiedTables: 0 };

  constructor(io: SideIo) {
    this.#io = io;
    this.#journal = new JournalWatch(io);
    this.#remedy = new Remedy(io);
    this.#health = new ItemHealth(io);
    this.#schedule = new VerificationSchedule(io);
    this.#unseen = new UnseenWrites({ ...io, database: io.settings.name });
  }

  get name(): string {
    return this.#io.settings.name;
  }

  /** Stops the former role and takes up this one; what fails is tried again in the background and shown in status. */
  async setRole(role: DataRole): Promise<void> {
    await this.#stop();
    this.#health.forget();
    const life: RoleLife = {
      role,
      stop: new AbortController(),
      prepared: undefined,
      source: undefined,
      applier: undefined,
      loop: Promise.resolve(),
      gates: Promise.resolve(),
      takeover: undefined,
    };
    this.#life = life;
    if (role.role === "idle") return;
    const first = this.#attempt(life, () => this.#prepared(life.stop.signal));
    life.loop = first.then((isDone) => this.#run(life, isDone));
    life.gates = keepGates(this.#io, role.role, () => life.prepared !== undefined, life.stop.signal);
    await Promise.race([first, this.#io.clock.sleep(prepareLimitMs, life.stop.signal).catch(() => undefined)]);
  }

  /** Source: everything that exists now is on the target when it resolves. */
  async synchronise(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult> {
    return this.#asSource(signal, (source, both) => source.sendOnce(both, onProgress));
  }

  /** See drainSource. */
  async drain(signal: AbortSignal, onProgress?: (progress: SyncProgress) => void): Promise<DrainResult> {
    return this.#asSource(signal, (source, both) => {
      const drained = { source, prepared: this.#life?.prepared, schedule: this.#schedule };
      return drainSource(this.#io, drained, both, onProgress);
    });
  }

  /** Source: copies everything, or these tables, once more; it begins with the next point. */
  async reinitialise(tables: readonly string[] | undefined, signal: AbortSignal): Promise<void> {
    await this.#asSource(signal, (source, both) => source.requestCopy(tables, both));
    this.#remedy.noteCopyAsked();
  }

  /** Source: compares all rows of both sides. Points go on between the ranges. */
  async verify(isRepairing: boolean, signal: AbortSignal): Promise<VerificationReport> {
    return this.#ready(signal, (both) => {
      const life = this.#life;
      if (!life?.source) throw notSource(this.name);
      return this.#schedule.verify(this.#verifierOf(life, both), { isRepairing, loadPercent: 100 }, both);
    });
  }

  /** Source, synchronisation turned off: a person says that both sides are the same. */
  async declareSame(isVerified: boolean, signal: AbortSignal): Promise<void> {
    const role = this.#life?.role;
    if (role?.role === "source" && role.continuous) {
      const hint = "Turn it off first: `sparesync off`.";
      throw new AppError("OPERATION_REFUSED", `database ${this.name}: synchronisation is turned on`, { hint });
    }
    await this.#asSource(signal, (source, both) => source.declareSame(isVerified, both));
  }

  /** See SyncPart.compareReturned. */
  compareReturned(signal: AbortSignal): Promise<void> {
    return this.#asSource(signal, (source, both) => source.writeUnshipped(both));
  }

  /** See SyncPart.releaseReplaced. */
  async releaseUnknown(): Promise<void> {
    await this.#life?.applier?.releaseUnknown();
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
    await this.#takeOver(signal, (both) => this.#io.engine.raiseEpoch(epoch, both));
  }

  async promote(epoch: number, signal: AbortSignal): Promise<void> {
    await this.#takeOver(signal, async (both) => {
      const { engine, random, log } = this.#io;
      const applier = this.#life?.applier;
      const turn = (discarded: readonly TableKeys[]): Promise<void> =>
        engine.promote(epoch, random.id(), discarded, both);
      await (applier ? applier.finish(epoch, turn, both) : turn([]));
      this.#target.applied = (await engine.readState(both)).applied;
      log.info("database-promoted", { database: this.name, epoch });
    });
  }

  /** Target: what promote would do, rolled back. */
  async rehearsePromotion(epoch: number, signal: AbortSignal): Promise<void> {
    await this.#ready(signal, (both) => this.#io.engine.rehearsePromotion(epoch, both));
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
    try {
      // The first word of a session: what was found out before may have been changed by a person meanwhile.
      if (kind === "position") {
        await life.applier?.giveUpEarly();
        await this.#seeToSchema(life, life.stop.signal);
      } else if (isBetweenPoints(kind, message)) await this.#refuseWhenAltered(life);
      if (!life.applier) throw notReady(this.name, this.#health.problem?.because);
      const answer = await life.applier.answer(kind, message);
      this.#health.forget();
      return answer;
    } catch (error) {
      // What is wrong with the message is no problem of this database.
      const code = errorCode(error);
      if (code === undefined || code.startsWith("DATABASE_")) this.#health.note(error, this.#remedy.isPeers(error));
      throw error;
    }
  }

  /** See SyncPart.takeTurnOff. */
  takeTurnOff(): string | undefined {
    return this.#remedy.takeTurnOff();
  }

  status(): SyncItemStatus {
    return statusOf({
      name: this.name,
      role: this.#life?.role.role ?? "idle",
      problem: this.#health.problem,
      isCopyNeeded: this.#remedy.isCopyNeeded,
      source: this.#source,
      journal: this.#journal.view,
      verification: this.#schedule.view,
      target: this.#target,
      stagedBatches: this.#life?.applier?.stagedBatches ?? 0,
      tableCount: this.#life?.prepared?.tables.length ?? 0,
    });
  }

  details(): JsonObject {
    return detailsOf({
      engine: this.#io.settings.engine,
      role: this.#life?.role,
      tables: this.#life?.prepared?.tables,
      applied: this.#target.applied,
      copy: this.#source.copy,
      verification: this.#schedule.view,
    });
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
    await Promise.all([life.loop, life.gates]);
    await life.applier?.close();
  }

  async #run(life: RoleLife, isPrepared: boolean): Promise<void> {
    const { clock, settings } = this.#io;
    const pauseMs = Math.max(smallestPauseMs, settings.pauseSeconds * 1000);
    let retryMs = firstRetryMs;
    let isHealthy = isPrepared;
    let verifying: Promise<void> | undefined;
    let looking: Promise<void> | undefined;
    for (;;) {
      await clock.sleep(isHealthy ? pauseMs : retryMs, life.stop.signal).catch(() => undefined);
      if (life.stop.signal.aborted) break;
      isHealthy = await this.#attempt(life, () => this.#look(life));
      retryMs = isHealthy ? firstRetryMs : Math.min(longestRetryMs, retryMs * 2);
      // A target only answers: once it is ready, nothing is left for its loop.
      if (isHealthy && life.role.role === "target") break;
      if (!isHealthy || life.source?.isTargetComplete !== true) continue;
      const { signal } = life.stop;
      if (this.#schedule.isDue()) verifying = this.#schedule.verifyAsScheduled(this.#verifierOf(life, signal), signal);
      if (this.#io.engine.rowCounts && this.#unseen.isDue()) looking = this.#lookForUnseenWrites(life, signal);
    }
    await Promise.all([verifying, looking]);
  }

  #lookForUnseenWrites(life: RoleLife, signal: AbortSignal): Promise<void> {
    const sides: UnseenWritesSides = {
      count: (tables) => this.#mutex.run(async () => life.source?.countRows(tables, signal)),
      verify: (tables) => this.#schedule.verifyTables(this.#verifierOf(life, signal), tables, signal),
    };
    return this.#unseen.look(sides, signal);
  }

  #verifierOf(life: RoleLife, signal: AbortSignal): Parameters<VerificationSchedule["verify"]>[0] {
    return {
      tables: life.prepared?.tables ?? [],
      readingLimitMs,
      send: (checks) =>
        this.#mutex.run(async () => {
          if (!life.source) throw notSource(this.name);
          return life.source.send(signal, checks);
        }),
    };
  }

  /** Runs one piece of the loop's work; what goes wrong becomes the item's health. */
  async #attempt(life: RoleLife, work: () => Promise<unknown>): Promise<boolean> {
    const isSending = life.role.role === "source" && life.role.continuous;
    try {
      await work();
      this.#health.noteSuccess();
      // What does not send says nothing about sending.
      if (isSending) this.#remedy.noteSuccess(life.source?.isTargetComplete === true);
      return true;
    } catch (error) {
      if (life.stop.signal.aborted) return false;
      this.#health.note(error, isSending && this.#remedy.isAtHand(error));
      const requestCopy = async (): Promise<void> => life.source?.requestCopy(undefined, life.stop.signal);
      if (isSending)
        await this.#remedy.apply(error, requestCopy).catch((failed: unknown) => {
          this.#health.note(failed);
        });
      return false;
    }
  }

  async #look(life: RoleLife): Promise<void> {
    const { signal } = life.stop;
    const { role } = life;
    await this.#prepared(signal);
    if (life.takeover?.failed) throw life.takeover.failed;
    if (role.role !== "source") return;
    const nowMs = this.#io.clock.monotonicMs();
    const isSchemaDue = nowMs - this.#lookedAtSchemaMs >= schemaEveryMs;
    await this.#mutex.run(async () => {
      // First of all, so that status is right even when the peer does not answer.
      await life.source?.countWhenDue(signal);
      if (isSchemaDue) {
        await this.#seeToSchemaIn(life, signal);
        this.#lookedAtSchemaMs = nowMs;
      }
      const { source } = life;
      if (!source) throw notReady(this.name, undefined);
      const work = role.continuous ? source.sendPending(signal) : source.journalOnly(signal);
      await work.catch((error: unknown) => this.#explain(life, error, signal));
    });
  }

  async #asSource<T>(signal: AbortSignal, work: (source: SourceSide, signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#ready(signal, async (both) => {
      const life = this.#life;
      if (life?.role.role !== "source") throw notSource(this.name);
      return this.#mutex.run(async () => {
        await this.#seeToSchemaIn(life, both);
        if (!life.source) throw notReady(this.name, this.#health.problem?.because);
        return work(life.source, both).catch((error: unknown) => this.#explain(life, error, both));
      });
    });
  }

  /** What failed may have failed because the schema is another one: then that is what must be said. */
  async #explain(life: RoleLife, error: unknown, signal: AbortSignal): Promise<never> {
    if (["DATABASE_FAILED", "DATABASE_VALUE_REFUSED"].includes(refusalCode(error) ?? ""))
      await this.#seeToSchemaIn(life, signal);
    throw error;
  }

  /** As #ready, for what follows a claim: tables that are others than those installed are no reason not to serve the rest. */
  async #takeOver<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const life = this.#life;
    if (life?.role.role === "target") {
      const both = AbortSignal.any([signal, life.stop.signal]);
      await this.#mutex.run(async () => {
        if (life.takeover) return;
        const failed = await this.#prepareIn(life, both).then(
          () => undefined,
          (error: unknown) => useInstalledTables(this.#io, error, both),
        );
        life.takeover = { failed };
      });
    }
    return this.#ready(signal, work);
  }

  /** Runs an operation's work in the present role, prepared; it ends with the operation or with the role. */
  async #ready<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const life = this.#life;
    if (!life || life.role.role === "idle") {
      throw new AppError("OPERATION_REFUSED", `database ${this.name} has no role here yet`);
    }
    const both = AbortSignal.any([signal, life.stop.signal]);
    await this.#prepared(both);
    return life.applier ? life.applier.withoutEarly(() => work(both)) : work(both);
  }

  async #prepared(signal: AbortSignal): Promise<void> {
    const life = this.#life;
    if (!life || life.prepared || life.takeover) return;
    await this.#mutex.run(() => this.#prepareIn(life, signal));
  }

  async #seeToSchema(life: RoleLife, signal: AbortSignal): Promise<void> {
    await this.#mutex.run(() => this.#seeToSchemaIn(life, signal));
  }

  /** What was done to a target's tables by hand is looked for where no point is open; the source then asks for its position anew. */
  async #refuseWhenAltered(life: RoleLife): Promise<void> {
    const nowMs = this.#io.clock.monotonicMs();
    const known = life.prepared?.fingerprint;
    if (known === undefined || nowMs - this.#lookedAtSchemaMs < targetSchemaEveryMs) return;
    this.#lookedAtSchemaMs = nowMs;
    await life.applier?.giveUpEarly();
    if (known === (await this.#io.engine.readFingerprint(life.stop.signal))) return;
    throw new AppError("OPERATION_REFUSED", `database ${this.name}: its tables have been changed on the target`);
  }

  /** Takes up the role anew when the schema is another one than when it was prepared. */
  async #seeToSchemaIn(life: RoleLife, signal: AbortSignal): Promise<void> {
    if (life.takeover) return;
    const known = life.prepared?.fingerprint;
    if (known !== undefined && known === (await this.#io.engine.readFingerprint(signal))) return;
    life.prepared = undefined;
    life.source = undefined;
    await life.applier?.close();
    life.applier = undefined;
    await this.#prepareIn(life, signal);
  }

  async #prepareIn(life: RoleLife, signal: AbortSignal): Promise<void> {
    if (life.prepared || life.takeover) return;
    const prepared = await prepareRole(this.#io, life.role, signal);
    const state = await this.#io.engine.readState(signal);
    this.#target.applied = state.applied;
    this.#schedule.begin(state.verifiedAtMs);
    this.#journal.forget();
    if (life.role.role === "source") {
      life.source = new SourceSide(this.#io, prepared, this.#journal, this.#source);
    } else life.applier = new Applier(this.#io, prepared, this.#target, life.stop.signal);
    life.prepared = prepared;
  }
}

/** Then the target's connection is not in the middle of a point that still arrives. */
function isBetweenPoints(kind: string, { fields }: LinkMessage): boolean {
  return kind === "current" || (kind === "apply" && fields["seq"] === 0);
}

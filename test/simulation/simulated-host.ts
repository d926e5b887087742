import { idlePorts } from "./idle-ports.js";
import { AppError } from "../../shared/core/app-error.js";
import { otherServer, type ServerName } from "../../shared/core/server-name.js";
import type { OperationKind } from "../../shared/core/status.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { Actor, AlertOutcome, FailoverAlert } from "../../actor/actor-api.js";
import { createActor } from "../../actor/actor.js";
import type { Link, LinkHandlers, LinkMessage } from "../../actor/link/link.js";
import type { ManagedSystemPort, ProbeResult } from "../../actor/managed-system/managed-system-port.js";
import type { DecisionRecord } from "../../actor/core/decision-record.js";
import { rememberEvents } from "../support/remember-events.js";
import type { ActorPorts } from "../../actor/ports.js";
import type { KeptDocument } from "./kept-document.js";
import { announceDecisions } from "./announced-decisions.js";
import { createSimulatedData, newRows } from "./simulated-data.js";
import { SimulatedGuard } from "./simulated-guard.js";
import { createSimulatedLog } from "./simulated-log.js";
import { createSimulatedNameServerPort } from "./simulated-name-server-port.js";
import { exchange } from "./simulated-network.js";
import { plantedFields, plantedHandlers } from "./planted-handlers.js";
import { SimulatedProcess } from "./simulated-process.js";
import { createSimulatedVantages } from "./simulated-vantages.js";
import { createSimulatedWitnessPort } from "./simulated-witness.js";
import type { World } from "./world.js";

/** What a scenario breaks and mends by name. */
export const breakables = [
  "stop",
  "hooks before",
  "hooks after",
  "hooks hang",
  "backup",
  "closing",
  "raising",
  "test page",
  "copy",
  "reading back",
] as const;
export type Breakable = (typeof breakables)[number];

/**
 * One server: its disk, its application and the incarnations of its actor. Ports belong to one incarnation: after a
 * kill they never settle, while frozen they are held.
 */
export class SimulatedHost {
  readonly data = newRows();
  readonly peer: ServerName;
  document: unknown = undefined;
  isAppRunning = false;
  /** A part of the application that cannot serve alone. */
  isPartRunning = false;
  isPoweredOn = false;
  isFrozen = false;
  /** Faults that a scenario switches on and off. */
  isDiskFailing = false;
  isStartBroken = false;
  isPromotionBroken = false;
  readonly broken = new Set<Breakable>();
  extraStartMs = 0;
  /** The command that starts the application runs; the application may answer before it ends. */
  isStartUnderWay = false;
  extraRoleMs = 0;
  /** The scenario has killed the application, and nothing has started it since. */
  isAppKilled = false;
  /** Until when nobody can be expected to stop the application: its actor is dead, or has only just come back. */
  unguardedUntilMs = -Infinity;
  incarnation = 0;
  #startsAsked = 0;
  /** How long the machine was suspended so far: the monotonic clock does not count it. */
  #suspendedMs = 0;
  #suspendedAtMs: number | undefined;
  wallOffsetMs = 0;
  driftRatio = 1;
  version = "simulated";
  timeZone = "UTC";
  /** Another name than the world's: what a wrong settings file says. */
  claimedName: ServerName | undefined;
  addressSeen: string | undefined;
  /** Fatal for synchronisation as long as it is not empty. */
  dataProblem = "";
  actor: Actor | undefined;
  /** The actor's process alone is frozen (SIGSTOP). */
  isActorFrozen = false;
  readonly #guard = new SimulatedGuard(this);
  handlers: LinkHandlers = {};
  clock!: ClockPort;
  link!: Link;
  /** Counts the effects of this server, so that a test can kill it at each of them. */
  effects = 0;
  killAtEffect: { readonly number: number; readonly when: "before" | "after" } | undefined;
  readonly log: string[] = [];
  readonly decided: DecisionRecord[] = [];
  readonly #decisions = announceDecisions(this.decided, () => this.world.onDecided?.(this.name));
  /** What the history's file holds: it outlives the actor. */
  readonly #events = rememberEvents([]);
  readonly #held: (() => void)[] = [];

  constructor(
    readonly name: ServerName,
    readonly world: World,
  ) {
    this.peer = otherServer(name);
  }

  wallMs(): number {
    return this.world.epochMs + this.world.time.nowMs + this.wallOffsetMs;
  }

  /** Whether the application accepts writes now: what an outside observer would see. */
  isServing(): boolean {
    return this.isPoweredOn && this.isAppRunning && !this.isFrozen;
  }

  async powerOn(): Promise<void> {
    if (this.isPoweredOn) return;
    this.isPoweredOn = true;
    this.#appStops();
    if (this.world.hasGuard) this.startGuard();
    await this.startActor();
  }

  killApp(): void {
    this.isAppKilled ||= this.isAppRunning;
    this.#appStops();
  }

  /** The actor's process dies, the application lives on; only the guard can stop it. */
  killActorAlone(): void {
    if (!this.isGuarded) this.unguardedUntilMs = Infinity;
    this.killActor();
  }

  get isGuarded(): boolean {
    return this.#guard.isRunning;
  }

  startGuard(): void {
    if (!this.isPoweredOn || this.isGuarded) return;
    this.#guard.start(
      (isRunning) =>
        this.#process(
          () => this.isPoweredOn && isRunning(),
          () => this.isFrozen,
        ),
      (guard) => ({
        clock: guard.clock(this),
        log: createSimulatedLog(this),
        nameServer: createSimulatedNameServerPort(this, guard),
      }),
    );
  }

  /** Somebody has stopped the application. */
  stopApp(): void {
    this.#appStops();
  }

  killGuard(): void {
    this.#guard.kill();
    if (this.actor === undefined || this.isActorFrozen) this.unguardedUntilMs = Infinity;
  }

  freezeActor(): void {
    if (!this.isGuarded) this.unguardedUntilMs = Infinity;
    this.isActorFrozen = true;
  }

  thawActor(): void {
    this.isActorFrozen = false;
    this.#noteActorBack();
    this.#release();
  }

  /** It needs a moment to look, ask and stop. */
  #noteActorBack(): void {
    if (this.unguardedUntilMs === Infinity)
      this.unguardedUntilMs = this.world.time.nowMs + (this.world.stopSeconds + 10) * 1000;
  }

  /** The actor comes back beside an application that may still run; it needs a moment to look, ask and stop. */
  async reviveActor(): Promise<void> {
    if (!this.isPoweredOn || this.actor !== undefined) return;
    this.#noteActorBack();
    await this.startActor();
  }

  /** A webhook comes here; undefined when nobody takes it. An incident is to be accepted once, however often it comes. */
  async takeAlert(alert: FailoverAlert): Promise<AlertOutcome | undefined> {
    const taken = this.world.forgetsAlerts ? { ...alert, fingerprint: this.world.random.id() } : alert;
    const outcome = await this.actor?.takeAlert(taken).catch(() => undefined);
    if (outcome === "accepted") this.world.noteAlertAccepted(this.name, alert);
    return outcome;
  }

  /** An operator asks here; the answer is not waited for. */
  async request(kind: OperationKind): Promise<void> {
    const request = { kind, requestedBy: "operator", reason: "simulation", isDryRun: false };
    await this.actor?.requestOperation(request).catch(() => undefined);
  }

  #appStops(): void {
    this.#startsAsked += 1;
    this.isAppRunning = false;
    this.isPartRunning = false;
  }

  /** The machine is gone at once: actor, application, everything that was not on disk. */
  powerOff(): void {
    this.isPoweredOn = false;
    this.#appStops();
    this.isFrozen = false;
    this.#resumeClock();
    this.isActorFrozen = false;
    this.#held.length = 0;
    this.killGuard();
    this.#guard.forget();
    this.killActor();
    this.unguardedUntilMs = -Infinity;
  }

  killActor(): void {
    const { operation } = (this.document ?? {}) as KeptDocument;
    this.world.coverage.noteKill(operation?.steps.filter(({ runsOn }) => runsOn === this.name) ?? []);
    this.incarnation += 1;
    this.isActorFrozen = false;
    this.isStartUnderWay = false;
    this.actor = undefined;
    this.handlers = {};
  }

  async startActor(): Promise<void> {
    this.incarnation += 1;
    const mine = this.incarnation;
    const isAlive = (): boolean => this.isPoweredOn && this.incarnation === mine;
    const process = this.#process(isAlive);
    this.clock = process.clock(this);
    this.link = this.#link(process);
    const ports = this.#ports(process, isAlive);
    const actor = await createActor(ports, this.world.settings(this.claimedName ?? this.name));
    if (!isAlive()) return;
    this.actor = actor;
    this.handlers = { ...actor.linkHandlers, ...plantedHandlers(this) };
    await actor.start();
  }

  freeze(): void {
    this.isFrozen = true;
  }

  /** Like a freeze, but the monotonic clock stands still too. */
  suspend(): void {
    this.#suspendedAtMs ??= this.world.time.nowMs;
    this.freeze();
  }

  #resumeClock(): void {
    if (this.#suspendedAtMs === undefined) return;
    this.#suspendedMs += this.world.time.nowMs - this.#suspendedAtMs;
    this.#suspendedAtMs = undefined;
  }

  thaw(): void {
    this.isFrozen = false;
    this.#resumeClock();
    this.#release();
  }

  #release(): void {
    for (const run of this.#held.splice(0)) run();
  }

  /** Something this server only looks at; takes time, changes nothing, is no place to be killed at. */
  look<Result>(durationMs: number, see: () => Result): Promise<Result> {
    const mine = this.incarnation;
    const process = this.#process(() => this.isPoweredOn && this.incarnation === mine);
    return new Promise((resolve) => {
      process.schedule(durationMs / 2, () => {
        const seen = see();
        if (durationMs > 10)
          process.schedule(durationMs / 2, () => {
            resolve(seen);
          });
        else resolve(seen);
      });
    });
  }

  /** Something this server does: takes time, happens half-way through it, and may be where the server is killed. */
  effect<Result>(durationMs: number, act: () => Result): Promise<Result> {
    this.effects += 1;
    return this.#take(durationMs, act, this.effects);
  }

  /** An effect that a command of its own carries out: it goes on when the actor alone is frozen. */
  #command<Result>(durationMs: number, act: () => Result): Promise<Result> {
    this.effects += 1;
    return this.#take(durationMs, act, this.effects, () => this.isFrozen);
  }

  #take<Result>(durationMs: number, act: () => Result, number: number, isHeld?: () => boolean): Promise<Result> {
    const mine = this.incarnation;
    const isAlive = (): boolean => this.isPoweredOn && this.incarnation === mine;
    const process = this.#process(isAlive);
    return new Promise((resolve, reject) => {
      this.#process(isAlive, isHeld).schedule(durationMs / 2, () => {
        const isKilledHere = this.killAtEffect?.number === number;
        if (isKilledHere && this.killAtEffect?.when === "before") {
          this.world.killAndRestart(this);
          return;
        }
        let result: Result;
        try {
          result = act();
        } catch (error) {
          process.deliver(() => {
            reject(error instanceof Error ? error : new Error("not an error was thrown"));
          });
          return;
        }
        if (isKilledHere) {
          this.world.killAndRestart(this);
          return;
        }
        process.schedule(durationMs / 2, () => {
          resolve(result);
        });
      });
    });
  }

  #process(isAlive: () => boolean, isHeld = () => this.isFrozen || this.isActorFrozen): SimulatedProcess {
    return new SimulatedProcess(this.world.time, { isAlive, isHeld }, this.#held);
  }

  monotonicMs(): number {
    return (this.world.time.nowMs - this.#suspendedMs) * this.driftRatio;
  }

  #link(process: SimulatedProcess): Link {
    const { world, name, peer } = this;
    return {
      ask: (kind, { fields }, { limitSeconds, signal }) => {
        const route = { from: name, to: peer };
        return exchange<LinkMessage>(world.network, route, process, limitSeconds * 1000, signal, (reply) => {
          world.lateMessages.deliver(kind, () => {
            world.host(peer).receive(kind, fields, reply);
          });
        });
      },
    };
  }

  /** A message arrives at this server's actor; nobody answers when there is none. */
  receive(kind: string, fields: JsonObject, reply: (answer: LinkMessage | Error) => void): void {
    const mine = this.incarnation;
    this.#process(() => this.isPoweredOn && this.incarnation === mine).deliver(() => {
      const handler = this.handlers[kind];
      if (!handler || (this.world.isBlackHole && kind !== "ownership/confirm")) return;
      handler({ fields: plantedFields(this.world, fields) }).then(
        (answer) => {
          reply({ ...answer, fields: plantedFields(this.world, answer.fields) });
        },
        (error: unknown) => {
          reply(new AppError("PEER_REFUSED", error instanceof Error ? error.message : "refused", { cause: error }));
        },
      );
    });
  }

  #ports(process: SimulatedProcess, isAlive: () => boolean): ActorPorts {
    const { world } = this;
    return {
      clock: this.clock,
      random: { id: () => world.random.id() },
      log: createSimulatedLog(this),
      disk: {
        read: () => Promise.resolve(this.#readDocument()),
        write: (document) =>
          this.effect(4, () => {
            // A write that is reported as failed may have reached the disk or not.
            if (!this.isDiskFailing || world.random.chance(0.5)) this.document = structuredClone(document);
            if (this.isDiskFailing) throw new AppError("FILE_NO_SPACE", "the disk is full");
            world.invariants.noteKept(this.name, document);
          }),
      },
      guardFiles: this.#guard.files,
      decisions: this.#decisions,
      hooks: {
        run: ({ when }) =>
          this.effect(this.broken.has("hooks hang") ? 1e9 : 30, () => {
            const hasSucceeded = !this.broken.has(`hooks ${when}`);
            return { hasSucceeded, ending: `exited with ${hasSucceeded ? 0 : 1}` };
          }),
      },
      history: this.#events,
      ...idlePorts(),
      link: this.link,
      nameServer: createSimulatedNameServerPort(this, process),
      managedSystem: this.#managedSystem(),
      parts: [createSimulatedData(this, isAlive)],
      vantages: createSimulatedVantages(this),
      witness: createSimulatedWitnessPort(this, process),
      areExternalResourcesAvailable: () => this.look(2, () => !world.network.isCut(this.name, "outside")),
      build: { version: this.version, settingsHash: "simulated", timeZone: this.timeZone },
    };
  }

  #managedSystem(): ManagedSystemPort {
    const { world, name } = this;
    const probe = (available: boolean): ProbeResult => ({
      available,
      because: available ? "200" : "no answer",
      durationMs: 1,
    });
    return {
      start: (signal) => this.#startApp(signal),
      stop: async () => {
        await this.#command(world.random.between(100, world.stopSeconds * 1000), () => {
          if (!this.broken.has("stop")) this.#appStops();
        });
      },
      isServing: () =>
        this.look(2, () => ({
          serving: this.isAppRunning || this.isPartRunning,
          isWhole: this.isAppRunning,
          because: this.isAppRunning ? "runs" : "stopped",
        })),
      probeLocal: () => this.look(2, () => probe(this.isAppRunning && !this.broken.has("test page"))),
      probePublic: (server) =>
        this.look(world.random.between(5, 200), () => {
          const isCut = world.network.isCut(name, server) || world.network.isCut(server, name);
          const isDown = world.isBlackHole || world.host(server).broken.has("test page");
          return probe(world.host(server).isServing() && !isCut && !isDown);
        }),
    };
  }

  #readDocument(): unknown {
    const document = structuredClone(this.document) as KeptDocument | undefined;
    this.world.invariants.noteRead(this.name, document);
    if (this.world.forgetsOperations && document) document.operation = null;
    if (this.world.trustsNotes && document?.operation?.part === "claimant") document.operation.isPeerStopped = true;
    return document;
  }

  /** An aborted start command is killed at once, but what it has set going goes on until somebody stops it. */
  async #startApp(signal: AbortSignal): Promise<void> {
    const { world } = this;
    this.#startsAsked += 1;
    const mine = this.#startsAsked;
    const incarnation = this.incarnation;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => {
        reject(new AppError("ABORTED", "start cancelled"));
      });
    });
    aborted.catch(() => undefined);
    const started = this.#command(world.random.between(100, 1500) + this.extraStartMs * 2, () => {
      if (this.isStartBroken) throw new AppError("MANAGED_SYSTEM_FAILED", "the application does not start");
      if (mine !== this.#startsAsked || incarnation !== this.incarnation) return;
      this.isAppRunning = true;
      this.isAppKilled = false;
    });
    started.catch(() => undefined);
    this.isStartUnderWay = true;
    await Promise.race([started, aborted]).finally(() => (this.isStartUnderWay = false));
  }
}

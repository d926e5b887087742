import { settingsSchema, type Settings } from "../../shared/core/settings/settings.js";
import { serverNames, type ServerName } from "../../shared/core/server-name.js";
import type { JsonObject } from "../../shared/core/json.js";
import { emptyFacts } from "../../actor/core/kept-facts.js";
import type { OwnershipRecord } from "../../actor/core/ownership-record.js";
import type { FailoverAlert } from "../../actor/actor-api.js";
import { CoverageOfRun } from "./coverage.js";
import { DocumentedException } from "./documented-exception.js";
import { Invariants } from "./invariants.js";
import { LateMessages } from "./late-messages.js";
import { SeededRandom } from "./seeded-random.js";
import { SimulatedHost } from "./simulated-host.js";
import { SimulatedNameServer } from "./simulated-name-server.js";
import { SimulatedNetwork } from "./simulated-network.js";
import { SimulatedWitness } from "./simulated-witness.js";
import { VirtualTime } from "./virtual-time.js";

/** Two servers, an update server and a client that writes through the name, in virtual time. */
export class World {
  readonly time = new VirtualTime();
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly nameServer: SimulatedNameServer;
  readonly epochMs = Date.UTC(2026, 0, 1);
  stopSeconds = 5;
  readonly violations: string[] = [];
  readonly coverage = new CoverageOfRun();
  readonly invariants = new Invariants(this);
  readonly lateMessages: LateMessages;
  /** Called when a server has decided to fail over and has not acted on it yet. */
  onDecided: ((server: ServerName) => void) | undefined;
  #onLogged: ((server: ServerName, event: string, fields: JsonObject) => void)[] = [];
  /** Seconds in which both applications accepted writes, apart from those after a thaw of a whole machine. */
  dualActiveSeconds = 0;
  /** Overlap that the protocol does not exclude: the moment in which a thawed machine has not looked at its clock yet. */
  thawOverlapSeconds = 0;
  /** Overlap while a serving server's actor was dead or frozen and no guard lived beside it. */
  assumptionOverlapSeconds = 0;
  /** A pair whose update server stands beside the spare: only an assumption excludes two that serve. */
  isAssumption = false;
  /** Whether a witness stands at a third place. */
  hasWitness = false;
  readonly witness = new SimulatedWitness(this.time);
  readonly documentedException = new DocumentedException(this);
  failovers = 0;
  switchovers = 0;
  acknowledged = 0;
  lostInFailover = 0;
  readonly #hosts: Readonly<Record<ServerName, SimulatedHost>>;
  /** Each with whether a former owner took it on that had just woken, and that nobody could have stopped yet. */
  readonly #acknowledgedRows = new Map<number, { readonly isOfFormerOwner: boolean }>();
  #nextRow = 1;
  #seenAtMs = 0;
  #wasDual = false;
  #thawedAtMs = -Infinity;

  /** Settings of both servers that a test wants otherwise. */
  pairSettings: Partial<Pick<Settings, "configurationErrorClearsItself" | "serviceIntervals">> = {};
  failoverSettings: Partial<Settings["failover"]> = {};

  /** Ownership settings of one server that do not fit those of the other. */
  readonly plantedSettings: Record<ServerName, Partial<Settings["ownership"]>> = { primary: {}, secondary: {} };

  /** Whether a guard runs beside each actor, as it should. */
  hasGuard = true;

  /** Planted bug: no server tells the other one by what it fences. */
  hidesFence = false;
  /** Planted bug: this server grants confirmations whatever it has decided. */
  alwaysGrants: ServerName | undefined;
  /** Planted bug: this server claims without the witness. */
  ignoresWitness: ServerName | undefined;
  /** Planted bug: an actor that starts has forgotten the operation it was in. */
  forgetsOperations = false;
  /** Planted bug: a resumed takeover believes its notes, that the other server has stopped, without looking. */
  trustsNotes = false;

  /** Planted bug: an alert that comes again is taken for another one. */
  forgetsAlerts = false;
  /** When the incident began of which a scenario tells. */
  incidentAtMs: number | undefined;
  readonly #alertsAccepted = new Set<string>();

  /** Only the smallest messages pass the link, and the spare's probe does not reach the primary: a black hole on the way. */
  isBlackHole = false;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.network = new SimulatedNetwork(this.time, this.random);
    this.nameServer = new SimulatedNameServer(this.time);
    this.lateMessages = new LateMessages(this.time, this.random);
    this.#hosts = { primary: new SimulatedHost("primary", this), secondary: new SimulatedHost("secondary", this) };
    // As the command first-record leaves it.
    const record = { ...this.nameServer.record };
    this.host("primary").document = { ...emptyFacts("simulated", "primary"), record, readyRecordIds: ["first"] };
  }

  /** Before the start: as a switchover to the secondary has left the pair. */
  beginSwitched(): void {
    const record: OwnershipRecord = { epoch: 2, active: "secondary", operationId: "second" };
    this.nameServer.record = record;
    this.nameServer.address = "secondary";
    for (const name of serverNames)
      this.host(name).document = { ...emptyFacts("simulated", name), record, readyRecordIds: ["second"] };
    Object.assign(this.host("secondary").data, { isPromoted: true, epoch: 2, promotedEpoch: 2 });
  }

  host(name: ServerName): SimulatedHost {
    return this.#hosts[name];
  }

  settings(server: ServerName): Settings {
    const somewhere = { host: "127.0.0.1", port: 1 };
    return settingsSchema.parse({
      pair: "simulated",
      server,
      ...this.pairSettings,
      link: { listen: somewhere, peer: somewhere, heartbeatSeconds: 2, inactiveAfterSeconds: 6 },
      admin: { listen: somewhere },
      exporter: { listen: somewhere },
      ownership: {
        selfFenceSeconds: 20,
        stopSeconds: this.stopSeconds,
        marginSeconds: 6,
        confirmSeconds: 4,
        updateServerSite: this.isAssumption ? "secondary" : "elsewhere",
        guard: this.hasGuard,
        ...this.plantedSettings[server],
      },
      ...(this.hasWitness ? { witness: { endpoints: ["http://witness"], ttlSeconds: 12 } } : {}),
      dns: {
        updateServer: somewhere,
        zone: "example.",
        name: "shop.example.",
        addresses: { primary: ["192.0.2.1"], secondary: ["192.0.2.2"] },
        tsig: { keyName: "key." },
      },
      failover: {
        // Shorter than the fence: that alone must never let the spare start before the active server has stopped.
        allowedUnavailabilitySeconds: 6,
        probeSeconds: 2,
        acceptAssumption: true,
        acceptSingleVantage: true,
        maximumRecoveryPointSeconds: 3600,
        blockSeconds: 0,
        ...this.failoverSettings,
      },
      hooks: [
        { name: "prepare", when: "before", command: ["p"] },
        { name: "tidy", when: "after", command: ["t"] },
      ],
      externalResources: { required: 1, recoverySeconds: 4, resources: [{ name: "outside", address: somewhere }] },
      managedSystem: {
        controls: [{ kind: "command", name: "app", start: ["a"], stop: ["b"], status: ["c"] }],
        testPage: {},
        localAddress: somewhere,
        publicAddresses: { primary: somewhere, secondary: somewhere },
      },
    });
  }

  async start(): Promise<void> {
    if (this.isAssumption) this.network.joinSites("secondary", "update-server");
    for (const name of serverNames) await this.host(name).powerOn();
    this.#write();
  }

  /** Runs until a moment of virtual time; true when `isOver` holds before. */
  async runUntil(seconds: number, isOver: () => boolean = () => false): Promise<boolean> {
    while (await this.time.runNext(seconds * 1000)) {
      this.#observe();
      if (isOver()) return true;
    }
    this.#observe();
    return isOver();
  }

  /** The machine dies now and comes back after a while. */
  killAndRestart(host: SimulatedHost, downMs = 3000): void {
    host.powerOff();
    this.time.schedule(downMs, () => void host.powerOn());
  }

  thaw(host: SimulatedHost): void {
    this.#observe();
    this.#thawedAtMs = this.time.nowMs;
    host.thaw();
    this.#observe();
  }

  servingHosts(): ServerName[] {
    return serverNames.filter((name) => this.host(name).isServing());
  }

  noteEvent(server: ServerName, event: string, fields: JsonObject): void {
    this.coverage.noteEvent(event, fields);
    this.invariants.noteEvent(server, event, fields);
    for (const listener of this.#onLogged) listener(server, event, fields);
    if (event === "operation-done" && fields["kind"] === "failover") this.failovers += 1;
    const isSwitch = typeof fields["kind"] === "string" && fields["kind"].startsWith("switch-");
    if (event === "operation-done" && isSwitch && server === "primary") this.switchovers += 1;
    if (event === "step-bug") this.violations.push(`bug in a step on the ${server}: ${JSON.stringify(fields)}`);
    if (event === "loop-failed" && fields["code"] === "bug") {
      this.violations.push(`bug in a loop on the ${server}: ${JSON.stringify(fields)}`);
    }
  }

  /** Runs once, when a step of the server's operation has begun. */
  onceStepStarted(server: ServerName, step: string, run: () => void): void {
    const listener = (at: ServerName, event: string, fields: JsonObject): void => {
      if (at !== server || event !== "step-started" || fields["step"] !== step) return;
      this.#onLogged = this.#onLogged.filter((other) => other !== listener);
      run();
    };
    this.#onLogged = [...this.#onLogged, listener];
  }

  noteAlertAccepted(server: ServerName, { fingerprint, startsAt }: FailoverAlert): void {
    const incident = `${fingerprint} ${startsAt} at the ${server}`;
    if (this.#alertsAccepted.has(incident)) this.violations.push(`the alert ${incident} was accepted twice`);
    this.#alertsAccepted.add(incident);
  }

  /** The state directory of a server is lost, and with it what it had accepted. */
  loseState(server: ServerName): void {
    this.host(server).document = undefined;
    for (const incident of this.#alertsAccepted) {
      if (incident.endsWith(` at the ${server}`)) this.#alertsAccepted.delete(incident);
    }
  }

  /** A target becomes the source: after a planned switch it must hold every row the client was told is kept. */
  notePromotion(server: ServerName, epoch: number): void {
    const operation = this.host(server).actor?.operations()[0];
    const isPlanned = operation?.kind.startsWith("switch-") !== false;
    const { rows } = this.host(server).data;
    for (const [row] of this.#acknowledgedRows) {
      if (rows.has(row)) continue;
      if (isPlanned) this.violations.push(`row ${row} was lost in a planned switch to the ${server}, epoch ${epoch}`);
      this.#acknowledgedRows.delete(row);
      this.lostInFailover += 1;
    }
  }

  noteDiverged(server: ServerName, row: number, rows: Set<number>): void {
    const acknowledged = this.#acknowledgedRows.get(row);
    // What it took on while the spare was taking over already: the documented exceptions have their price.
    if (acknowledged && (this.isAssumption || acknowledged.isOfFormerOwner)) this.lostInFailover += 1;
    else if (acknowledged) this.violations.push(`an acknowledged row ${row} would be removed from the ${server}`);
    rows.delete(row);
  }

  /** The client writes through the name twice a second; a row counts when the application has committed it. */
  #write(): void {
    const target = this.nameServer.address;
    const host = this.host(target);
    if (host.isServing() && !host.data.isGateClosed) {
      const row = this.#nextRow++;
      host.data.rows.add(row);
      const isOfFormerOwner = this.#isAfterThaw() && this.nameServer.record?.active !== target;
      this.#acknowledgedRows.set(row, { isOfFormerOwner });
      this.acknowledged += 1;
    }
    this.time.schedule(500, () => {
      this.#write();
    });
  }

  /** The application runs before anybody can have looked at a clock: bounded by the stop. */
  #isAfterThaw(): boolean {
    return this.time.nowMs - this.#thawedAtMs <= (this.stopSeconds + 5) * 1000;
  }

  #observe(): void {
    const { nowMs } = this.time;
    if (this.#wasDual) {
      const seconds = (nowMs - this.#seenAtMs) / 1000;
      const isUnguarded = serverNames.some((name) => this.host(name).unguardedUntilMs >= this.#seenAtMs);
      if (this.documentedException.isNow) this.documentedException.seconds += seconds;
      else if (isUnguarded) this.assumptionOverlapSeconds += seconds;
      else if (this.#isAfterThaw()) this.thawOverlapSeconds += seconds;
      else this.dualActiveSeconds += seconds;
    }
    this.invariants.observe();
    this.#seenAtMs = nowMs;
    const isDual = this.servingHosts().length > 1;
    this.documentedException.observe(isDual, this.#wasDual);
    this.#wasDual = isDual;
  }
}

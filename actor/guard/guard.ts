import { errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import { withDeadline } from "../../shared/deadline.js";
import { fenceInForce } from "../core/fence-terms.js";
import { Renewals, type Lease } from "../core/lease.js";
import { decideServing } from "../core/ownership.js";
import { isSameRecord, type OwnershipRecord } from "../core/ownership-record.js";
import { advanceOwnershipTime, type ClocksSeen } from "../core/ownership-time.js";
import type { NameServerPort } from "../dns/name-server-port.js";
import type { ManagedSystemPort } from "../managed-system/managed-system-port.js";
import type { GuardFilesPort } from "./guard-files-port.js";
import { guardLookSeconds, guardPatienceSeconds } from "./guard-times.js";

export interface GuardPorts {
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly log: LoggerPort;
  readonly files: GuardFilesPort;
  readonly nameServer: Pick<NameServerPort, "readRecord">;
  readonly managedSystem: Pick<ManagedSystemPort, "stop" | "isServing">;
  areExternalResourcesAvailable(signal: AbortSignal): Promise<boolean>;
}

/**
 * The fence that does not die with the actor (docs/ownership.md 7). While the actor renews its lease the guard only
 * watches. When it does not, the guard confirms the ownership itself, by the same rules, and stops the managed system
 * as soon as it may not serve. It never starts anything. Resolves when the signal aborts.
 */
export async function runGuard(ports: GuardPorts, settings: Settings, signal: AbortSignal): Promise<void> {
  const guard = new Guard(ports, settings, signal);
  let lastFailure = "";
  while (!signal.aborted) {
    try {
      await guard.look();
      lastFailure = "";
    } catch (error) {
      const message = errorMessage(error);
      if (message !== lastFailure) ports.log.error("guard-look-failed", { because: message });
      lastFailure = message;
    }
    await ports.clock.sleep(guardLookSeconds(settings) * 1000, signal).catch(() => undefined);
  }
}

class Guard {
  readonly #renewals = new Renewals();
  #startedAtSeconds: number | undefined;
  #clocks: ClocksSeen | undefined;
  #lease: Lease | undefined;
  #read: OwnershipRecord | undefined;
  /** Ownership seconds of the question that last confirmed this server, by whichever program. */
  #confirmedAtSeconds = -Infinity;
  /** When the actor last saw this record in the witness's key; the guard itself does not ask there. */
  #witnessHeldAtSeconds = -Infinity;
  #askedAtSeconds = -Infinity;
  #isAsking = false;
  /** The first answer of the update server is waited for: until then nothing is known that could be held against a start. */
  #isFirstAnswerOver = false;
  #areExternalResourcesAvailable = false;
  #mustStopSinceSeconds: number | undefined;
  #isGuarding = false;
  #stopsTotal = 0;

  constructor(
    private readonly ports: GuardPorts,
    private readonly settings: Settings,
    private readonly signal: AbortSignal,
  ) {}

  async look(): Promise<void> {
    const nowSeconds = this.#nowSeconds();
    await this.#lookAtLease(nowSeconds);
    this.#startedAtSeconds ??= nowSeconds;
    const silentSeconds = Math.min(this.#renewals.ageSeconds(nowSeconds), nowSeconds - this.#startedAtSeconds);
    const isActorAway = silentSeconds > guardPatienceSeconds(this.settings);
    this.#note(isActorAway);
    if (isActorAway) this.#askIfDue(nowSeconds);
    await this.#fenceIfNeeded(nowSeconds);
    await this.ports.files.writeReport({ renewal: this.ports.random.id(), stopsTotal: this.#stopsTotal });
  }

  #nowSeconds(): number {
    const { clock } = this.ports;
    this.#clocks = advanceOwnershipTime(this.#clocks, clock.monotonicMs(), clock.wallMs());
    return (this.#clocks.monotonicMs + this.#clocks.pausedMs) / 1000;
  }

  async #lookAtLease(nowSeconds: number): Promise<void> {
    const lease = await this.ports.files.readLease().catch((error: unknown) => {
      this.ports.log.warn("lease-unreadable", { because: errorMessage(error) });
      return this.#lease;
    });
    const notBeforeSeconds = this.#renewals.look(lease?.renewal, nowSeconds);
    this.#lease = lease;
    if (notBeforeSeconds === undefined || !lease) return;
    this.#isFirstAnswerOver = true;
    // The guard itself looks only while the actor is away.
    this.#areExternalResourcesAvailable = lease.areExternalResourcesAvailable;
    // A confirmation counts only for the record it was given for.
    if (this.#isOtherRecord(lease.record)) return;
    const momentOf = (age: number | null): number => (age === null ? -Infinity : notBeforeSeconds - age);
    this.#confirmedAtSeconds = Math.max(this.#confirmedAtSeconds, momentOf(lease.confirmedAgeSeconds));
    // Another record begins anew: the actor says null until it has seen that one in the key.
    this.#witnessHeldAtSeconds = momentOf(lease.witnessHeldAgeSeconds);
  }

  #isOtherRecord(record: OwnershipRecord | null): boolean {
    const newest = this.#newestRecord();
    return !record || !newest || !isSameRecord(record, newest);
  }

  #newestRecord(): OwnershipRecord | null {
    const leased = this.#lease?.record ?? null;
    const read = this.#read ?? null;
    return leased && (!read || leased.epoch >= read.epoch) ? leased : read;
  }

  #note(isActorAway: boolean): void {
    if (isActorAway === this.#isGuarding) return;
    this.#isGuarding = isActorAway;
    if (isActorAway) this.ports.log.warn("guarding", { because: "the actor does not renew its lease" });
    else this.ports.log.info("guarding-over", { because: "the actor renews its lease" });
  }

  #askIfDue(nowSeconds: number): void {
    if (this.#isAsking || nowSeconds - this.#askedAtSeconds < this.settings.ownership.confirmSeconds) return;
    this.#askedAtSeconds = nowSeconds;
    this.#isAsking = true;
    void this.#ask(nowSeconds).finally(() => {
      this.#isAsking = false;
      this.#isFirstAnswerOver = true;
    });
  }

  async #ask(askedAtSeconds: number): Promise<void> {
    const { clock, nameServer, log } = this.ports;
    const limit = { limitSeconds: this.settings.dns.limitSeconds, signal: this.signal };
    try {
      const [read, areAvailable] = await Promise.all([
        withDeadline(clock, { what: "reading the ownership record", ...limit }, (limited) =>
          nameServer.readRecord(limited),
        ),
        withDeadline(clock, { what: "looking at external resources", ...limit }, (limited) =>
          this.ports.areExternalResourcesAvailable(limited),
        ).catch(() => false),
      ]);
      this.#areExternalResourcesAvailable = areAvailable;
      if (read && read.epoch > (this.#newestRecord()?.epoch ?? -1)) {
        this.#read = read;
        log.info("ownership-record-learned", { epoch: read.epoch, active: read.active });
      }
      if (read && !this.#isOtherRecord(read))
        this.#confirmedAtSeconds = Math.max(this.#confirmedAtSeconds, askedAtSeconds);
    } catch (error) {
      log.warn("guard-cannot-confirm", { because: errorMessage(error) });
    }
  }

  async #fenceIfNeeded(nowSeconds: number): Promise<void> {
    const { settings, ports, signal } = this;
    const fence = fenceInForce(settings, this.#lease?.agreedFence ?? null);
    const decision = decideServing(
      {
        server: settings.server,
        record: this.#newestRecord(),
        confirmedAgeSeconds: nowSeconds - this.#confirmedAtSeconds,
        peerPromise: this.#lease?.peerPromise ?? { sequence: 0, kind: null },
        updateServerSite: fence.updateServerSite,
        areExternalResourcesAvailable: this.#areExternalResourcesAvailable,
        witnessHeldAgeSeconds: settings.witness ? nowSeconds - this.#witnessHeldAtSeconds : undefined,
      },
      fence,
    );
    if (decision.kind === "may-serve" || !this.#isFirstAnswerOver) {
      this.#mustStopSinceSeconds = undefined;
      return;
    }
    this.#mustStopSinceSeconds ??= nowSeconds;
    // An actor that fences is given its time; one that is away has had it.
    const isPatient = nowSeconds - this.#mustStopSinceSeconds < guardPatienceSeconds(settings);
    if (!this.#isGuarding && isPatient) return;
    const limitSeconds = settings.ownership.stopSeconds;
    const what = "looking at the managed system";
    const seen = await withDeadline(ports.clock, { what, limitSeconds, signal }, (limited) =>
      ports.managedSystem.isServing(limited),
    ).catch((error: unknown) => ({ serving: true, because: `unknown: ${errorMessage(error)}` }));
    if (!seen.serving) return;
    this.#stopsTotal += 1;
    ports.log.error("guard-stops-managed-system", { because: decision.because, seen: seen.because });
    await withDeadline(
      ports.clock,
      { what: "stopping the managed system", limitSeconds: limitSeconds * 2, signal },
      (limited) => ports.managedSystem.stop(limited),
    );
    ports.log.info("guard-stopped-managed-system", {});
  }
}

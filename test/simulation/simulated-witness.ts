import { AppError } from "../../shared/core/app-error.js";
import type { WitnessHolder } from "../../actor/core/witness-rules.js";
import { decodeOwnershipRecord } from "../../actor/core/ownership-record.js";
import type { WitnessEntry, WitnessPort } from "../../actor/witness/witness-port.js";
import type { SimulatedHost } from "./simulated-host.js";
import { exchange, type Asker } from "./simulated-network.js";
import type { VirtualTime } from "./virtual-time.js";

/** One key at a third place, as etcd keeps it: changed by compare-and-swap, gone with its lease. */
export class SimulatedWitness {
  #holder: WitnessHolder | undefined;
  #changes = 0;
  /** How long an answer takes, besides its way. */
  slowMs = 0;
  readonly #endsAtMs = new Map<string, number>();

  constructor(private readonly time: VirtualTime) {}

  get holder(): WitnessHolder | undefined {
    const { leaseId } = this.#holder ?? { leaseId: "" };
    if (leaseId !== "" && !this.isAlive(leaseId)) this.#holder = undefined;
    return this.#holder;
  }

  isAlive(leaseId: string): boolean {
    return (this.#endsAtMs.get(leaseId) ?? -Infinity) > this.time.nowMs;
  }

  write({ text, leaseId }: WitnessEntry, over: WitnessHolder | undefined): boolean {
    if (this.holder?.revision !== over?.revision || (leaseId !== "" && !this.isAlive(leaseId))) return false;
    this.#holder = { record: decodeOwnershipRecord(text), revision: String(++this.#changes), leaseId };
    return true;
  }

  remove({ revision }: WitnessHolder): boolean {
    if (this.holder?.revision !== revision) return false;
    this.#holder = undefined;
    return true;
  }

  grant(ttlSeconds: number): string {
    const leaseId = `lease${++this.#changes}`;
    this.#endsAtMs.set(leaseId, this.time.nowMs + ttlSeconds * 1000);
    return leaseId;
  }

  keepAlive(leaseId: string, ttlSeconds: number): boolean {
    if (!this.isAlive(leaseId)) return false;
    this.#endsAtMs.set(leaseId, this.time.nowMs + ttlSeconds * 1000);
    return true;
  }

  loseLeases(): void {
    this.#endsAtMs.clear();
  }

  revoke(leaseId: string): void {
    this.#endsAtMs.delete(leaseId);
  }
}

/** The witness as the actor of a server sees it, over the network. */
export function createSimulatedWitnessPort(host: SimulatedHost, process: Asker): WitnessPort | undefined {
  const { world, name } = host;
  if (!world.hasWitness || world.ignoresWitness === name) return undefined;
  const { witness } = world;
  const ttlSeconds = world.settings(name).witness?.ttlSeconds ?? 0;
  const ask = async <Answer>(signal: AbortSignal, work: () => Answer): Promise<Answer> => {
    try {
      return await exchange<Answer>(world.network, { from: name, to: "witness" }, process, 3000, signal, (reply) => {
        const answer = work();
        world.time.schedule(witness.slowMs, () => {
          reply(answer);
        });
      });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new AppError("WITNESS_UNREACHABLE", "the witness does not answer");
    }
  };
  return {
    read: (signal) => ask(signal, () => witness.holder),
    write: (entry, over, signal) => ask(signal, () => witness.write(entry, over)),
    remove: (holder, signal) => ask(signal, () => witness.remove(holder)),
    grantLease: (signal) => ask(signal, () => witness.grant(ttlSeconds)),
    keepLeaseAlive: (leaseId, signal) => ask(signal, () => witness.keepAlive(leaseId, ttlSeconds)),
    revokeLease: (leaseId, signal) =>
      ask(signal, () => {
        witness.revoke(leaseId);
      }),
  };
}

import type { WitnessPort } from "../../actor/witness/witness-port.js";
import type { WitnessHolder } from "../../actor/core/witness-rules.js";
import { decodeOwnershipRecord } from "../../actor/core/ownership-record.js";

/** A witness in memory that is always true to its contract. */
export class KeyInMemory implements WitnessPort {
  holder: WitnessHolder | undefined;
  readonly leases = new Set<string>();
  isReachable = true;
  #changes = 0;

  read(): Promise<WitnessHolder | undefined> {
    return this.#answer(() => this.holder);
  }

  write(entry: { text: string; leaseId: string }, over: WitnessHolder | undefined): Promise<boolean> {
    return this.#answer(() => {
      if (this.holder?.revision !== over?.revision) return false;
      this.put(entry.text, entry.leaseId);
      return true;
    });
  }

  remove(holder: WitnessHolder): Promise<boolean> {
    return this.#answer(() => {
      if (this.holder?.revision !== holder.revision) return false;
      this.holder = undefined;
      return true;
    });
  }

  grantLease(): Promise<string> {
    return this.#answer(() => {
      const id = `lease-${++this.#changes}`;
      this.leases.add(id);
      return id;
    });
  }

  keepLeaseAlive(leaseId: string): Promise<boolean> {
    return this.#answer(() => this.leases.has(leaseId));
  }

  revokeLease(leaseId: string): Promise<void> {
    return this.#answer(() => {
      this.end(leaseId);
    });
  }

  /** What somebody writes. */
  put(text: string, leaseId = ""): void {
    this.holder = { record: decodeOwnershipRecord(text), revision: String(++this.#changes), leaseId };
  }

  /** The time of a lease is over. */
  end(leaseId: string): void {
    this.leases.delete(leaseId);
    if (this.holder?.leaseId === leaseId) this.holder = undefined;
  }

  #answer<Answer>(act: () => Answer): Promise<Answer> {
    return this.isReachable ? Promise.resolve(act()) : Promise.reject(new Error("no answer"));
  }
}

import type { GuardReport, Lease } from "../core/lease.js";

/** The two small files through which actor and guard know of each other. Each is replaced whole; neither is durable. */
export interface GuardFilesPort {
  /** The actor's last lease; undefined: there is none. Rejects when it cannot be read or understood. */
  readLease(): Promise<Lease | undefined>;
  writeLease(lease: Lease): Promise<void>;
  /** The guard's last report; undefined: there is none. Rejects when it cannot be read or understood. */
  readReport(): Promise<GuardReport | undefined>;
  writeReport(report: GuardReport): Promise<void>;
}

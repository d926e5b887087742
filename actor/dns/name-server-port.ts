import type { ServerName } from "../../shared/core/server-name.js";
import type { NameRecords } from "../core/dns-records.js";
import type { OwnershipRecord } from "../core/ownership-record.js";
import type { NameServerTestLine } from "./test-update.js";

/** Outcome of an update sent to the update server. `unclear`: it may come true now or, on a frozen server, later. */
export type UpdateOutcome =
  | { readonly kind: "done" }
  /** A prerequisite was violated (NXRRSET, YXRRSET …): certainly not applied. */
  | { readonly kind: "lost"; readonly because: string }
  /** No or no authentic answer. The update may be applied until `validUntilWallMs` (TSIG time signed + fudge). */
  | { readonly kind: "unclear"; readonly because: string; readonly validUntilWallMs: number };

/**
 * The update server, as the ownership rules see it. No method retries. All reads go to the update server itself.
 * `claim` and `publish` reject only when the update was certainly not applied (AppError DNS_UNREACHABLE, ABORTED: nothing
 * was sent; DNS_REFUSED: authentically turned away, with a hint). An update that was aborted on its way is `unclear`.
 */
export interface NameServerPort {
  /** The record as the update server answers it now; undefined: it answers that there is none. Rejects: no answer. */
  readRecord(signal?: AbortSignal): Promise<OwnershipRecord | undefined>;
  /** Compare-and-swap of the TXT alone (docs/ownership.md 1): prerequisite = `previous` (undefined: does not exist). */
  claim(previous: OwnershipRecord | undefined, next: OwnershipRecord, signal?: AbortSignal): Promise<UpdateOutcome>;
  /** Sets the name's A/AAAA to those of `own.active`; prerequisite = the TXT `own`. */
  publish(own: OwnershipRecord, signal?: AbortSignal): Promise<UpdateOutcome>;
  /** The addresses (A and AAAA, sorted) each authoritative server answers now; `error` where one does not answer. */
  readAddresses(signal?: AbortSignal): Promise<readonly AuthoritativeAnswer[]>;
  /** What the other names that move are to hold while a server is active; what publish writes too. */
  moreNamesOf(server: ServerName): readonly NameRecords[];
  /** The serial of the zone at the update server now. Rejects: no answer. */
  readSerial(signal?: AbortSignal): Promise<number>;
  /** Adds a test name, reads it back and deletes it again; never touches another name. Never rejects. */
  testUpdate(signal?: AbortSignal): Promise<readonly NameServerTestLine[]>;
  /** The addresses that settings give for a server, sorted; what publish writes. */
  addressesOf(server: ServerName): readonly string[];
}

export interface AuthoritativeAnswer {
  readonly server: string;
  readonly addresses: readonly string[];
  readonly record?: OwnershipRecord;
  /** The other names that move, where there are any. */
  readonly names?: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** Serial of the zone there; absent where it does not say. */
  readonly serial?: number;
  readonly error?: string;
}

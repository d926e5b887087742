import type { OwnershipRecord } from "../core/ownership-record.js";

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
  /** The addresses that settings give for a server, sorted; what publish writes. */
  addressesOf(server: "primary" | "secondary"): readonly string[];
}

export interface AuthoritativeAnswer {
  readonly server: string;
  readonly addresses: readonly string[];
  readonly record?: OwnershipRecord;
  readonly error?: string;
}

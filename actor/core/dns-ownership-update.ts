import { dnsType } from "./dns-codes.js";
import { addressRecord, encodeTxt } from "./dns-rdata.js";
import type { Change, Prerequisite, Update } from "./dns-update.js";
import { encodeOwnershipRecord, type OwnershipRecord } from "./ownership-record.js";

/** The ownership record is read only at the update server; nobody shall keep it. */
const recordTtlSeconds = 0;

/** Where the ownership record of a name stands. */
export function ownershipRecordName(name: string): string {
  return `_sparesync.${name}`;
}

/** The claim: the TXT alone, from exactly `previous` to `next` (OWNERSHIP 1; RFC 2136 sections 2.4.2 and 2.4.3). */
export function planClaim(
  where: { readonly zone: string; readonly name: string },
  previous: OwnershipRecord | undefined,
  next: OwnershipRecord,
): Update {
  const name = ownershipRecordName(where.name);
  const prerequisites: readonly Prerequisite[] =
    previous === undefined
      ? [
          { kind: "rrset-absent", name, type: dnsType.TXT },
          // Beside an alias the new TXT would be dropped in silence and NOERROR answered (section 3.4.2.2).
          { kind: "rrset-absent", name, type: dnsType.CNAME },
        ]
      : [{ kind: "rrset-equals", name, type: dnsType.TXT, data: recordData(previous) }];
  return {
    zone: where.zone,
    prerequisites,
    changes: [
      { kind: "delete-rrset", name, type: dnsType.TXT },
      { kind: "add", name, type: dnsType.TXT, ttl: recordTtlSeconds, data: recordData(next) },
    ],
  };
}

/** The publication: the name's A and AAAA become exactly `addresses`, provided that the record is still `own`. */
export function planPublish(
  where: { readonly zone: string; readonly name: string; readonly ttlSeconds: number },
  own: OwnershipRecord,
  addresses: readonly string[],
): Update {
  const { zone, name, ttlSeconds } = where;
  return {
    zone,
    prerequisites: [
      // The only prerequisite that YXRRSET can speak of. Without it the addresses would be dropped in silence.
      { kind: "rrset-absent", name, type: dnsType.CNAME },
      { kind: "rrset-equals", name: ownershipRecordName(name), type: dnsType.TXT, data: recordData(own) },
    ],
    changes: [
      { kind: "delete-rrset", name, type: dnsType.A },
      { kind: "delete-rrset", name, type: dnsType.AAAA },
      ...addresses.map((address): Change => {
        const { type, data } = addressRecord(name, address, ttlSeconds);
        return { kind: "add", name, type, ttl: ttlSeconds, data };
      }),
    ],
  };
}

function recordData(record: OwnershipRecord): Buffer {
  return encodeTxt([encodeOwnershipRecord(record)]);
}

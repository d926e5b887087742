import { dnsType } from "./dns-codes.js";
import { encodeName } from "./dns-name.js";
import { addressRecord, encodeTxt } from "./dns-rdata.js";
import type { NameRecords } from "./dns-records.js";
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

/**
 * The publication, all names or none: A and AAAA of the name become exactly `addresses`, those of the other names what
 * is given for them, provided that the record is still `own`.
 */
export function planPublish(
  where: { readonly zone: string; readonly name: string; readonly ttlSeconds: number },
  own: OwnershipRecord,
  addresses: readonly string[],
  more: readonly NameRecords[] = [],
): Update {
  const { zone, name, ttlSeconds } = where;
  const main: NameRecords = { name, kind: "addresses", values: addresses, ttlSeconds };
  return {
    zone,
    prerequisites: [
      // The only prerequisites that YXRRSET can speak of. Without them what is added would be dropped in silence.
      ...[main, ...more].flatMap(prerequisitesOf),
      { kind: "rrset-equals", name: ownershipRecordName(name), type: dnsType.TXT, data: recordData(own) },
    ],
    changes: [main, ...more].flatMap(changesOf),
  };
}

/** RFC 2136 section 3.4.2.2: an alias and addresses exclude each other, and what is added beside the other is ignored. */
function prerequisitesOf({ name, kind }: NameRecords): readonly Prerequisite[] {
  const excluded = kind === "addresses" ? [dnsType.CNAME] : [dnsType.A, dnsType.AAAA];
  return excluded.map((type) => ({ kind: "rrset-absent", name, type }));
}

function changesOf({ name, kind, values, ttlSeconds: ttl }: NameRecords): readonly Change[] {
  if (kind === "alias") {
    const added = values.map((target): Change => ({
      kind: "add",
      name,
      type: dnsType.CNAME,
      ttl,
      data: encodeName(target),
    }));
    return [{ kind: "delete-rrset", name, type: dnsType.CNAME }, ...added];
  }
  return [
    { kind: "delete-rrset", name, type: dnsType.A },
    { kind: "delete-rrset", name, type: dnsType.AAAA },
    ...values.map((address): Change => {
      const { type, data } = addressRecord(name, address, ttl);
      return { kind: "add", name, type, ttl, data };
    }),
  ];
}

function recordData(record: OwnershipRecord): Buffer {
  return encodeTxt([encodeOwnershipRecord(record)]);
}

import { dnsClass, dnsRcode, dnsType } from "../../actor/core/dns-codes.js";
import type { DnsQuestion, DnsRecord } from "../../actor/core/dns-message.js";
import { canonicalName, dnsInvalid, encodeName, isWithin } from "../../actor/core/dns-name.js";
import { decodeSoa, encodeSoa } from "../../actor/core/dns-rdata.js";
import { PacketReader } from "../../actor/core/dns-reader.js";

export interface RecordSet {
  readonly ttl: number;
  readonly data: readonly Buffer[];
}

/** A zone in memory: canonical name → type → record set. Never changed; an update makes a new one, whole or not at all. */
export interface Zone {
  readonly name: string;
  readonly names: ReadonlyMap<string, ReadonlyMap<number, RecordSet>>;
}

export interface LookupResult {
  readonly rcode: number;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
}

/** A zone of these records. SOA and NS are made up where they are missing. Throws DNS_INVALID for a foreign name. */
export function createZone(zoneName: string, records: readonly DnsRecord[]): Zone {
  const name = canonicalName(zoneName);
  let zone: Zone = { name, names: new Map() };
  const server = `ns.${name}`;
  const soa = encodeSoa({
    primaryServer: server,
    mailbox: `hostmaster.${name}`,
    serial: 1,
    refreshSeconds: 3600,
    retrySeconds: 600,
    expireSeconds: 86400,
    minimumSeconds: 1,
  });
  zone = withSet(zone, name, dnsType.SOA, { ttl: 1, data: [soa] });
  zone = withSet(zone, name, dnsType.NS, { ttl: 60, data: [encodeName(server)] });
  for (const record of records) {
    if (!isWithin(record.name, name)) throw dnsInvalid(`${record.name} does not lie in the zone ${name}`);
    const before = recordSet(zone, record.name, record.type)?.data ?? [];
    const data = record.type === dnsType.SOA ? [record.data] : [...before, record.data];
    zone = withSet(zone, record.name, record.type, { ttl: record.ttl, data });
  }
  return zone;
}

export function recordSet(zone: Zone, name: string, type: number): RecordSet | undefined {
  return zone.names.get(canonicalName(name))?.get(type);
}

/** The zone with this record set instead of what was there; without it when it is undefined or empty. */
export function withSet(zone: Zone, name: string, type: number, set: RecordSet | undefined): Zone {
  const key = canonicalName(name);
  const names = new Map(zone.names);
  const sets = new Map(names.get(key));
  if (set === undefined || set.data.length === 0) sets.delete(type);
  else sets.set(type, set);
  if (sets.size === 0) names.delete(key);
  else names.set(key, sets);
  return { name: zone.name, names };
}

export function serialOf(zone: Zone): number {
  return soaOf(zone).serial;
}

function soaOf(zone: Zone): ReturnType<typeof decodeSoa> {
  const data = recordSet(zone, zone.name, dnsType.SOA)?.data[0];
  if (data === undefined) throw dnsInvalid(`the zone ${zone.name} has no SOA`);
  return decodeSoa(data);
}

/** The zone with the next serial (RFC 1982; 0 is left out, RFC 2136 section 4.2). */
export function withNextSerial(zone: Zone): Zone {
  const set = recordSet(zone, zone.name, dnsType.SOA);
  const soa = soaOf(zone);
  const serial = soa.serial >= 0xffffffff ? 1 : soa.serial + 1;
  return withSet(zone, zone.name, dnsType.SOA, { ttl: set?.ttl ?? 1, data: [encodeSoa({ ...soa, serial })] });
}

/** Answers a question from the zone (RFC 1034 section 4.3.2, without delegations and wildcards). */
export function lookUp(zone: Zone, question: DnsQuestion): LookupResult {
  if (question.class !== dnsClass.internet || !isWithin(question.name, zone.name)) {
    return { rcode: dnsRcode.REFUSED, answers: [], authorities: [] };
  }
  const answers: DnsRecord[] = [];
  let name = question.name;
  // An alias may lead to an alias; a loop of them ends here (its records were answered, that is all there is).
  for (let hops = 0; hops < 8; hops += 1) {
    const found = recordsAt(zone, name, question.type);
    if (found.length > 0) return { rcode: dnsRcode.NOERROR, answers: [...answers, ...found], authorities: [] };
    const alias = recordsAt(zone, name, dnsType.CNAME)[0];
    if (alias === undefined) {
      const rcode = isNameInZone(zone, name) ? dnsRcode.NOERROR : dnsRcode.NXDOMAIN;
      // RFC 2308 section 3: the SOA says how long this negative answer may be kept.
      return { rcode, answers, authorities: recordsAt(zone, zone.name, dnsType.SOA) };
    }
    answers.push(alias);
    name = new PacketReader(alias.data).uncompressedName();
    if (!isWithin(name, zone.name)) break;
  }
  return { rcode: dnsRcode.NOERROR, answers, authorities: [] };
}

function recordsAt(zone: Zone, name: string, type: number): readonly DnsRecord[] {
  const sets = zone.names.get(canonicalName(name));
  if (sets === undefined) return [];
  const types = type === dnsType.ANY ? [...sets.keys()] : [type];
  return types.flatMap((one) => {
    const set = sets.get(one);
    return (set?.data ?? []).map((data) => ({ name, type: one, class: dnsClass.internet, ttl: set?.ttl ?? 0, data }));
  });
}

/** A name exists also when only something below it does (RFC 8020). */
function isNameInZone(zone: Zone, name: string): boolean {
  return [...zone.names.keys()].some((known) => isWithin(known, name));
}

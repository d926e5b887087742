import { dnsRcode, dnsType } from "../../actor/core/dns-codes.js";
import { canonicalName, isWithin } from "../../actor/core/dns-name.js";
import { decodeSoa } from "../../actor/core/dns-rdata.js";
import type { Change, Prerequisite, Update } from "../../actor/core/dns-update.js";
import { recordSet, withNextSerial, withSet, type Zone } from "./zone.js";

export interface UpdateResult {
  readonly rcode: number;
  /** The zone afterwards: the very same object when nothing was changed. */
  readonly zone: Zone;
}

/** Performs an update, whole or not at all (RFC 2136 section 3). */
export function updateZone(zone: Zone, update: Update): UpdateResult {
  if (canonicalName(update.zone) !== zone.name) return { rcode: dnsRcode.NOTAUTH, zone };
  const rcode = checkPrerequisites(zone, update.prerequisites);
  if (rcode !== dnsRcode.NOERROR) return { rcode, zone };
  // Section 3.4.1: everything is looked at before anything is changed.
  if (!update.changes.every((change) => isWithin(change.name, zone.name))) return { rcode: dnsRcode.NOTZONE, zone };
  return { rcode, zone: applyChanges(zone, update.changes) };
}

/** Changes without prerequisites: for replaying a journal, whose prerequisites held when it was written. */
export function applyChanges(zone: Zone, changes: readonly Change[]): Zone {
  const changed = changes.reduce(applyChange, zone);
  if (changed === zone) return zone;
  const isSerialSet = recordSet(changed, zone.name, dnsType.SOA) !== recordSet(zone, zone.name, dnsType.SOA);
  return isSerialSet ? changed : withNextSerial(changed);
}

/** Section 3.2.5. Value-dependent ones are compared as whole sets, after the others. */
function checkPrerequisites(zone: Zone, prerequisites: readonly Prerequisite[]): number {
  const wanted = new Map<string, { name: string; type: number; data: Buffer[] }>();
  for (const one of prerequisites) {
    if (!isWithin(one.name, zone.name)) return dnsRcode.NOTZONE;
    if (one.kind === "rrset-equals") {
      const key = `${canonicalName(one.name)} ${String(one.type)}`;
      const set = wanted.get(key) ?? { name: one.name, type: one.type, data: [] };
      set.data.push(one.data);
      wanted.set(key, set);
      continue;
    }
    const rcode = checkExistence(zone, one);
    if (rcode !== dnsRcode.NOERROR) return rcode;
  }
  for (const { name, type, data } of wanted.values()) {
    if (!isSameData(recordSet(zone, name, type)?.data ?? [], data)) return dnsRcode.NXRRSET;
  }
  return dnsRcode.NOERROR;
}

function checkExistence(zone: Zone, one: Exclude<Prerequisite, { kind: "rrset-equals" }>): number {
  const isNameUsed = zone.names.has(canonicalName(one.name));
  switch (one.kind) {
    case "name-in-use":
      return isNameUsed ? dnsRcode.NOERROR : dnsRcode.NXDOMAIN;
    case "name-unused":
      return isNameUsed ? dnsRcode.YXDOMAIN : dnsRcode.NOERROR;
    case "rrset-exists":
      return recordSet(zone, one.name, one.type) === undefined ? dnsRcode.NXRRSET : dnsRcode.NOERROR;
    case "rrset-absent":
      return recordSet(zone, one.name, one.type) === undefined ? dnsRcode.NOERROR : dnsRcode.YXRRSET;
  }
}

function isSameData(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  const sorted = (data: readonly Buffer[]): readonly string[] =>
    [...new Set(data.map((one) => one.toString("hex")))].sort();
  return sorted(a).join() === sorted(b).join();
}

/** Section 3.4.2. What may not be done is left out in silence, as the section demands. */
function applyChange(zone: Zone, change: Change): Zone {
  const isApex = canonicalName(change.name) === zone.name;
  switch (change.kind) {
    case "add":
      return addRecord(zone, change);
    case "delete-rrset":
      return isApex && isApexType(change.type) ? zone : deleteSet(zone, change.name, change.type);
    case "delete-name": {
      const types = [...(zone.names.get(canonicalName(change.name))?.keys() ?? [])];
      return types
        .filter((type) => !(isApex && isApexType(type)))
        .reduce((rest, type) => deleteSet(rest, change.name, type), zone);
    }
    case "delete-record":
      return deleteRecord(zone, change, isApex);
  }
}

function isApexType(type: number): boolean {
  return type === dnsType.SOA || type === dnsType.NS;
}

function deleteSet(zone: Zone, name: string, type: number): Zone {
  return recordSet(zone, name, type) === undefined ? zone : withSet(zone, name, type, undefined);
}

function addRecord(zone: Zone, change: Extract<Change, { kind: "add" }>): Zone {
  const { name, type, ttl, data } = change;
  const types = [...(zone.names.get(canonicalName(name))?.keys() ?? [])];
  const before = recordSet(zone, name, type);
  if (type === dnsType.SOA) return addSoa(zone, change);
  if (type === dnsType.CNAME) {
    // An alias stands alone, and there is only one.
    return types.some((other) => other !== dnsType.CNAME) ? zone : withSet(zone, name, type, { ttl, data: [data] });
  }
  if (types.includes(dnsType.CNAME)) return zone;
  const rest = (before?.data ?? []).filter((one) => !one.equals(data));
  const isKnown = before !== undefined && rest.length < before.data.length && before.ttl === ttl;
  return isKnown ? zone : withSet(zone, name, type, { ttl, data: [...rest, data] });
}

/** Only a greater serial replaces the SOA (RFC 1982 section 3.2). */
function addSoa(zone: Zone, change: Extract<Change, { kind: "add" }>): Zone {
  const before = recordSet(zone, change.name, dnsType.SOA)?.data[0];
  if (before === undefined) return zone;
  const ahead = (decodeSoa(change.data).serial - decodeSoa(before).serial) >>> 0;
  if (ahead === 0 || ahead >= 0x80000000) return zone;
  return withSet(zone, change.name, dnsType.SOA, { ttl: change.ttl, data: [change.data] });
}

function deleteRecord(zone: Zone, change: Extract<Change, { kind: "delete-record" }>, isApex: boolean): Zone {
  const before = recordSet(zone, change.name, change.type);
  if (before === undefined || change.type === dnsType.SOA) return zone;
  const rest = before.data.filter((one) => !one.equals(change.data));
  if (rest.length === before.data.length) return zone;
  if (isApex && change.type === dnsType.NS && rest.length === 0) return zone;
  return withSet(zone, change.name, change.type, { ttl: before.ttl, data: rest });
}

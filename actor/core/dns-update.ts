import { dnsClass, dnsOpcode, dnsType } from "./dns-codes.js";
import { type DnsMessage, type DnsQuestion, type DnsRecord, encodeMessage } from "./dns-message.js";
import { dnsInvalid } from "./dns-name.js";

/** A condition of an update (RFC 2136 section 2.4). */
export type Prerequisite =
  | { readonly kind: "rrset-exists"; readonly name: string; readonly type: number }
  /** One record of a record set that must be exactly the records given for it (section 2.4.2). */
  | { readonly kind: "rrset-equals"; readonly name: string; readonly type: number; readonly data: Buffer }
  | { readonly kind: "rrset-absent"; readonly name: string; readonly type: number }
  | { readonly kind: "name-in-use"; readonly name: string }
  | { readonly kind: "name-unused"; readonly name: string };

/** A change of an update (RFC 2136 section 2.5). They are done in order, all or none. */
export type Change =
  | { readonly kind: "add"; readonly name: string; readonly type: number; readonly ttl: number; readonly data: Buffer }
  | { readonly kind: "delete-rrset"; readonly name: string; readonly type: number }
  | { readonly kind: "delete-name"; readonly name: string }
  | { readonly kind: "delete-record"; readonly name: string; readonly type: number; readonly data: Buffer };

export interface Update {
  readonly zone: string;
  readonly prerequisites: readonly Prerequisite[];
  readonly changes: readonly Change[];
}

const nothing = Buffer.alloc(0);

/** The packet of an update, not yet signed (RFC 2136 section 2). */
export function encodeUpdate(id: number, update: Update): Buffer {
  return encodeMessage({
    id,
    isAnswer: false,
    opcode: dnsOpcode.update,
    isAuthoritative: false,
    isTruncated: false,
    recursionDesired: false,
    rcode: 0,
    questions: [{ name: update.zone, type: dnsType.SOA, class: dnsClass.internet }],
    answers: update.prerequisites.map(encodePrerequisite),
    authorities: update.changes.map(encodeChange),
    additionals: [],
  });
}

function encodePrerequisite(one: Prerequisite): DnsRecord {
  switch (one.kind) {
    case "rrset-exists":
      return { name: one.name, type: one.type, class: dnsClass.any, ttl: 0, data: nothing };
    case "rrset-equals":
      return { name: one.name, type: one.type, class: dnsClass.internet, ttl: 0, data: one.data };
    case "rrset-absent":
      return { name: one.name, type: one.type, class: dnsClass.none, ttl: 0, data: nothing };
    case "name-in-use":
      return { name: one.name, type: dnsType.ANY, class: dnsClass.any, ttl: 0, data: nothing };
    case "name-unused":
      return { name: one.name, type: dnsType.ANY, class: dnsClass.none, ttl: 0, data: nothing };
  }
}

function encodeChange(one: Change): DnsRecord {
  switch (one.kind) {
    case "add":
      return { name: one.name, type: one.type, class: dnsClass.internet, ttl: one.ttl, data: one.data };
    case "delete-rrset":
      return { name: one.name, type: one.type, class: dnsClass.any, ttl: 0, data: nothing };
    case "delete-name":
      return { name: one.name, type: dnsType.ANY, class: dnsClass.any, ttl: 0, data: nothing };
    case "delete-record":
      return { name: one.name, type: one.type, class: dnsClass.none, ttl: 0, data: one.data };
  }
}

/**
 * The meaning of a received UPDATE. Throws DNS_INVALID where RFC 2136 sections 3.1 to 3.4.1 answer FORMERR; whether
 * names lie in the zone is for the server to say.
 */
export function decodeUpdate(message: DnsMessage): Update {
  const zone = message.questions[0];
  if (message.opcode !== dnsOpcode.update || message.questions.length !== 1 || zone?.type !== dnsType.SOA) {
    throw dnsInvalid("the zone section of an update is not one SOA");
  }
  return {
    zone: zone.name,
    prerequisites: message.answers.map((record) => decodePrerequisite(record, zone)),
    changes: message.authorities.map((record) => decodeChange(record, zone)),
  };
}

function decodePrerequisite(record: DnsRecord, zone: DnsQuestion): Prerequisite {
  const { name, type, data } = record;
  if (record.ttl !== 0) throw dnsInvalid("a prerequisite has a TTL");
  if (record.class === zone.class) {
    if (isQueryType(type)) throw dnsInvalid("a prerequisite compares a type that cannot be stored");
    return { kind: "rrset-equals", name, type, data };
  }
  if (data.length > 0) throw dnsInvalid("a prerequisite has data where none may be");
  // A meta type other than ANY cannot exist, so asking for it is a slip of the client, not a condition.
  if (type !== dnsType.ANY && isQueryType(type)) throw dnsInvalid("a prerequisite is about a type that cannot exist");
  if (record.class === dnsClass.any) {
    return type === dnsType.ANY ? { kind: "name-in-use", name } : { kind: "rrset-exists", name, type };
  }
  if (record.class === dnsClass.none) {
    return type === dnsType.ANY ? { kind: "name-unused", name } : { kind: "rrset-absent", name, type };
  }
  throw dnsInvalid("a prerequisite has an unknown class");
}

function decodeChange(record: DnsRecord, zone: DnsQuestion): Change {
  const { name, type, ttl, data } = record;
  if (record.class === zone.class) {
    if (isQueryType(type)) throw dnsInvalid("a change adds a type that cannot be stored");
    return { kind: "add", name, type, ttl, data };
  }
  if (ttl !== 0) throw dnsInvalid("a deletion has a TTL");
  if (record.class === dnsClass.any) {
    if (data.length > 0) throw dnsInvalid("a deletion of a record set has data");
    if (type === dnsType.ANY) return { kind: "delete-name", name };
    if (isQueryType(type)) throw dnsInvalid("a deletion is about a type that cannot exist");
    return { kind: "delete-rrset", name, type };
  }
  if (record.class === dnsClass.none) {
    if (isQueryType(type)) throw dnsInvalid("a deletion is about a type that cannot exist");
    return { kind: "delete-record", name, type, data };
  }
  throw dnsInvalid("a change has an unknown class");
}

/** Types that only stand in questions and envelopes (RFC 6895 section 3.1: 128 to 255, and OPT). */
function isQueryType(type: number): boolean {
  return type === dnsType.OPT || (type >= 128 && type <= 255);
}

import { AppError } from "../../shared/core/app-error.js";
import { dnsClass, dnsOpcode, dnsRcode, dnsType, rcodeName, typeName } from "./dns-codes.js";
import { type DnsMessage, type DnsQuestion, type DnsRecord, encodeMessage } from "./dns-message.js";
import { canonicalName, dnsInvalid, isSameName } from "./dns-name.js";
import { PacketReader } from "./dns-reader.js";
import { decodeSoa, decodeTxt, formatAddress } from "./dns-rdata.js";
import { decodeOwnershipRecord, type OwnershipRecord } from "./ownership-record.js";

/** A question for an authoritative server: no recursion asked for, so that a resolver's cache cannot answer it. */
export function encodeQuery(id: number, name: string, type: number): Buffer {
  return encodeMessage({
    id,
    isAnswer: false,
    opcode: dnsOpcode.query,
    isAuthoritative: false,
    isTruncated: false,
    recursionDesired: false,
    rcode: 0,
    questions: [{ name, type, class: dnsClass.internet }],
    answers: [],
    authorities: [],
    additionals: [],
  });
}

/** Whether a packet answers this question: the echo counts as much as the id (RFC 5452 section 9.1). */
export function isAnswerTo(question: DnsQuestion, id: number, message: DnsMessage): boolean {
  const echo = message.questions[0];
  return (
    message.id === id &&
    message.isAnswer &&
    message.opcode === dnsOpcode.query &&
    message.questions.length === 1 &&
    echo?.type === question.type &&
    echo.class === question.class &&
    isSameName(echo.name, question.name)
  );
}

/**
 * The records of an authoritative answer; empty when the server says that there are none (no such name, no such type).
 * Everything else throws: DNS_REFUSED (the server does not answer the question) or DNS_INVALID (it cannot be relied on).
 */
function readAnswer(message: DnsMessage, question: DnsQuestion): readonly DnsRecord[] {
  const what = `${typeName(question.type)} of ${question.name}`;
  if (message.rcode !== dnsRcode.NOERROR && message.rcode !== dnsRcode.NXDOMAIN) {
    throw new AppError("DNS_REFUSED", `the name server answers ${rcodeName(message.rcode)} for ${what}`, {
      hint: "The server must be authoritative for dns.zone and answer questions from here.",
    });
  }
  if (!message.isAuthoritative) {
    throw new AppError("DNS_INVALID", `the name server is not authoritative for ${what}`, {
      hint: "Name the zone's own name servers in the settings, not a resolver.",
    });
  }
  if (message.isTruncated) throw dnsInvalid(`the answer for ${what} is truncated`);
  if (question.type !== dnsType.CNAME && message.answers.some((record) => record.type === dnsType.CNAME)) {
    throw new AppError("DNS_INVALID", `${question.name} is an alias (CNAME)`, {
      hint: "The name must hold its addresses itself: an update cannot change them behind an alias.",
    });
  }
  const records = message.answers.filter((record) => record.type === question.type);
  if (!records.every((record) => record.class === question.class && isSameName(record.name, question.name))) {
    throw dnsInvalid(`the answer for ${what} holds records of another name`);
  }
  if (records.length > 0 && message.rcode === dnsRcode.NXDOMAIN) {
    throw dnsInvalid(`the answer for ${what} holds records of a name that is said not to exist`);
  }
  return records;
}

/**
 * The ownership record in an answer; undefined only when the server says that there is none. A record that is there
 * but cannot be understood must never look like a missing one: a missing one may be created.
 */
export function readRecordAnswer(message: DnsMessage, question: DnsQuestion): OwnershipRecord | undefined {
  const records = readAnswer(message, question);
  const first = records[0];
  if (first === undefined) return undefined;
  const hint =
    "Somebody else has changed this TXT record. Look at it, and set it by hand only while nothing can switch.";
  if (records.length > 1) {
    throw new AppError("DNS_INVALID", `${question.name} has ${records.length} TXT records instead of one`, { hint });
  }
  const strings = decodeTxt(first.data);
  const record = strings.length === 1 ? decodeOwnershipRecord(strings[0] ?? "") : undefined;
  if (record === undefined) {
    throw new AppError("DNS_INVALID", `the TXT record of ${question.name} is not an ownership record`, { hint });
  }
  return record;
}

/** The addresses in an answer to a question for A or AAAA. */
export function readAddressAnswer(message: DnsMessage, question: DnsQuestion): readonly string[] {
  return readAnswer(message, question).map((record) => {
    if (record.data.length !== (question.type === dnsType.A ? 4 : 16)) {
      throw dnsInvalid(`an address of ${question.name} has a wrong length`);
    }
    return formatAddress(record.data);
  });
}

/** The name that an alias stands for, in an answer to a question for CNAME; empty when there is no alias. */
export function readAliasAnswer(message: DnsMessage, question: DnsQuestion): readonly string[] {
  return readAnswer(message, question).map(({ data }) => canonicalName(new PacketReader(data).uncompressedName()));
}

/** The texts in an answer to a question for TXT, the strings of each joined. */
export function readTextAnswer(message: DnsMessage, question: DnsQuestion): readonly string[] {
  return readAnswer(message, question).map(({ data }) => decodeTxt(data).join(""));
}

/** The serial in an answer to a question for SOA; undefined when there is none. */
export function readSerialAnswer(message: DnsMessage, question: DnsQuestion): number | undefined {
  const first = readAnswer(message, question)[0];
  return first === undefined ? undefined : decodeSoa(first.data).serial;
}

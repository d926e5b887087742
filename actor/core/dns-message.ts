import { dnsType } from "./dns-codes.js";
import { dnsInvalid, encodeName } from "./dns-name.js";
import { PacketReader } from "./dns-reader.js";

export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

/** A resource record. Names inside `data` are never compressed, so that it can be compared byte by byte. */
export interface DnsRecord extends DnsQuestion {
  readonly ttl: number;
  readonly data: Buffer;
}

/**
 * A message. In an UPDATE (RFC 2136 section 2) the sections carry other things: questions = the zone, answers = the
 * prerequisites, authorities = the changes.
 */
export interface DnsMessage {
  readonly id: number;
  readonly isAnswer: boolean;
  readonly opcode: number;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  readonly recursionDesired: boolean;
  readonly rcode: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

export interface DecodedMessage extends DnsMessage {
  /** Where the last record starts: TSIG signs what stands before it (RFC 8945 section 4.3.2). */
  readonly lastRecordOffset: number;
}

export const headerBytes = 12;
/** The length of a message is 16 bits on a stream (RFC 1035 section 4.2.2), and so for everything here. */
export const maximumMessageBytes = 65535;

export function encodeMessage(message: DnsMessage): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(message.id, 0);
  header.writeUInt16BE(encodeFlags(message), 2);
  const sections = [message.questions, message.answers, message.authorities, message.additionals];
  sections.forEach((section, index) => header.writeUInt16BE(section.length, 4 + 2 * index));
  const records = [...message.answers, ...message.authorities, ...message.additionals];
  const packet = Buffer.concat([header, ...message.questions.map(encodeQuestion), ...records.map(encodeRecord)]);
  if (packet.length > maximumMessageBytes) throw dnsInvalid("a message is longer than 65535 octets");
  return packet;
}

function encodeFlags(message: DnsMessage): number {
  return (
    (message.isAnswer ? 0x8000 : 0) |
    (message.opcode << 11) |
    (message.isAuthoritative ? 0x0400 : 0) |
    (message.isTruncated ? 0x0200 : 0) |
    (message.recursionDesired ? 0x0100 : 0) |
    message.rcode
  );
}

function encodeQuestion(question: DnsQuestion): Buffer {
  const rest = Buffer.alloc(4);
  rest.writeUInt16BE(question.type, 0);
  rest.writeUInt16BE(question.class, 2);
  return Buffer.concat([encodeName(question.name), rest]);
}

export function encodeRecord(record: DnsRecord): Buffer {
  if (record.data.length > maximumMessageBytes) throw dnsInvalid("a record is longer than 65535 octets");
  const rest = Buffer.alloc(6);
  rest.writeUInt32BE(record.ttl, 0);
  rest.writeUInt16BE(record.data.length, 4);
  return Buffer.concat([encodeQuestion(record), rest, record.data]);
}

/** Reads a whole packet. Throws DNS_INVALID for anything that is not exactly one well-formed message. */
export function decodeMessage(packet: Buffer): DecodedMessage {
  if (packet.length > maximumMessageBytes) throw dnsInvalid("a message is longer than 65535 octets");
  const reader = new PacketReader(packet);
  const id = reader.u16();
  const flags = reader.u16();
  const [questionCount, answerCount, authorityCount, additionalCount] = [
    reader.u16(),
    reader.u16(),
    reader.u16(),
    reader.u16(),
  ];
  const questions = repeat(questionCount, () => readQuestion(reader));
  let lastRecordOffset = reader.offset;
  const readSection = (count: number): readonly DnsRecord[] =>
    repeat(count, () => {
      lastRecordOffset = reader.offset;
      return readRecord(packet, reader);
    });
  const answers = readSection(answerCount);
  const authorities = readSection(authorityCount);
  const additionals = readSection(additionalCount);
  if (!reader.isAtEnd) throw dnsInvalid("there are octets after the end of a message");
  return {
    id,
    isAnswer: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    isAuthoritative: (flags & 0x0400) !== 0,
    isTruncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    rcode: flags & 0xf,
    questions,
    answers,
    authorities,
    additionals,
    lastRecordOffset,
  };
}

/** The count comes from the wire: reading runs out of packet long before a false one could cost memory. */
function repeat<Item>(count: number, read: () => Item): readonly Item[] {
  const items: Item[] = [];
  for (let done = 0; done < count; done += 1) items.push(read());
  return items;
}

function readQuestion(reader: PacketReader): DnsQuestion {
  return { name: reader.name(), type: reader.u16(), class: reader.u16() };
}

function readRecord(packet: Buffer, reader: PacketReader): DnsRecord {
  const { name, type, class: recordClass } = readQuestion(reader);
  const ttl = reader.u32();
  const dataBytes = reader.u16();
  const dataOffset = reader.offset;
  const raw = reader.bytes(dataBytes);
  // An UPDATE names record sets by records without data (RFC 2136 sections 2.4 and 2.5): nothing to expand there.
  const data = dataBytes === 0 ? raw : expandNames(packet, type, dataOffset, raw);
  return { name, type, class: recordClass, ttl, data };
}

/** Only the types of RFC 1035 may hold compressed names (RFC 3597 section 4). */
function expandNames(packet: Buffer, type: number, offset: number, raw: Buffer): Buffer {
  const reader = new PacketReader(packet, offset);
  const parts: Buffer[] = [];
  switch (type) {
    case dnsType.NS:
    case dnsType.CNAME:
    case dnsType.PTR:
      parts.push(encodeName(reader.name()));
      break;
    case dnsType.MX:
      parts.push(reader.bytes(2), encodeName(reader.name()));
      break;
    case dnsType.SOA:
      parts.push(encodeName(reader.name()), encodeName(reader.name()), reader.bytes(20));
      break;
    default:
      return raw;
  }
  if (reader.offset !== offset + raw.length) throw dnsInvalid("the data of a record does not fit its length");
  return Buffer.concat(parts);
}

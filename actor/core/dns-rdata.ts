import { dnsClass, dnsType } from "./dns-codes.js";
import type { DnsRecord } from "./dns-message.js";
import { dnsInvalid, encodeName } from "./dns-name.js";
import { PacketReader } from "./dns-reader.js";

/** The octets of an IPv4 or IPv6 address. Throws DNS_INVALID for anything else (also for an address with a scope). */
export function parseAddress(text: string): Buffer {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Buffer {
  const parts = text.split(".");
  const areBytes = parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
  if (parts.length !== 4 || !areBytes) throw dnsInvalid(`${JSON.stringify(text)} is not an address`);
  return Buffer.from(parts.map(Number));
}

function parseIpv6(text: string): Buffer {
  const halves = text.split("::");
  const [before, after] = [parseGroups(halves[0] ?? "", text), parseGroups(halves[1] ?? "", text)];
  const isShort = halves.length === 2;
  const zeros = 16 - before.length - after.length;
  if (halves.length > 2 || (isShort ? zeros < 2 : zeros !== 0)) {
    throw dnsInvalid(`${JSON.stringify(text)} is not an address`);
  }
  return Buffer.concat([before, Buffer.alloc(zeros), after]);
}

function parseGroups(text: string, whole: string): Buffer {
  if (text === "") return Buffer.alloc(0);
  const groups = text.split(":");
  return Buffer.concat(
    groups.map((group, index) => {
      // RFC 4291 section 2.2: the last 32 bits may be written as IPv4.
      if (group.includes(".") && index === groups.length - 1) return parseIpv4(group);
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) throw dnsInvalid(`${JSON.stringify(whole)} is not an address`);
      return Buffer.from(group.padStart(4, "0"), "hex");
    }),
  );
}

/** The one text of an address (RFC 5952 section 4), so that addresses can be compared as text. */
export function formatAddress(data: Buffer): string {
  if (data.length === 4) return [...data].join(".");
  if (data.length !== 16) throw dnsInvalid("an address has neither 4 nor 16 octets");
  const groups = Array.from({ length: 8 }, (_, index) => data.readUInt16BE(2 * index));
  const zeros = longestZeros(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (zeros.length < 2) return hex(groups);
  return `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.length))}`;
}

function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, index) => {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  });
  return best;
}

/** Any spelling of an address → its one spelling. */
export function canonicalAddress(text: string): string {
  return formatAddress(parseAddress(text));
}

/** The A or AAAA record of an address (RFC 1035 section 3.4.1, RFC 3596 section 2.2). */
export function addressRecord(name: string, address: string, ttl: number): DnsRecord {
  const data = parseAddress(address);
  return { name, type: data.length === 4 ? dnsType.A : dnsType.AAAA, class: dnsClass.internet, ttl, data };
}

/** The data of a TXT record: character strings of at most 255 octets (RFC 1035 section 3.3.14). */
export function encodeTxt(strings: readonly string[]): Buffer {
  if (strings.length === 0) throw dnsInvalid("a TXT record needs a string");
  return Buffer.concat(
    strings.map((text) => {
      if (/[^\u0000-\u00ff]/.test(text)) throw dnsInvalid("a string of a TXT record has a character beyond one octet");
      const bytes = Buffer.from(text, "latin1");
      if (bytes.length > 255) throw dnsInvalid("a string of a TXT record is longer than 255 octets");
      return Buffer.concat([Buffer.from([bytes.length]), bytes]);
    }),
  );
}

/** The strings of a TXT record, one character an octet. */
export function decodeTxt(data: Buffer): readonly string[] {
  const reader = new PacketReader(data);
  const strings: string[] = [];
  do {
    strings.push(reader.bytes(reader.u8()).toString("latin1"));
  } while (!reader.isAtEnd);
  return strings;
}

export interface SoaData {
  readonly primaryServer: string;
  readonly mailbox: string;
  readonly serial: number;
  readonly refreshSeconds: number;
  readonly retrySeconds: number;
  readonly expireSeconds: number;
  readonly minimumSeconds: number;
}

/** RFC 1035 section 3.3.13. */
export function encodeSoa(soa: SoaData): Buffer {
  const numbers = Buffer.alloc(20);
  [soa.serial, soa.refreshSeconds, soa.retrySeconds, soa.expireSeconds, soa.minimumSeconds].forEach((value, index) => {
    numbers.writeUInt32BE(value, 4 * index);
  });
  return Buffer.concat([encodeName(soa.primaryServer), encodeName(soa.mailbox), numbers]);
}

export function decodeSoa(data: Buffer): SoaData {
  const reader = new PacketReader(data);
  const soa = {
    primaryServer: reader.uncompressedName(),
    mailbox: reader.uncompressedName(),
    serial: reader.u32(),
    refreshSeconds: reader.u32(),
    retrySeconds: reader.u32(),
    expireSeconds: reader.u32(),
    minimumSeconds: reader.u32(),
  };
  if (!reader.isAtEnd) throw dnsInvalid("an SOA record is longer than its fields");
  return soa;
}

import fc from "fast-check";
import type { DnsMessage, DnsRecord } from "../../actor/core/dns-message.js";
import { formatName } from "../../actor/core/dns-name.js";

/** An update as BIND's nsupdate 9.18 sends it, with its TSIG: prerequisite the old TXT and no alias; the new TXT. */
export const nsupdatePacket = Buffer.from(
  "08b328000001000200020001076578616d706c65047465737400000600010a5f737061726573796e6303617070076578616d706c6504746573" +
    "74000010000100000000001c1b65706f63683d31206163746976653d7072696d617279206f703d61c029000500fe000000000000c01e0010" +
    "00ff000000000000c01e0010000100000000001e1d65706f63683d32206163746976653d7365636f6e64617279206f703d62127370617265" +
    "73796e632d746573742d6b65790000fa00ff00000000003d0b686d61632d7368613235360000006b025e04012c00202ec96d2702135fb1eb" +
    "8f5e80ffbb579d4167ff799afe7b405ffc868bd3c71d7308b300000000",
  "hex",
);
export const nsupdateKey = {
  name: "sparesync-test-key",
  algorithm: "hmac-sha256",
  secret: Buffer.from("0123456789abcdef0123456789abcdef"),
} as const;
export const nsupdateSignedSeconds = 0x6b025e04;

/** BIND's answer to ANY for a zone: SOA and NS with compressed names in their data. */
export const bindAnswerPacket = Buffer.from(
  "000784000001000200000000076578616d706c6504746573740000ff0001c00c000600010000003c0026026e73c00c0a686f73746d6173746572" +
    "c00c0000000100000e1000000258000151800000003cc00c000200010000003c0002c02a",
  "hex",
);

const label = fc.uint8Array({ minLength: 1, maxLength: 63 }).map((bytes) => Buffer.from(bytes));

/** Any name that fits into 255 octets, with any octet in it. */
export const anyName = fc
  .array(label, { maxLength: 6 })
  .filter((labels) => labels.reduce((sum, one) => sum + one.length + 1, 1) <= 255)
  .map(formatName);

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });

/** Any record but of the types whose data are read (NS, CNAME, SOA, PTR, MX). */
export const anyRecord: fc.Arbitrary<DnsRecord> = fc.record({
  name: anyName,
  type: u16.filter((type) => ![2, 5, 6, 12, 15].includes(type)),
  class: u16,
  ttl: u32,
  data: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
});

export const anyMessage: fc.Arbitrary<DnsMessage> = fc.record({
  id: u16,
  isAnswer: fc.boolean(),
  opcode: fc.integer({ min: 0, max: 15 }),
  isAuthoritative: fc.boolean(),
  isTruncated: fc.boolean(),
  recursionDesired: fc.boolean(),
  rcode: fc.integer({ min: 0, max: 15 }),
  questions: fc.array(fc.record({ name: anyName, type: u16, class: u16 }), { maxLength: 2 }),
  answers: fc.array(anyRecord, { maxLength: 4 }),
  authorities: fc.array(anyRecord, { maxLength: 4 }),
  additionals: fc.array(anyRecord, { maxLength: 3 }),
});

/** What arrives from someone who means harm or stumbles: random octets, and real messages cut, changed or doubled. */
export const hostilePacket: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .record({
      base: fc.constantFrom(nsupdatePacket, bindAnswerPacket),
      changes: fc.array(fc.record({ at: fc.nat(400), byte: fc.integer({ min: 0, max: 255 }) }), { maxLength: 6 }),
      length: fc.option(fc.nat(400)),
      tail: fc.uint8Array({ maxLength: 20 }),
    })
    .map(({ base, changes, length, tail }) => {
      const packet = Buffer.from(base);
      for (const { at, byte } of changes) if (at < packet.length) packet.writeUInt8(byte, at);
      return length === null ? packet : Buffer.concat([packet.subarray(0, length), tail]);
    }),
);

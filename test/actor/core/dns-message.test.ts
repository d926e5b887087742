import { describe, expect, test } from "@jest/globals";
import dnsPacket from "dns-packet";
import fc from "fast-check";
import { dnsType } from "../../../actor/core/dns-codes.js";
import { decodeMessage, encodeMessage } from "../../../actor/core/dns-message.js";
import { decodeSoa } from "../../../actor/core/dns-rdata.js";
import { frameMessage, takeMessages } from "../../../actor/core/dns-stream.js";
import { anyMessage, bindAnswerPacket, hostilePacket, nsupdatePacket } from "../../support/dns-fixtures.js";

/** A message of one question whose name is these octets. */
function withName(hex: string): Buffer {
  return Buffer.from(`000100000001000000000000${hex}00010001`, "hex");
}

const invalid = expect.objectContaining({ code: "DNS_INVALID" });

describe("messages", () => {
  test("every message survives the wire", () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const { lastRecordOffset, ...decoded } = decodeMessage(encodeMessage(message));
        expect(decoded).toEqual(message);
        expect(lastRecordOffset).toBeGreaterThanOrEqual(12);
      }),
      { numRuns: 300 },
    );
  });

  test("BIND's compressed names are expanded, also inside SOA and NS", () => {
    const message = decodeMessage(bindAnswerPacket);
    expect(message).toMatchObject({ id: 7, isAnswer: true, isAuthoritative: true, rcode: 0 });
    expect(message.answers.map((record) => record.name)).toEqual(["example.test", "example.test"]);
    const [soa, ns] = message.answers;
    expect(decodeSoa(soa!.data)).toEqual({
      primaryServer: "ns.example.test",
      mailbox: "hostmaster.example.test",
      serial: 1,
      refreshSeconds: 3600,
      retrySeconds: 600,
      expireSeconds: 86400,
      minimumSeconds: 60,
    });
    expect(ns!.data.toString("latin1")).toBe("\u0002ns\u0007example\u0004test\u0000");
    // Uncompressed it is a message of the same meaning.
    const again = decodeMessage(encodeMessage(message));
    expect(again.answers).toEqual(message.answers);
  });

  test("what another implementation writes is read, and what is written it reads", () => {
    const theirs = dnsPacket.encode({
      type: "response",
      id: 4660,
      flags: dnsPacket.AUTHORITATIVE_ANSWER,
      questions: [{ type: "A", name: "app.example.test" }],
      answers: [
        { type: "A", name: "app.example.test", ttl: 30, data: "192.0.2.1" },
        { type: "MX", name: "app.example.test", ttl: 30, data: { preference: 10, exchange: "mail.example.test" } },
      ],
    });
    const message = decodeMessage(theirs);
    expect(message.answers[0]).toMatchObject({ type: dnsType.A, ttl: 30, data: Buffer.from([192, 0, 2, 1]) });
    const back = dnsPacket.decode(encodeMessage(message));
    expect(back.answers).toEqual([
      expect.objectContaining({ type: "A", data: "192.0.2.1" }),
      expect.objectContaining({ type: "MX", data: { preference: 10, exchange: "mail.example.test" } }),
    ]);
  });

  test.each([
    { when: "a pointer points to itself", packet: withName("c00c") },
    { when: "two pointers point to each other", packet: withName("c00ec00c") },
    { when: "a pointer points forwards", packet: withName("c010016100") },
    { when: "a pointer leads into its own label run", packet: withName("0161c00c") },
    { when: "a pointer is cut off", packet: Buffer.from("000100000001000000000000c0", "hex") },
    { when: "a label is of an unknown kind", packet: withName("40610000") },
    { when: "a label is longer than the packet", packet: withName("3f61") },
    { when: "the header is cut off", packet: nsupdatePacket.subarray(0, 11) },
    { when: "it is empty", packet: Buffer.alloc(0) },
    { when: "the last record is cut off", packet: nsupdatePacket.subarray(0, -1) },
    { when: "something follows", packet: Buffer.concat([nsupdatePacket, Buffer.from([0])]) },
    { when: "it counts more records than it has", packet: counting(nsupdatePacket, 10, 2) },
    { when: "it counts 65535 questions", packet: counting(nsupdatePacket, 4, 65535) },
    { when: "it counts fewer records than it has", packet: counting(nsupdatePacket, 6, 1) },
    { when: "it is longer than a message can be", packet: Buffer.alloc(65536) },
    { when: "an SOA is longer than its fields", packet: counting(bindAnswerPacket, 40, 0x25) },
  ])("is refused when $when", ({ packet }) => {
    expect(() => decodeMessage(packet)).toThrow(invalid);
  });

  test("names that grow by compression beyond 255 octets are refused", () => {
    const label = `3f${"61".repeat(63)}`;
    // Each name puts a label of 64 octets in front of the one before: 129, 193 and 257 octets.
    const names = [`${label}${label}00`, `${label}c00c`, `${label}c091`].map((name) => `${name}00010001`);
    const packet = (count: number): Buffer =>
      Buffer.from(`00010000000${String(count)}000000000000${names.slice(0, count).join("")}`, "hex");
    expect(decodeMessage(packet(2)).questions).toHaveLength(2);
    expect(() => decodeMessage(packet(3))).toThrow("a name is longer than 255 octets");
  });

  test("nothing that arrives makes it throw anything but DNS_INVALID", () => {
    fc.assert(
      fc.property(hostilePacket, (packet) => {
        try {
          decodeMessage(packet);
        } catch (error) {
          expect(error).toMatchObject({ code: "DNS_INVALID" });
        }
      }),
      { numRuns: 3000 },
    );
  });
});

function counting(packet: Buffer, offset: number, count: number): Buffer {
  const changed = Buffer.from(packet);
  changed.writeUInt16BE(count, offset);
  return changed;
}

describe("messages on a stream", () => {
  test("are the same however the stream is cut", () => {
    const packets = [nsupdatePacket, bindAnswerPacket, nsupdatePacket];
    const stream = Buffer.concat(packets.map(frameMessage));
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
        let arrived = Buffer.alloc(0);
        const got: Buffer[] = [];
        edges.slice(1).forEach((end, index) => {
          const taken = takeMessages(Buffer.concat([arrived, stream.subarray(edges[index], end)]));
          got.push(...taken.packets);
          arrived = Buffer.from(taken.rest);
        });
        expect(got).toEqual(packets);
        expect(arrived).toHaveLength(0);
      }),
    );
  });

  test("a length that can be no message is refused at once", () => {
    expect(() => takeMessages(Buffer.from([0, 11, 1]))).toThrow(invalid);
    expect(() => frameMessage(Buffer.alloc(65536))).toThrow(invalid);
  });
});

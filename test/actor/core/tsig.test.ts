import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { encodeQuery } from "../../../actor/core/dns-answer.js";
import { dnsType, tsigError } from "../../../actor/core/dns-codes.js";
import { decodeMessage, encodeMessage, encodeRecord } from "../../../actor/core/dns-message.js";
import {
  appendTsig,
  encodeServerTime,
  serverTimeOf,
  signMessage,
  type TsigKey,
  type TsigVerdict,
  verifyTsig,
} from "../../../actor/core/tsig.js";
import { hostilePacket, nsupdateKey, nsupdatePacket, nsupdateSignedSeconds } from "../../support/dns-fixtures.js";

const now = 1800000000;
const key: TsigKey = { name: "key", algorithm: "hmac-sha256", secret: Buffer.from("secret") };
const query = encodeQuery(77, "app.example.test", dnsType.TXT);

function verify(
  packet: Buffer,
  changes: { key?: TsigKey; nowSeconds?: number; requestMac?: Buffer } = {},
): TsigVerdict {
  const { key: usedKey = key, nowSeconds = now, ...rest } = changes;
  return verifyTsig(packet, decodeMessage(packet), usedKey, { nowSeconds, ...rest });
}

describe("TSIG", () => {
  test("the signature of BIND's nsupdate is authentic", () => {
    expect(verify(nsupdatePacket, { key: nsupdateKey, nowSeconds: nsupdateSignedSeconds })).toMatchObject({
      kind: "authentic",
      tsig: { timeSignedSeconds: nsupdateSignedSeconds, fudgeSeconds: 300, originalId: 0x08b3, error: 0 },
    });
  });

  test("the same message signed here is, octet for octet, what nsupdate sends", () => {
    const tsigOffset = decodeMessage(nsupdatePacket).lastRecordOffset;
    const unsigned = Buffer.from(nsupdatePacket.subarray(0, tsigOffset));
    unsigned.writeUInt16BE(0, 10);
    const signed = signMessage(unsigned, nsupdateKey, { timeSignedSeconds: nsupdateSignedSeconds });
    expect(signed.packet.toString("hex")).toBe(nsupdatePacket.toString("hex"));
  });

  test.each([
    { when: "signed 300 s ago", seconds: nsupdateSignedSeconds + 300, kind: "authentic" },
    { when: "signed 301 s ago", seconds: nsupdateSignedSeconds + 301, kind: "bad-time" },
    { when: "signed 300 s in the future", seconds: nsupdateSignedSeconds - 300, kind: "authentic" },
    { when: "signed 301 s in the future", seconds: nsupdateSignedSeconds - 301, kind: "bad-time" },
  ])("$when: $kind", ({ seconds, kind }) => {
    expect(verify(nsupdatePacket, { key: nsupdateKey, nowSeconds: seconds }).kind).toBe(kind);
  });

  test.each([
    { when: "the secret is another", changes: { secret: Buffer.from("other") }, kind: "bad-signature" },
    { when: "the name is another", changes: { name: "other" }, kind: "bad-key" },
    { when: "the algorithm is another", changes: { algorithm: "hmac-sha512" }, kind: "bad-key" },
    { when: "the name is written in capitals", changes: { name: "KEY." }, kind: "authentic" },
  ] as const)("$kind when $when", ({ changes, kind }) => {
    const { packet } = signMessage(query, { ...key, ...changes }, { timeSignedSeconds: now });
    expect(verify(packet).kind).toBe(kind);
  });

  test.each(["hmac-sha256", "hmac-sha384", "hmac-sha512"] as const)("%s signs and verifies", (algorithm) => {
    const one = { ...key, algorithm };
    expect(verify(signMessage(query, one, { timeSignedSeconds: now }).packet, { key: one }).kind).toBe("authentic");
  });

  test("an answer is authentic only with the MAC of its own request", () => {
    const request = signMessage(query, key, { timeSignedSeconds: now });
    const other = signMessage(encodeQuery(78, "app.example.test", dnsType.TXT), key, { timeSignedSeconds: now });
    const answer = signMessage(query, key, { timeSignedSeconds: now, requestMac: request.mac }).packet;
    expect(verify(answer, { requestMac: request.mac }).kind).toBe("authentic");
    expect(verify(answer, { requestMac: other.mac }).kind).toBe("bad-signature");
    expect(verify(answer).kind).toBe("bad-signature");
    // Nor can a request be thrown back as an answer to itself.
    expect(verify(request.packet, { requestMac: request.mac }).kind).toBe("bad-signature");
  });

  test("no changed bit leaves a message authentic, but those that no signature covers", () => {
    const { packet } = signMessage(query, key, { timeSignedSeconds: now });
    const nameAt = decodeMessage(packet).lastRecordOffset;
    // The id in front (the signature covers the original id), and the case of the key's and algorithm's names.
    const free = (byte: number, bit: number): boolean => byte < 2 || (bit === 5 && byte > nameAt && byte < nameAt + 28);
    for (let byte = 0; byte < packet.length; byte += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(packet);
        changed.writeUInt8(changed.readUInt8(byte) ^ (1 << bit), byte);
        let kind = "malformed";
        try {
          kind = verify(changed).kind;
        } catch (error) {
          expect(error).toMatchObject({ code: "DNS_INVALID" });
        }
        if (kind === "authentic" && !free(byte, bit)) throw new Error(`octet ${String(byte)} bit ${String(bit)}`);
      }
    }
  });

  test.each([
    { bytes: 0, kind: "malformed-mac" },
    { bytes: 15, kind: "malformed-mac" },
    { bytes: 16, kind: "truncated-mac" },
    { bytes: 31, kind: "truncated-mac" },
    { bytes: 33, kind: "malformed-mac" },
  ])("a MAC of $bytes of its 32 octets: $kind", ({ bytes, kind }) => {
    const { packet, mac } = signMessage(query, key, { timeSignedSeconds: now });
    const verdict = verify(packet);
    const tsig = verdict.kind === "authentic" ? verdict.tsig : undefined;
    const cut = appendTsig(query, { ...tsig!, mac: Buffer.concat([mac, mac]).subarray(0, bytes) });
    expect(verify(cut).kind).toBe(kind);
  });

  test("a wrong truncated MAC is a bad signature, and an old truncated one a bad time", () => {
    const { packet, mac } = signMessage(query, key, { timeSignedSeconds: now });
    const verdict = verify(packet);
    const tsig = verdict.kind === "authentic" ? verdict.tsig : undefined;
    const cut = appendTsig(query, { ...tsig!, mac: mac.subarray(0, 16) });
    expect(verify(cut, { key: { ...key, secret: Buffer.from("x") } }).kind).toBe("bad-signature");
    expect(verify(cut, { nowSeconds: now + 301 }).kind).toBe("bad-time");
  });

  test("an unsigned message, and an error told without a signature, are never authentic", () => {
    expect(verify(query).kind).toBe("unsigned");
    const told = { keyName: "key", algorithm: "hmac-sha256", timeSignedSeconds: now, fudgeSeconds: 300 };
    const error = { ...told, mac: Buffer.alloc(0), originalId: 77, otherData: Buffer.alloc(0) };
    expect(verify(appendTsig(query, { ...error, error: tsigError.BADKEY })).kind).toBe("unsigned-error");
    expect(verify(appendTsig(query, { ...error, error: 0 })).kind).toBe("malformed-mac");
  });

  test("a BADTIME answer is authentic by the client's clock and carries the server's time", () => {
    const request = signMessage(query, key, { timeSignedSeconds: now });
    const { packet } = signMessage(query, key, {
      timeSignedSeconds: now,
      requestMac: request.mac,
      error: tsigError.BADTIME,
      otherData: encodeServerTime(now + 4000),
    });
    const verdict = verify(packet, { requestMac: request.mac });
    expect(verdict.kind).toBe("authentic");
    const tsig = verdict.kind === "authentic" ? verdict.tsig : undefined;
    expect(serverTimeOf(tsig!)).toBe(now + 4000);
    expect(serverTimeOf({ ...tsig!, otherData: Buffer.alloc(5) })).toBeUndefined();
    expect(serverTimeOf({ ...tsig!, error: 0 })).toBeUndefined();
  });

  const signed = decodeMessage(signMessage(query, key, { timeSignedSeconds: now }).packet);
  const tsigRecord = signed.additionals[0]!;
  test.each([
    { when: "it stands twice", message: { ...signed, additionals: [tsigRecord, tsigRecord] } },
    { when: "something follows it", message: { ...signed, additionals: [tsigRecord, { ...tsigRecord, type: 1 }] } },
    { when: "it stands among the answers", message: { ...signed, answers: [tsigRecord], additionals: [] } },
    { when: "its class is IN", message: { ...signed, additionals: [{ ...tsigRecord, class: 1 }] } },
    { when: "it has a TTL", message: { ...signed, additionals: [{ ...tsigRecord, ttl: 1 }] } },
    { when: "it is empty", message: { ...signed, additionals: [{ ...tsigRecord, data: Buffer.alloc(0) }] } },
    {
      when: "it is too long",
      message: { ...signed, additionals: [{ ...tsigRecord, data: Buffer.concat([tsigRecord.data, query]) }] },
    },
  ])("is refused as malformed when $when", ({ message }) => {
    expect(() => verify(encodeMessage(message))).toThrow(expect.objectContaining({ code: "DNS_INVALID" }));
  });

  test("nothing that arrives is authentic, or makes it throw anything but DNS_INVALID", () => {
    fc.assert(
      fc.property(hostilePacket, fc.boolean(), (hostile, isWrapped) => {
        try {
          const packet = isWrapped
            ? Buffer.concat([counted(query), encodeRecord({ ...tsigRecord, data: hostile })])
            : hostile;
          expect(verify(packet).kind).not.toBe("authentic");
        } catch (error) {
          expect(error).toMatchObject({ code: "DNS_INVALID" });
        }
      }),
      { numRuns: 1000 },
    );
  });
});

function counted(packet: Buffer): Buffer {
  const copy = Buffer.from(packet);
  copy.writeUInt16BE(1, 10);
  return copy;
}

import { createHmac, timingSafeEqual } from "node:crypto";
import { dnsClass, dnsType, tsigError } from "./dns-codes.js";
import { type DecodedMessage, encodeRecord } from "./dns-message.js";
import { canonicalName, dnsInvalid, encodeName } from "./dns-name.js";
import { PacketReader } from "./dns-reader.js";

/** How far the clocks of signer and verifier may be apart: the value RFC 8945 section 10 recommends. */
export const tsigFudgeSeconds = 300;

/** The algorithms of RFC 8945 section 6 that are not to be given up: name → length of the whole MAC. */
const macBytes = { "hmac-sha256": 32, "hmac-sha384": 48, "hmac-sha512": 64 } as const;
export type TsigAlgorithm = keyof typeof macBytes;

export interface TsigKey {
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Buffer;
}

/** The fields of a TSIG record (RFC 8945 section 4.2). */
export interface TsigFields {
  readonly keyName: string;
  readonly algorithm: string;
  readonly timeSignedSeconds: number;
  readonly fudgeSeconds: number;
  readonly mac: Buffer;
  readonly originalId: number;
  readonly error: number;
  readonly otherData: Buffer;
}

/** What is known about a message's signature. Only `authentic` proves who wrote it; `because` is for people. */
export type TsigVerdict =
  | { readonly kind: "authentic"; readonly tsig: TsigFields }
  | { readonly kind: "unsigned"; readonly because: string }
  /** There is a TSIG without a MAC: how BADKEY and BADSIG are told (RFC 8945 section 5.3.2). Anyone can write it. */
  | { readonly kind: "unsigned-error"; readonly tsig: TsigFields; readonly because: string }
  | { readonly kind: TsigFailure; readonly tsig: TsigFields; readonly because: string };

export type TsigFailure = "malformed-mac" | "bad-key" | "bad-signature" | "bad-time" | "truncated-mac";

export interface SigningOptions {
  readonly timeSignedSeconds: number;
  readonly fudgeSeconds?: number;
  /** Of an answer: the MAC of the request, which ties the answer to it (RFC 8945 section 5.3.1). */
  readonly requestMac?: Buffer;
  readonly error?: number;
  readonly otherData?: Buffer;
}

/** Signs an encoded message that has no TSIG yet. Returns the packet to send and the MAC its answer must include. */
export function signMessage(
  packet: Buffer,
  key: TsigKey,
  options: SigningOptions,
): { readonly packet: Buffer; readonly mac: Buffer } {
  const unsigned = {
    keyName: key.name,
    algorithm: key.algorithm,
    timeSignedSeconds: options.timeSignedSeconds,
    fudgeSeconds: options.fudgeSeconds ?? tsigFudgeSeconds,
    originalId: packet.readUInt16BE(0),
    error: options.error ?? tsigError.none,
    otherData: options.otherData ?? Buffer.alloc(0),
  };
  const mac = computeMac(packet, key, unsigned, options.requestMac);
  return { packet: appendTsig(packet, { ...unsigned, mac }), mac };
}

/** Appends a TSIG as the last record (RFC 8945 section 5.1). With an empty MAC it is the unsigned form of an error. */
export function appendTsig(packet: Buffer, tsig: TsigFields): Buffer {
  const record = encodeRecord({
    name: tsig.keyName,
    type: dnsType.TSIG,
    class: dnsClass.any,
    ttl: 0,
    data: encodeTsigData(tsig),
  });
  const signed = Buffer.concat([packet, record]);
  signed.writeUInt16BE(packet.readUInt16BE(10) + 1, 10);
  return signed;
}

/**
 * Checks a received message in the order of RFC 8945 section 5.2: key, MAC, time, truncation. `requestMac` is given for
 * an answer only. Throws DNS_INVALID when the TSIG is not where and what it must be (FORMERR).
 */
export function verifyTsig(
  packet: Buffer,
  message: DecodedMessage,
  key: TsigKey,
  options: { readonly nowSeconds: number; readonly requestMac?: Buffer },
): TsigVerdict {
  const tsig = readTsig(message);
  if (tsig === undefined) return { kind: "unsigned", because: "the message is not signed" };
  if (tsig.mac.length === 0 && tsig.error !== tsigError.none) {
    return { kind: "unsigned-error", tsig, because: "the message tells an error without being signed" };
  }
  if (canonicalName(key.name) !== tsig.keyName || key.algorithm !== tsig.algorithm) {
    return { kind: "bad-key", tsig, because: "the message is signed with another key or algorithm" };
  }
  const whole = macBytes[key.algorithm];
  if (tsig.mac.length > whole || tsig.mac.length < Math.max(10, whole / 2)) {
    // RFC 8945 section 5.2.2.1: such a length is never allowed.
    return { kind: "malformed-mac", tsig, because: "the length of the signature is not allowed" };
  }
  const signedPart = Buffer.from(packet.subarray(0, message.lastRecordOffset));
  signedPart.writeUInt16BE(tsig.originalId, 0);
  signedPart.writeUInt16BE(packet.readUInt16BE(10) - 1, 10);
  const mac = computeMac(signedPart, key, tsig, options.requestMac).subarray(0, tsig.mac.length);
  if (!timingSafeEqual(mac, tsig.mac)) {
    return { kind: "bad-signature", tsig, because: "the signature does not fit the message" };
  }
  if (Math.abs(options.nowSeconds - tsig.timeSignedSeconds) > tsig.fudgeSeconds) {
    return { kind: "bad-time", tsig, because: "the message was signed too long ago or in the future" };
  }
  if (tsig.mac.length < whole) {
    // RFC 8945 section 5.2.4: a local policy may demand the whole MAC; nothing SpareSync talks to needs to truncate.
    return { kind: "truncated-mac", tsig, because: "the signature is truncated" };
  }
  return { kind: "authentic", tsig };
}

/** The TSIG of a message, names in canonical form; undefined when it has none. */
function readTsig(message: DecodedMessage): TsigFields | undefined {
  const records = [...message.answers, ...message.authorities, ...message.additionals];
  const found = records.filter((record) => record.type === dnsType.TSIG);
  const record = found[0];
  if (record === undefined) return undefined;
  if (found.length > 1 || message.additionals.at(-1) !== record) throw dnsInvalid("a TSIG record is not the last one");
  if (record.class !== dnsClass.any || record.ttl !== 0) throw dnsInvalid("a TSIG record has a wrong class or TTL");
  const reader = new PacketReader(record.data);
  const tsig = {
    keyName: canonicalName(record.name),
    algorithm: canonicalName(reader.uncompressedName()),
    timeSignedSeconds: reader.u48(),
    fudgeSeconds: reader.u16(),
    mac: reader.bytes(reader.u16()),
    originalId: reader.u16(),
    error: reader.u16(),
    otherData: reader.bytes(reader.u16()),
  };
  if (!reader.isAtEnd) throw dnsInvalid("a TSIG record is longer than its fields");
  return tsig;
}

function encodeTsigData(tsig: TsigFields): Buffer {
  return Buffer.concat([
    encodeName(canonicalName(tsig.algorithm)),
    encodeNumber(tsig.timeSignedSeconds, 6),
    encodeNumber(tsig.fudgeSeconds, 2),
    encodeNumber(tsig.mac.length, 2),
    tsig.mac,
    encodeNumber(tsig.originalId, 2),
    encodeNumber(tsig.error, 2),
    encodeNumber(tsig.otherData.length, 2),
    tsig.otherData,
  ]);
}

/** RFC 8945 section 4.3: the request's MAC with its length, the message without its TSIG, the TSIG's variables. */
function computeMac(
  packet: Buffer,
  key: TsigKey,
  tsig: Omit<TsigFields, "mac" | "keyName" | "algorithm" | "originalId">,
  requestMac: Buffer | undefined,
): Buffer {
  const hmac = createHmac(key.algorithm.replace("hmac-", ""), key.secret);
  if (requestMac !== undefined) hmac.update(encodeNumber(requestMac.length, 2)).update(requestMac);
  return hmac
    .update(packet)
    .update(encodeName(canonicalName(key.name)))
    .update(encodeNumber(dnsClass.any, 2))
    .update(encodeNumber(0, 4))
    .update(encodeName(key.algorithm))
    .update(encodeNumber(tsig.timeSignedSeconds, 6))
    .update(encodeNumber(tsig.fudgeSeconds, 2))
    .update(encodeNumber(tsig.error, 2))
    .update(encodeNumber(tsig.otherData.length, 2))
    .update(tsig.otherData)
    .digest();
}

function encodeNumber(value: number, width: number): Buffer {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}

/** The server's time that a BADTIME answer carries (RFC 8945 section 5.2.3); undefined when it carries none. */
export function serverTimeOf(tsig: TsigFields): number | undefined {
  if (tsig.error !== tsigError.BADTIME || tsig.otherData.length !== 6) return undefined;
  return tsig.otherData.readUIntBE(0, 6);
}

/** The other data of a BADTIME answer. */
export function encodeServerTime(seconds: number): Buffer {
  return encodeNumber(seconds, 6);
}

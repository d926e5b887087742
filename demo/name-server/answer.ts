import { errorCode } from "../../shared/core/app-error.js";
import { dnsClass, dnsOpcode, dnsRcode, dnsType, tsigError } from "../../actor/core/dns-codes.js";
import { type DecodedMessage, decodeMessage, type DnsMessage, encodeMessage } from "../../actor/core/dns-message.js";
import { decodeUpdate, type Update } from "../../actor/core/dns-update.js";
import {
  appendTsig,
  encodeServerTime,
  signMessage,
  type TsigKey,
  type TsigVerdict,
  verifyTsig,
} from "../../actor/core/tsig.js";
import { updateZone } from "./update-zone.js";
import { lookUp, type Zone } from "./zone.js";

export interface ServerFacts {
  readonly zone: Zone;
  readonly key: TsigKey;
  readonly nowSeconds: number;
  /** The longest answer the transport takes: 512 octets in a datagram (RFC 1035 section 4.2.1). */
  readonly maximumBytes: number;
}

export interface Answered {
  /** Nothing is answered to an answer, nor to what has not even a header: two servers would talk for ever. */
  readonly packet: Buffer | undefined;
  readonly zone: Zone;
  /** The update that was performed, for the journal. */
  readonly update?: Update;
}

type Reply = Pick<DnsMessage, "rcode" | "isAuthoritative" | "answers" | "authorities" | "isTruncated">;
type Seal = (packet: Buffer) => Buffer;

const plain: Seal = (packet) => packet;

/** What the name server answers to a packet, and its zone afterwards. Never throws, whatever arrives. */
export function answerRequest(packet: Buffer, facts: ServerFacts): Answered {
  const { zone } = facts;
  if (packet.length < 12 || (packet.readUInt8(2) & 0x80) !== 0) return { packet: undefined, zone };
  let request: DecodedMessage | undefined;
  try {
    request = decodeMessage(packet);
    const verdict = verifyTsig(packet, request, facts.key, { nowSeconds: facts.nowSeconds });
    if (verdict.kind !== "authentic" && verdict.kind !== "unsigned") {
      return { packet: refuseSignature(request, verdict, facts), zone };
    }
    return perform(request, verdict, facts);
  } catch (error) {
    // The codec throws nothing else; a bug of the server is SERVFAIL, after which nothing was changed.
    const rcode = errorCode(error) === "DNS_INVALID" ? dnsRcode.FORMERR : dnsRcode.SERVFAIL;
    return { packet: encodeReply(headerOf(packet), failure(rcode)), zone };
  }
}

function perform(
  request: DecodedMessage,
  verdict: Extract<TsigVerdict, { kind: "authentic" | "unsigned" }>,
  facts: ServerFacts,
): Answered {
  const seal = verdict.kind === "authentic" ? sealFor(verdict.tsig.mac, facts) : plain;
  const answer = (reply: Reply): Buffer => fit(request, reply, seal, facts.maximumBytes);
  switch (request.opcode) {
    case dnsOpcode.query:
      return { packet: answer(answerQuery(request, facts.zone)), zone: facts.zone };
    case dnsOpcode.update: {
      if (verdict.kind === "unsigned") return { packet: answer(failure(dnsRcode.REFUSED)), zone: facts.zone };
      if (request.questions[0]?.class !== dnsClass.internet) {
        return { packet: answer(failure(dnsRcode.NOTAUTH)), zone: facts.zone };
      }
      let update: Update;
      try {
        update = decodeUpdate(request);
      } catch {
        return { packet: answer(failure(dnsRcode.FORMERR)), zone: facts.zone };
      }
      const { rcode, zone } = updateZone(facts.zone, update);
      const packet = answer({ ...failure(rcode), isAuthoritative: false });
      return zone === facts.zone ? { packet, zone } : { packet, zone, update };
    }
    default:
      return { packet: answer(failure(dnsRcode.NOTIMP)), zone: facts.zone };
  }
}

function answerQuery(request: DecodedMessage, zone: Zone): Reply {
  const question = request.questions[0];
  if (question === undefined || request.questions.length !== 1) return failure(dnsRcode.FORMERR);
  // Transfers are not offered: nobody but its makers needs a copy of this zone.
  if (question.type === dnsType.AXFR || question.type === dnsType.IXFR) return failure(dnsRcode.REFUSED);
  const { rcode, answers, authorities } = lookUp(zone, question);
  return { rcode, answers, authorities, isAuthoritative: rcode !== dnsRcode.REFUSED, isTruncated: false };
}

function failure(rcode: number): Reply {
  return { rcode, answers: [], authorities: [], isAuthoritative: false, isTruncated: false };
}

function sealFor(requestMac: Buffer, facts: ServerFacts): Seal {
  return (packet) => signMessage(packet, facts.key, { timeSignedSeconds: facts.nowSeconds, requestMac }).packet;
}

function fit(request: DecodedMessage, reply: Reply, seal: Seal, maximumBytes: number): Buffer {
  const whole = seal(encodeReply(request, reply));
  if (whole.length <= maximumBytes) return whole;
  return seal(encodeReply(request, { ...reply, answers: [], authorities: [], isTruncated: true }));
}

function encodeReply(request: DnsMessage, reply: Reply): Buffer {
  return encodeMessage({
    id: request.id,
    isAnswer: true,
    opcode: request.opcode,
    recursionDesired: request.recursionDesired,
    questions: request.questions,
    additionals: [],
    ...reply,
  });
}

/** As much of a malformed request as an answer to it needs. */
function headerOf(packet: Buffer): DnsMessage {
  const header = Buffer.from(packet.subarray(0, 12));
  header.fill(0, 4);
  return decodeMessage(header);
}

/** RFC 8945 sections 5.2 and 5.3.2: which errors are signed. */
function refuseSignature(
  request: DecodedMessage,
  verdict: Exclude<TsigVerdict, { kind: "authentic" | "unsigned" }>,
  facts: ServerFacts,
): Buffer {
  const refused = encodeReply(request, failure(dnsRcode.NOTAUTH));
  const { tsig } = verdict;
  const unsigned = (error: number): Buffer =>
    appendTsig(refused, { ...tsig, mac: Buffer.alloc(0), error, otherData: Buffer.alloc(0) });
  switch (verdict.kind) {
    case "bad-key":
      return unsigned(tsigError.BADKEY);
    case "bad-signature":
      return unsigned(tsigError.BADSIG);
    case "bad-time":
      // Signed with the client's own time, or the client would refuse this answer for its time as well.
      return signMessage(refused, facts.key, {
        timeSignedSeconds: tsig.timeSignedSeconds,
        fudgeSeconds: tsig.fudgeSeconds,
        requestMac: tsig.mac,
        error: tsigError.BADTIME,
        otherData: encodeServerTime(facts.nowSeconds),
      }).packet;
    case "truncated-mac":
      return signMessage(refused, facts.key, {
        timeSignedSeconds: facts.nowSeconds,
        requestMac: tsig.mac,
        error: tsigError.BADTRUNC,
      }).packet;
    case "malformed-mac":
    case "unsigned-error":
      return encodeReply(request, failure(dnsRcode.FORMERR));
  }
}

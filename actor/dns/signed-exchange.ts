import { errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import { dnsRcode, rcodeName, tsigError, tsigErrorName } from "../core/dns-codes.js";
import { decodeMessage, type DnsMessage } from "../core/dns-message.js";
import { type SignatureTimes, updateValidUntilMs } from "../core/dns-outcome.js";
import {
  serverTimeOf,
  signMessage,
  type TsigFields,
  tsigFudgeSeconds,
  type TsigKey,
  verifyTsig,
} from "../core/tsig.js";
import { exchangeTcp } from "./tcp-exchange.js";

export type SignedReply =
  /** The server that holds the key answers this very request. */
  | { readonly kind: "authentic"; readonly message: DnsMessage; readonly tsig: TsigFields }
  /** Something answers; who, is not known. */
  | { readonly kind: "unauthentic"; readonly because: string; readonly hint?: string }
  | { readonly kind: "none"; readonly because: string }
  /** Certainly nothing has reached the server. */
  | { readonly kind: "not-sent"; readonly because: string };

export interface SignedResult {
  readonly reply: SignedReply;
  /** Until when the server may still act on what was sent; 0 when nothing was sent. */
  readonly validUntilWallMs: number;
}

export interface SignedAsk {
  /** The unsigned message with this id. Called once for each message sent. */
  readonly encode: (id: number) => Buffer;
  readonly deadlineMonotonicMs: number;
  readonly signals: readonly AbortSignal[];
}

export interface SignedExchangeOptions {
  readonly server: { readonly host: string; readonly port: number };
  readonly key: TsigKey;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
  readonly newId: () => number;
}

/** Asks with a TSIG and says how far the answer can be trusted. Never rejects for what a network or server does. */
export type SignedExchange = (ask: SignedAsk) => Promise<SignedResult>;

interface Round {
  readonly reply: SignedReply;
  readonly times: Omit<SignatureTimes, "serverOffsetMs"> | undefined;
}

/**
 * The exchange with one server. It never sends the same thing twice but for one case: the server proves by a signed
 * BADTIME that it did not look at the request because of the clocks; then once more with the server's time (RFC 8945
 * section 5.2.3). No clock is set, and the next request starts with this server's own time again (section 5.4.3).
 */
export function createSignedExchange(options: SignedExchangeOptions): SignedExchange {
  const { clock, log } = options;
  let serverOffsetMs = 0;
  let areClocksApart = false;

  const noteClocks = (apart: boolean): void => {
    if (apart === areClocksApart) return;
    areClocksApart = apart;
    const fields = { server: options.server.host, offsetSeconds: Math.round(serverOffsetMs / 1000) };
    if (apart) log.warn("name-server-clock-differs", fields);
    else log.info("name-server-clock-agrees", fields);
  };
  const validUntil = (rounds: readonly Round[]): number =>
    Math.max(0, ...rounds.map(({ times }) => (times ? updateValidUntilMs({ ...times, serverOffsetMs }) : 0)));
  const learnOffset = (serverSeconds: number): void => {
    serverOffsetMs = serverSeconds * 1000 - clock.wallMs();
  };

  return async (ask) => {
    const first = await sendOnce(options, ask, 0);
    const serverSeconds = badTimeOf(first.reply);
    if (serverSeconds === undefined) {
      if (first.reply.kind === "authentic") {
        learnOffset(first.reply.tsig.timeSignedSeconds);
        noteClocks(false);
      }
      return { reply: first.reply, validUntilWallMs: validUntil([first]) };
    }
    learnOffset(serverSeconds);
    noteClocks(true);
    const second = await sendOnce(options, ask, serverOffsetMs);
    // The first message was refused, but its time may still come by the server's clock: it counts in validUntil.
    const reply: SignedReply =
      second.reply.kind === "not-sent" ? { kind: "none", because: second.reply.because } : second.reply;
    return { reply, validUntilWallMs: validUntil([first, second]) };
  };
}

function badTimeOf(reply: SignedReply): number | undefined {
  if (reply.kind !== "authentic" || reply.message.rcode !== dnsRcode.NOTAUTH) return undefined;
  return serverTimeOf(reply.tsig);
}

async function sendOnce(options: SignedExchangeOptions, ask: SignedAsk, offsetMs: number): Promise<Round> {
  const { clock, key } = options;
  const id = options.newId();
  let sent: Sent = { id, opcode: 0, mac: Buffer.alloc(0) };
  let times: Round["times"];
  const serverSecondsNow = (): number => Math.floor((clock.wallMs() + offsetMs) / 1000);

  const result = await exchangeTcp({
    server: options.server,
    clock,
    signals: ask.signals,
    limitMs: Math.max(0, ask.deadlineMonotonicMs - clock.monotonicMs()),
    makePacket: () => {
      const timeSignedSeconds = serverSecondsNow();
      const message = ask.encode(id);
      const signed = signMessage(message, key, { timeSignedSeconds });
      sent = { id, opcode: decodeMessage(message).opcode, mac: signed.mac };
      times = { timeSignedSeconds, fudgeSeconds: tsigFudgeSeconds, signedAtWallMs: clock.wallMs() };
      return signed.packet;
    },
    isAnswer: (packet) => packet.readUInt16BE(0) === id,
  });
  switch (result.kind) {
    case "not-sent":
      return { reply: result, times: undefined };
    case "no-answer":
      return { reply: { kind: "none", because: result.because }, times };
    case "answer":
      return { reply: judgeReply(result.packet, sent, key, serverSecondsNow()), times };
  }
}

interface Sent {
  readonly id: number;
  readonly opcode: number;
  readonly mac: Buffer;
}

function judgeReply(packet: Buffer, sent: Sent, key: TsigKey, nowSeconds: number): SignedReply {
  try {
    const message = decodeMessage(packet);
    const verdict = verifyTsig(packet, message, key, { nowSeconds, requestMac: sent.mac });
    switch (verdict.kind) {
      case "authentic":
        // The id in front is not covered by the signature, the one in the TSIG is (RFC 8945 section 4.3.2).
        if (!message.isAnswer || message.opcode !== sent.opcode || verdict.tsig.originalId !== sent.id) {
          return { kind: "unauthentic", because: "the signed answer belongs to another request" };
        }
        return { kind: "authentic", message, tsig: verdict.tsig };
      case "unsigned-error":
        return { kind: "unauthentic", ...explainUnsignedError(verdict.tsig.error, key) };
      case "unsigned":
        return { kind: "unauthentic", because: `an unsigned answer says ${rcodeName(message.rcode)}` };
      case "malformed-mac":
      case "bad-key":
      case "bad-signature":
      case "bad-time":
      case "truncated-mac":
        return { kind: "unauthentic", because: `the answer is not authentic: ${verdict.because}` };
    }
  } catch (error) {
    return { kind: "unauthentic", because: `the answer is malformed: ${errorMessage(error)}` };
  }
}

function explainUnsignedError(error: number, key: TsigKey): { readonly because: string; readonly hint: string } {
  const because = `an unsigned answer says ${tsigErrorName(error)} for the key ${key.name}`;
  switch (error) {
    case tsigError.BADKEY:
      return { because, hint: "Give the update server the same TSIG key name and algorithm as dns.tsig." };
    case tsigError.BADSIG:
      return { because, hint: "Give the update server the same TSIG secret as dns.tsig.secretFile." };
    default:
      return { because, hint: "Compare the TSIG key of dns.tsig with that of the update server." };
  }
}

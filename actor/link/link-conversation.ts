import { z } from "zod";
import { AppError } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import { errorCatalogue, type ErrorCode } from "../../shared/core/error-catalogue.js";
import type { JsonObject } from "../../shared/core/json.js";
import { otherServer } from "../../shared/core/server-name.js";
import { linkProtocol } from "../../shared/core/status.js";
import { withDeadline } from "../../shared/deadline.js";
import {
  describeContent,
  openReply,
  replyEnvelope,
  sealRequest,
  splitContent,
  type ReplyEnvelope,
} from "../core/link-authentication.js";
import type { LinkIdentity } from "../core/link-admission.js";
import { isLinkRefusal, type LinkRefusal } from "../core/link-refusal.js";
import type { LinkMessage } from "./link.js";
import type { Exchanged, Lane, LinkExchange } from "./link-exchange.js";
import { LinkRefusedError } from "./link-refused-error.js";
import { decodeFields, encodeFields, helloKind } from "./link-wire.js";

export interface ConversationPorts {
  readonly exchange: LinkExchange;
  readonly identity: LinkIdentity;
  readonly pairKey: Buffer;
  readonly clock: ClockPort;
  readonly random: RandomPort;
}

export interface LinkConversation {
  /** One message and its authentic answer, under a session that is begun when there is none. */
  ask(kind: string, message: LinkMessage, signal: AbortSignal): Promise<LinkMessage>;
}

interface Session {
  readonly id: string;
  /** The counter of the last message sent. */
  sent: number;
}

interface Reply {
  readonly outcome: ReplyEnvelope["outcome"];
  readonly message: LinkMessage;
}

const helloLimitSeconds = 10;
const helloReply = z.looseObject({ session: z.string().regex(/^[a-z0-9]{1,64}$/) });
const failure = z.looseObject({ code: z.string(), message: z.string(), hint: z.string().optional() });

/** Kinds of these areas carry batches, in the question or in the answer. */
const bulkAreas: ReadonlySet<string> = new Set(["files", "database"]);

/** The client's half of the handshake: sessions, counters, and the judgement of each answer. */
export function createLinkConversation(ports: ConversationPorts): LinkConversation {
  // Shared by all who ask at the same time: one hello is enough for them.
  let session: Promise<Session> | undefined;

  const currentSession = (): Promise<Session> => {
    if (session !== undefined) return session;
    const begun = beginSession(ports);
    session = begun;
    begun.catch(() => {
      if (session === begun) session = undefined;
    });
    return begun;
  };

  const askOnce = async (kind: string, message: LinkMessage, signal: AbortSignal): Promise<Reply | "forgotten"> => {
    const asked = currentSession();
    const { id, counter } = await asked.then((current) => ({ id: current.id, counter: (current.sent += 1) }));
    // If the caller gave up meanwhile, the request is never sent: its signal has aborted.
    const reply = await send(ports, { kind, session: id, counter }, message, signal);
    if (refusalOf(reply) !== "unknown-session") return reply;
    if (session === asked) session = undefined;
    return "forgotten";
  };

  return {
    ask: async (kind, message, signal) => {
      // The peer was restarted and says, authentically, that it processed nothing: then, and only then, send it anew.
      let reply = await askOnce(kind, message, signal);
      if (reply === "forgotten") reply = await askOnce(kind, message, signal);
      if (reply === "forgotten") throw refused("unknown-session", "the peer forgets the session it has just begun");
      return takeAnswer(reply);
    },
  };
}

async function beginSession(ports: ConversationPorts): Promise<Session> {
  const options = { limitSeconds: helloLimitSeconds, what: "greeting the peer" };
  const reply = await withDeadline(ports.clock, options, (signal) =>
    send(ports, { kind: helloKind, session: "", counter: 0 }, { fields: {} }, signal),
  );
  const parsed = helloReply.safeParse(takeAnswer(reply).fields);
  if (!parsed.success) throw notAuthentic("the answer to the greeting holds no session");
  return { id: parsed.data.session, sent: 0 };
}

async function send(
  { exchange, identity, pairKey, random }: ConversationPorts,
  about: { readonly kind: string; readonly session: string; readonly counter: number },
  { fields, body }: LinkMessage,
  signal: AbortSignal,
): Promise<Reply> {
  const fieldBytes = encodeFields(fields);
  const sealed = sealRequest(pairKey, {
    protocol: linkProtocol,
    pair: identity.pair,
    sender: identity.server,
    instance: identity.instance,
    ...about,
    ...describeContent(pairKey, random.id(), fieldBytes, body),
  });
  const content = body === undefined ? [fieldBytes] : [fieldBytes, body];
  const exchanged = await exchange.send(sealed, content, laneOf(about.kind), signal);
  return openAnswer(identity, pairKey, sealed.mac, exchanged);
}

function laneOf(kind: string): Lane {
  const area = kind.slice(0, Math.max(0, kind.indexOf("/")));
  return bulkAreas.has(area) ? "bulk" : "control";
}

/** The answer, once it is certain that the peer gave it to this very request. */
function openAnswer(own: LinkIdentity, pairKey: Buffer, requestMac: string, { sealed, content }: Exchanged): Reply {
  if (sealed === undefined) throw notAuthentic(`the answer is not signed${unsignedReason(content)}`);
  const parsed = replyEnvelope.safeParse(openReply(pairKey, requestMac, sealed));
  if (!parsed.success) throw notAuthentic("the answer's HMAC is not that of this pair key and this request");
  const envelope = parsed.data;
  const parts = splitContent(pairKey, envelope, content);
  const fields = parts && decodeFields(parts.fields);
  if (parts === undefined || fields === undefined) throw notAuthentic("the answer's content is not what was signed");
  const message = parts.body === undefined ? { fields } : { fields, body: parts.body };
  // A refusal may come from the same role or another protocol: that is what it says. An answer may not.
  const isPeers = envelope.sender === otherServer(own.server) && envelope.pair === own.pair;
  if (envelope.outcome !== "refused" && !isPeers) throw notAuthentic("the answer comes from another server");
  return { outcome: envelope.outcome, message };
}

function unsignedReason(content: Buffer): string {
  const said = decodeFields(content)?.["refused"];
  return isLinkRefusal(said) ? `; it says "${said}"` : "";
}

function refusalOf({ outcome, message }: Reply): LinkRefusal | undefined {
  const reason = message.fields["reason"];
  return outcome === "refused" && isLinkRefusal(reason) ? reason : undefined;
}

function takeAnswer(reply: Reply): LinkMessage {
  switch (reply.outcome) {
    case "answered":
      return reply.message;
    case "failed":
      throw handlerFailed(reply.message.fields);
    case "refused": {
      const said = reply.message.fields["message"];
      throw refused(refusalOf(reply) ?? "malformed", typeof said === "string" ? said : "no reason was given");
    }
  }
}

function refused(reason: LinkRefusal, because: string): AppError {
  const cause = new LinkRefusedError(reason, because);
  // Whoever delivers a message twice can have the second one's refusal arrive first: processed or not is unknown.
  const code = reason === "replayed" ? "PEER_UNREACHABLE" : "PEER_REFUSED";
  return new AppError(code, `the peer's link refused the message (${reason}): ${because}`, { cause });
}

function handlerFailed(fields: JsonObject): AppError {
  const parsed = failure.safeParse(fields);
  if (!parsed.success) return new AppError("PEER_REFUSED", "the peer refused without saying why");
  const { code, message, hint } = parsed.data;
  const options = hint === undefined ? {} : { hint };
  return new AppError("PEER_REFUSED", message, { ...options, cause: peerFailure(code, message) });
}

/** A newer peer may know codes that are not in this catalogue: they are kept as they are. */
function peerFailure(code: string, message: string): Error & { readonly code: string } {
  return isErrorCode(code) ? new AppError(code, message) : Object.assign(new Error(message), { code });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}

function notAuthentic(because: string): AppError {
  return new AppError("PEER_UNREACHABLE", `an answer came that is not the peer's: ${because}`, {
    cause: new LinkRefusedError("reply-not-authentic", because),
    hint: "Do both servers hold the same pair key?",
  });
}

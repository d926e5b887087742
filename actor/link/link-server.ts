import type { IncomingMessage, ServerResponse } from "node:http";
import type { DropArgument, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { JsonObject } from "../../shared/core/json.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import { linkProtocol } from "../../shared/core/status.js";
import {
  createHttpServer,
  startListening,
  stopListening,
  type HttpServer,
  type ListenAddress,
  type ListenerLimits,
} from "../../shared/http-server.js";
import { describeContent, sealReply, type ReplyEnvelope } from "../core/link-authentication.js";
import { contentLimits, type LinkIdentity } from "../core/link-admission.js";
import type { LinkRefusal } from "../core/link-refusal.js";
import type { LinkHandlers, LinkMessage } from "./link.js";
import { createLinkSessions } from "./link-sessions.js";
import { BodyMemory } from "./body-memory.js";
import { encodeFields, listenerLimits, sealedHeaders } from "./link-wire.js";
import { checkPairKey } from "./pair-key.js";
import { isPinned, pinnedServerOptions, readCertificate, type LinkCertificates } from "./pinned-tls.js";
import { receiveMessage, type Received, type ReceiverPorts } from "./receive-message.js";
import { createRefusalRecorder, type RecordRefusal } from "./refusal-recorder.js";
import { sendAnswer } from "./send-answer.js";

export interface LinkServerOptions {
  readonly listen: ListenAddress;
  /** Undefined: the transport `http`, without encryption. */
  readonly tls: LinkCertificates | undefined;
  readonly pairKey: Buffer;
  readonly identity: LinkIdentity;
  readonly handlers: LinkHandlers;
  readonly log: LoggerPort;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly onRefused: (reason: LinkRefusal) => void;
  readonly limits?: ListenerLimits;
}

export interface LinkServer {
  /** Opens the listener; rejects with LISTENER_FAILED. */
  start(): Promise<{ readonly port: number }>;
  /** Lets running handlers end for two seconds. Idempotent. */
  stop(): Promise<void>;
}

const stopGraceSeconds = 2;

/**
 * The peer's entrance: mutual TLS with the pinned certificate, then the pair key, then the session's counter. What
 * fails at any of them is refused by name and counted, and no handler sees it.
 */
export function createLinkServer(options: LinkServerOptions): LinkServer {
  const { listen, tls, pairKey, identity, clock, log, limits = listenerLimits } = options;
  checkPairKey(pairKey);
  const record = createRefusalRecorder(options);
  const sessions = createLinkSessions(options.random);
  const receiver: ReceiverPorts = { identity, pairKey, sessions, memory: new BodyMemory() };
  const server = createHttpServer({
    tls: tls && pinnedServerOptions(tls),
    limits,
    onRequest: (request, response) => {
      void answer(options, receiver, record, request, response);
    },
    onError: (error) => {
      log.warn("link-listener-failed", { because: errorMessage(error) });
    },
  });
  if (tls !== undefined) refuseOtherCertificates(server, tls, record);
  refuseBadConnections(server, record);
  return {
    start: async () => {
      const address = await startListening(server, listen, "link.listen");
      const fields = { host: listen.host, port: address.port };
      if (tls === undefined) {
        log.warn("link-without-encryption", { ...fields, because: "the setting link.transport is http" });
      }
      log.info("link-listening", { ...fields, transport: tls === undefined ? "http" : "https" });
      return address;
    },
    stop: () => stopListening(server, clock, stopGraceSeconds),
  };
}

function refuseOtherCertificates(server: HttpServer, tls: LinkCertificates, record: RecordRefusal): void {
  const pinned = readCertificate(tls.peerCertificate, "the peer's certificate");
  // Before the HTTP server's own listener: a destroyed socket is never read.
  server.prependListener("secureConnection", (socket: TLSSocket) => {
    if (isPinned(socket, pinned)) return;
    record("wrong-certificate", "another certificate than the pinned one", { remote: remoteOf(socket) });
    socket.destroy();
  });
  server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
    const fields = { remote: remoteOf(socket) };
    const authorizationError: unknown = socket.authorizationError;
    if (authorizationError !== undefined && authorizationError !== null) {
      record("wrong-certificate", errorMessage(authorizationError), fields);
    } else if (errorCode(error) === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE") {
      record("wrong-certificate", "no certificate was shown", fields);
    } else {
      record("connection-failed", errorMessage(error), fields);
    }
  });
}

function refuseBadConnections(server: HttpServer, record: RecordRefusal): void {
  const unestablished = new WeakSet<Socket>();
  server.prependListener("tlsClientError", (_error: Error, socket: TLSSocket) => {
    unestablished.add(socket);
    socket.destroy();
  });
  server.on("drop", (dropped?: DropArgument) => {
    record("too-many-connections", "more connections than allowed", { remote: dropped?.remoteAddress ?? "" });
  });
  server.on("clientError", (error: Error, socket: Socket) => {
    const code = errorCode(error);
    // Node's HTTPS server passes on what `tlsClientError` has told already.
    if (unestablished.has(socket)) return;
    // A peer that goes away in the middle of a request is no attack.
    if (code !== "ECONNRESET" && code !== "EPIPE") {
      record(clientErrorReason(code), errorMessage(error), { remote: remoteOf(socket) });
    }
    socket.destroy();
  });
}

function clientErrorReason(code: string | undefined): LinkRefusal {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "too-slow";
  return code === "HPE_HEADER_OVERFLOW" ? "oversized" : "malformed";
}

async function answer(
  options: LinkServerOptions,
  receiver: ReceiverPorts,
  record: RecordRefusal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const received = await receiveMessage(receiver, request);
  switch (received.kind) {
    case "gone":
      return;
    case "refused":
      record(received.reason, received.because, { remote: remoteOf(request.socket) });
      refuse(options, received, response);
      return;
    case "hello":
      reply(options, received.requestMac, response, "answered", { fields: { session: receiver.sessions.open() } });
      return;
    case "message": {
      const { outcome, message } = await handle(options, received);
      reply(options, received.requestMac, response, outcome, message);
    }
  }
}

function refuse(
  options: LinkServerOptions,
  refused: Extract<Received, { kind: "refused" }>,
  response: ServerResponse,
): void {
  const { reason, because, requestMac } = refused;
  if (requestMac === undefined) {
    response.writeHead(403, { connection: "close", "content-type": "application/json" });
    response.end(JSON.stringify({ refused: reason }));
    return;
  }
  reply(options, requestMac, response, "refused", { fields: { reason, message: because } });
}

interface Handled {
  readonly outcome: "answered" | "failed";
  readonly message: LinkMessage;
}

async function handle(options: LinkServerOptions, received: Extract<Received, { kind: "message" }>): Promise<Handled> {
  const { messageKind, message } = received;
  try {
    const handler = Object.hasOwn(options.handlers, messageKind) ? options.handlers[messageKind] : undefined;
    if (handler === undefined) throw new AppError("NOT_FOUND", `there is no message of the kind "${messageKind}"`);
    const answered = await handler(message);
    checkSize(answered, messageKind);
    return { outcome: "answered", message: answered };
  } catch (error) {
    return { outcome: "failed", message: { fields: failureFields(options, messageKind, error) } };
  }
}

function checkSize({ fields, body }: LinkMessage, messageKind: string): void {
  const fieldsBytes = encodeFields(fields).length;
  const bodyBytes = body?.length ?? 0;
  if (fieldsBytes > contentLimits.fieldsBytes || bodyBytes > contentLimits.bodyBytes) {
    const size = `${fieldsBytes} bytes of fields, ${bodyBytes} of body`;
    throw new AppError("REQUEST_TOO_LARGE", `the answer to "${messageKind}" is larger than the link carries: ${size}`);
  }
}

function failureFields({ log }: LinkServerOptions, messageKind: string, error: unknown): JsonObject {
  if (error instanceof AppError) {
    const { code, message, hint } = error;
    return hint === undefined ? { code, message } : { code, message, hint };
  }
  // What a bug says may hold anything; only this server's log gets it.
  log.error("link-handler-failed", { kind: messageKind, because: errorMessage(error) });
  return { code: "UNEXPECTED", message: `the peer failed at "${messageKind}"; its log says why` };
}

function reply(
  { pairKey, identity, random }: LinkServerOptions,
  requestMac: string,
  response: ServerResponse,
  outcome: ReplyEnvelope["outcome"],
  { fields, body }: LinkMessage,
): void {
  const fieldBytes = encodeFields(fields);
  const sealed = sealReply(pairKey, requestMac, {
    protocol: linkProtocol,
    pair: identity.pair,
    sender: identity.server,
    outcome,
    ...describeContent(pairKey, random.id(), fieldBytes, body),
  });
  // Nobody reads it, and it is a tenth of a short answer.
  response.sendDate = false;
  response.writeHead(200, sealedHeaders(sealed, fieldBytes.length + (body?.length ?? 0)));
  sendAnswer(response, body === undefined ? [fieldBytes] : [fieldBytes, body]);
}

function remoteOf(socket: Socket): string {
  return socket.remoteAddress ?? "";
}

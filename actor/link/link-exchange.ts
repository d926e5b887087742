import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import type { TLSSocket } from "node:tls";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import { formatHostAndPort } from "../../shared/core/host-and-port.js";
import type { ListenAddress } from "../../shared/http-server.js";
import { readBody } from "../../shared/read-body.js";
import type { Sealed } from "../core/link-authentication.js";
import { contentLimits } from "../core/link-admission.js";
import { LinkRefusedError } from "./link-refused-error.js";
import { headerBytesLimit, linkPath, listenerLimits, readSealed, sealedHeaders } from "./link-wire.js";
import { pinnedClientOptions, type LinkCertificates } from "./pinned-tls.js";

/** Bulk data and control messages have their own sockets: a heartbeat never waits behind a batch of files. */
export type Lane = "control" | "bulk";

export interface Exchanged {
  /** Undefined: the answer has no envelope, so nobody with the pair key gave it. */
  readonly sealed: Sealed | undefined;
  readonly content: Buffer;
}

export interface LinkExchange {
  /** Sends one request and takes its answer off the wire, unchecked. Rejects with PEER_UNREACHABLE. */
  send(sealed: Sealed, content: readonly Buffer[], lane: Lane, signal: AbortSignal): Promise<Exchanged>;
  close(): void;
}

const socketsPerLane = { control: 4, bulk: 3 } as const satisfies Record<Lane, number>;

/** Half of the server's: whoever asks on a socket that the other side is just closing gets no answer. */
const defaultIdleMs = (listenerLimits.idleSeconds * 1000) / 2;

const answerLimitBytes = contentLimits.fieldsBytes + contentLimits.bodyBytes;

/** The sockets to the peer. */
export function createLinkExchange(
  peer: ListenAddress,
  tls: LinkCertificates | undefined,
  idleMs = defaultIdleMs,
): LinkExchange {
  const lanes = { control: createAgent("control", tls, idleMs), bulk: createAgent("bulk", tls, idleMs) };
  return {
    send: (sealed, content, lane, signal) => {
      const contentBytes = content.reduce((sum, part) => sum + part.length, 0);
      const request = (tls === undefined ? http : https).request({
        host: peer.host,
        port: peer.port,
        method: "POST",
        path: linkPath,
        headers: sealedHeaders(sealed, contentBytes),
        agent: lanes[lane],
        maxHeaderSize: headerBytesLimit,
        signal,
      });
      return receive(request, content, peer);
    },
    close: () => {
      lanes.control.destroy();
      lanes.bulk.destroy();
    },
  };
}

function createAgent(lane: Lane, tls: LinkCertificates | undefined, idleMs: number): http.Agent {
  // Of sockets that are free; one whose answer takes longer is left alone.
  const options = { keepAlive: true, maxSockets: socketsPerLane[lane], timeout: idleMs };
  if (tls === undefined) return new http.Agent(options);
  // maxCachedSessions 0: a resumed TLS session would skip the comparison with the pinned certificate.
  return new https.Agent({ ...options, ...pinnedClientOptions(tls), maxCachedSessions: 0 });
}

function receive(request: ClientRequest, content: readonly Buffer[], peer: ListenAddress): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    request.on("error", (error) => {
      reject(unreachable(request, error, peer));
    });
    request.on("response", (response: IncomingMessage) => {
      readBody(response, answerLimitBytes).then(
        (bytes) => {
          resolve({ sealed: readSealed(response.headers), content: bytes });
        },
        (error: unknown) => {
          request.destroy();
          reject(unreachable(request, error, peer));
        },
      );
    });
    const [fields, body] = content;
    request.write(fields);
    if (body === undefined) request.end();
    // After what stands before it: several parts at once are joined by TLS into memory of its own, and a body is large.
    else
      request.once("socket", () => {
        process.nextTick(() => request.end(body));
      });
  });
}

function unreachable(request: ClientRequest, error: unknown, peer: ListenAddress): AppError {
  const where = formatHostAndPort(peer);
  const socket = request.socket as Partial<TLSSocket> | null;
  // Node leaves the reason here when the certificate was not accepted, whatever the error's own code.
  const authorizationError: unknown = socket?.authorizationError;
  if (authorizationError !== undefined && authorizationError !== null) {
    const cause = new LinkRefusedError("wrong-certificate", errorMessage(authorizationError));
    return new AppError("PEER_UNREACHABLE", `${where} does not show the pinned certificate`, {
      cause,
      hint: "Is peerCertificateFile the certificate of the other server, and link.peer its address?",
    });
  }
  const code = errorCode(error);
  const detail = errorMessage(error);
  const because = code === undefined || detail.includes(code) ? detail : `${detail} (${code})`;
  return new AppError("PEER_UNREACHABLE", `no answer from ${where}: ${because}`, { cause: error });
}

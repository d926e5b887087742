import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { AppError, errorCode, errorMessage } from "./core/app-error.js";
import type { ClockPort } from "./core/clock-port.js";
import { formatHostAndPort } from "./core/host-and-port.js";

export interface ListenAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Limits of a listener against senders that are slow, large or many. */
export interface ListenerLimits {
  readonly headerBytes: number;
  readonly headersSeconds: number;
  /** From the first byte of a request to the last of its body. */
  readonly requestSeconds: number;
  /** How long an unused connection is kept. */
  readonly idleSeconds: number;
  readonly connections: number;
}

export interface ListenerOptions {
  /** Undefined: plain HTTP. */
  readonly tls: https.ServerOptions | undefined;
  readonly limits: ListenerLimits;
  readonly onRequest: http.RequestListener;
  /** Told of what fails while it listens: a connection that could not be accepted for lack of file descriptors. */
  readonly onError: (error: Error) => void;
}

export type HttpServer = http.Server | https.Server;

/** An HTTP or HTTPS server with every limit set; not listening yet. */
export function createHttpServer({ tls, limits, onRequest, onError }: ListenerOptions): HttpServer {
  const options: http.ServerOptions = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersSeconds * 1000,
    requestTimeout: limits.requestSeconds * 1000,
    keepAliveTimeout: limits.idleSeconds * 1000,
    // Node looks for slow senders only this often; its default of 30 s would make shorter limits meaningless.
    connectionsCheckingInterval: Math.min(1000, limits.headersSeconds * 500),
  };
  const server =
    tls === undefined
      ? http.createServer(options, onRequest)
      : https.createServer({ ...options, handshakeTimeout: limits.headersSeconds * 1000, ...tls }, onRequest);
  server.maxConnections = limits.connections;
  // Without a listener such an error would end the process.
  server.on("error", (error: Error) => {
    if (server.listening) onError(error);
  });
  server.on("request", (_request: http.IncomingMessage, response: http.ServerResponse) => {
    // A connection whose request ends while the server stops would be kept alive and hold up the stop.
    response.once("close", () => {
      if (!server.listening) server.closeIdleConnections();
    });
  });
  return server;
}

/**
 * Opens the listener. Rejects with LISTENER_FAILED: address in use, not of this machine, or not permitted; the message
 * names the setting that the address comes from.
 */
export function startListening(
  server: HttpServer,
  address: ListenAddress,
  setting: string,
): Promise<{ readonly port: number }> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      const message = `${setting}: cannot listen on ${formatHostAndPort(address)}: ${errorMessage(error)}`;
      reject(new AppError("LISTENER_FAILED", message, { cause: error, hint: hintFor(error, address) }));
    };
    server.once("error", fail);
    server.listen(address.port, address.host, () => {
      server.off("error", fail);
      resolve({ port: (server.address() as AddressInfo).port });
    });
  });
}

function hintFor(error: Error, { port }: ListenAddress): string {
  const code = errorCode(error);
  if (code === "EADDRINUSE") {
    return `another program listens there (ss -ltnp 'sport = :${port}' names it); end it, or set another port`;
  }
  if (code === "EACCES") return `let this user listen on port ${port}, or set one above 1023`;
  return "set an address that this server has";
}

/** Takes no more connections, lets running requests end for `graceSeconds`, then cuts what is left. Idempotent. */
export async function stopListening(server: HttpServer, clock: ClockPort, graceSeconds: number): Promise<void> {
  if (!server.listening) return;
  const patience = new AbortController();
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      patience.abort();
      resolve();
    });
  });
  server.closeIdleConnections();
  await clock.sleep(graceSeconds * 1000, patience.signal).catch(() => undefined);
  server.closeAllConnections();
  await closed;
}

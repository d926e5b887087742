import { connect } from "node:net";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { errorMessage } from "../../shared/core/app-error.js";
import { frameMessage, takeMessages } from "../core/dns-stream.js";

export interface TcpRequest {
  readonly server: { readonly host: string; readonly port: number };
  /** Called once, when connected: what is signed then carries the time at which it is sent. */
  readonly makePacket: () => Buffer;
  readonly isAnswer: (packet: Buffer) => boolean;
  readonly limitMs: number;
  readonly clock: ClockPort;
  /** Any of them ends the exchange. */
  readonly signals: readonly AbortSignal[];
}

export type TcpResult =
  | { readonly kind: "answer"; readonly packet: Buffer }
  /** Not one octet has left: the server certainly knows nothing of the request. */
  | { readonly kind: "not-sent"; readonly because: string }
  | { readonly kind: "no-answer"; readonly because: string };

/**
 * One question and its answer on a connection of its own. TCP and not UDP: an update must not be doubled or repeated by
 * the transport, a signed answer may be longer than a datagram, and a failed connection proves that nothing was sent.
 * Never retries. An answer that comes after the limit, or after the signal, is never seen.
 */
export function exchangeTcp(request: TcpRequest): Promise<TcpResult> {
  const { server, clock, signals } = request;
  return new Promise((resolve, reject) => {
    const finished = new AbortController();
    const socket = connect({ host: server.host, port: server.port, noDelay: true });
    let isSent = false;
    let arrived: Buffer = Buffer.alloc(0);

    const close = (): boolean => {
      if (finished.signal.aborted) return false;
      finished.abort();
      socket.destroy();
      return true;
    };
    const fail = (because: string): void => {
      if (close()) resolve({ kind: isSent ? "no-answer" : "not-sent", because });
    };

    socket.on("connect", () => {
      if (finished.signal.aborted) return;
      try {
        const frame = frameMessage(request.makePacket());
        isSent = true;
        socket.write(frame);
      } catch (error) {
        if (close()) reject(error);
      }
    });
    socket.on("data", (chunk: Buffer) => {
      if (finished.signal.aborted) return;
      try {
        const { packets, rest } = takeMessages(Buffer.concat([arrived, chunk]));
        arrived = rest;
        const packet = packets.find(request.isAnswer);
        if (packet !== undefined && close()) resolve({ kind: "answer", packet });
      } catch (error) {
        fail(errorMessage(error));
      }
    });
    socket.on("error", (error) => {
      fail(errorMessage(error));
    });
    socket.on("close", () => {
      fail("the connection was closed without an answer");
    });

    for (const signal of signals) {
      if (signal.aborted) fail("aborted");
      signal.addEventListener(
        "abort",
        () => {
          fail("aborted");
        },
        { signal: finished.signal },
      );
    }
    clock.sleep(request.limitMs, finished.signal).then(
      () => {
        fail("no answer within the limit");
      },
      () => undefined,
    );
  });
}

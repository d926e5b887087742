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
  return new Promise((resolve) => {
    const finished = new AbortController();
    const socket = connect({ host: request.server.host, port: request.server.port, noDelay: true });
    let isSent = false;
    let arrived: Buffer = Buffer.alloc(0);

    const finish = (result: TcpResult): void => {
      if (finished.signal.aborted) return;
      finished.abort();
      socket.destroy();
      resolve(result);
    };
    const fail = (because: string): void => {
      finish({ kind: isSent ? "no-answer" : "not-sent", because });
    };
    // An exception in a socket's handler would end the process; here it only ends the exchange.
    const guarded = (work: () => void): void => {
      if (finished.signal.aborted) return;
      try {
        work();
      } catch (error) {
        fail(errorMessage(error));
      }
    };

    socket.on("connect", () => {
      guarded(() => {
        const frame = frameMessage(request.makePacket());
        isSent = true;
        socket.write(frame);
      });
    });
    socket.on("data", (chunk: Buffer) => {
      guarded(() => {
        const { packets, rest } = takeMessages(Buffer.concat([arrived, chunk]));
        arrived = rest;
        const packet = packets.find(request.isAnswer);
        if (packet !== undefined) finish({ kind: "answer", packet });
      });
    });
    socket.on("error", (error) => {
      fail(errorMessage(error));
    });
    socket.on("close", () => {
      fail("the connection was closed without an answer");
    });
    failAtLimit(request, finished.signal, fail);
  });
}

function failAtLimit(request: TcpRequest, finished: AbortSignal, fail: (because: string) => void): void {
  const abort = (): void => {
    fail("aborted");
  };
  for (const signal of request.signals) {
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { signal: finished });
  }
  request.clock.sleep(request.limitMs, finished).then(
    () => {
      fail("no answer within the limit");
    },
    // The sleep is aborted as soon as the exchange has finished.
    () => undefined,
  );
}

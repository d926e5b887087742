import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";

export interface TestPageServer {
  readonly address: { readonly host: string; readonly port: number };
  /** What arrived, newest last. */
  readonly requests: http.IncomingMessage[];
  close(): Promise<void>;
}

/** A web server on a free loopback port, for probes. */
export async function startTestPageServer(
  handler: http.RequestListener,
  tls?: { readonly key: string; readonly cert: string },
): Promise<TestPageServer> {
  const requests: http.IncomingMessage[] = [];
  const listener: http.RequestListener = (request, response) => {
    requests.push(request);
    handler(request, response);
  };
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

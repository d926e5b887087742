import net from "node:net";
import type { AddressInfo } from "node:net";

/** Stands between two programs and counts what they say to each other. */
export interface CountingRelay {
  readonly port: number;
  /** Both directions, of all connections so far. */
  bytes(): number;
  close(): Promise<void>;
}

/** Passes connections on to a port of this machine. */
export async function openCountingRelay(targetPort: number): Promise<CountingRelay> {
  let bytes = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const target = net.connect(targetPort, "127.0.0.1");
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk: Buffer) => (bytes += chunk.length));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
      });
      from.setNoDelay(true);
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        sockets.forEach((socket) => socket.destroy());
      }),
  };
}

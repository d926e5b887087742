import net, { type AddressInfo } from "node:net";

/** Stands before a PostgreSQL server and counts how often somebody waited for it. */
export interface RoundTripRelay {
  readonly port: number;
  /** Number of ReadyForQuery of all connections so far: one for each message, or group of messages, that was answered. */
  count(): number;
  close(): Promise<void>;
}

const readyForQuery = "Z".charCodeAt(0);
const headBytes = 5;

/** Passes connections on to a server of this machine. Not for TLS. */
export async function openRoundTripRelay(serverPort: number): Promise<RoundTripRelay> {
  let count = 0;
  const sockets = new Set<net.Socket>();
  const relay = net.createServer((client) => {
    const server = net.connect(serverPort, "127.0.0.1");
    let waiting = Buffer.alloc(0);
    server.on("data", (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      // A message: its kind, then the length of what follows the kind (PostgreSQL manual, "Message Formats").
      while (waiting.length >= headBytes && waiting.length >= waiting.readInt32BE(1) + 1) {
        if (waiting[0] === readyForQuery) count += 1;
        waiting = waiting.subarray(waiting.readInt32BE(1) + 1);
      }
      client.write(chunk);
    });
    client.pipe(server);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  return {
    port: (relay.address() as AddressInfo).port,
    count: () => count,
    close: () =>
      new Promise((resolve) => {
        relay.close(() => {
          resolve();
        });
        sockets.forEach((socket) => socket.destroy());
      }),
  };
}

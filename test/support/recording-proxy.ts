import net from "node:net";
import type { AddressInfo } from "node:net";

export interface RecordingProxy {
  readonly port: number;
  /** What the client sent so far, over all connections. */
  readonly sent: () => Buffer;
  readonly close: () => Promise<void>;
}

export interface ProxyWishes {
  readonly alterRequest?: (bytes: Buffer) => Buffer;
  readonly alterReply?: (bytes: Buffer) => Buffer;
}

/** Someone in the middle: passes bytes on, keeps them, and may alter them. */
export async function openProxy(target: number, wishes: ProxyWishes = {}): Promise<RecordingProxy> {
  const { alterRequest = same, alterReply = same } = wishes;
  const chunks: Buffer[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const upstream = net.connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    client.on("data", (bytes: Buffer) => {
      chunks.push(bytes);
      upstream.write(alterRequest(bytes));
    });
    upstream.on("data", (bytes: Buffer) => client.write(alterReply(bytes)));
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => Buffer.concat(chunks),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        sockets.forEach((socket) => socket.destroy());
      }),
  };
}

/** Writes raw bytes to a port and resolves with all that comes back until the connection ends. */
export function speakRaw(port: number, bytes: Buffer | string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = net.connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve(answer);
    });
  });
}

function same(bytes: Buffer): Buffer {
  return bytes;
}

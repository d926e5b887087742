import { connect, createServer, type Socket } from "node:net";
import { frameMessage, takeMessages } from "../../actor/core/dns-stream.js";

/** Stands between client and name server, message by message; nothing returned = the message is lost. */
export interface RelayRules {
  readonly onRequest?: (packet: Buffer) => readonly Buffer[];
  readonly onAnswer?: (packet: Buffer) => readonly Buffer[];
}

export interface TcpRelay {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a relay to a TCP name server on this machine. */
export async function startTcpRelay(targetPort: number, rules: RelayRules): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  const remember = (socket: Socket, other: () => Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      other().destroy();
    });
  };
  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    remember(client, () => target);
    remember(target, () => client);
    forward(client, target, rules.onRequest ?? keep);
    forward(target, client, rules.onAnswer ?? keep);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function keep(packet: Buffer): readonly Buffer[] {
  return [packet];
}

function forward(from: Socket, to: Socket, rule: (packet: Buffer) => readonly Buffer[]): void {
  let arrived: Buffer = Buffer.alloc(0);
  from.on("data", (chunk: Buffer) => {
    const { packets, rest } = takeMessages(Buffer.concat([arrived, chunk]));
    arrived = rest;
    for (const packet of packets.flatMap(rule)) to.write(frameMessage(packet));
  });
}

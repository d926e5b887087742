import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** Types of packets and tokens of [MS-TDS] 2.2.3.1.1 and 2.2.7. */
const packet = { batch: 0x01, answer: 0x04, login: 0x10, prelogin: 0x12 } as const;
const token = { loginAck: 0xad, done: 0xfd } as const;
const headerBytes = 8;
const lastOfMessage = 0x01;

export interface TdsListener {
  readonly port: number;
  /** Connections that the other side has not closed. */
  readonly open: () => number;
  /** Statements that were asked for and never answered. */
  readonly asked: () => number;
  close(): Promise<void>;
}

/**
 * A SQL Server as far as a session is opened on it, without encryption: it lets everybody in, `lateness` turns after it was asked,
 * takes the settings of the session, and answers no statement.
 */
export async function startTdsListener(lateness: number): Promise<TdsListener> {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    let batches = 0;
    let arrived: Buffer = Buffer.alloc(0);
    const answer = async (tokens: Buffer): Promise<void> => {
      for (let turn = 0; turn < lateness; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      if (!socket.destroyed) socket.write(packetOf(tokens));
    };
    socket.on("data", (chunk) => {
      arrived = Buffer.concat([arrived, chunk]);
      while (arrived.length >= headerBytes && arrived.length >= arrived.readUInt16BE(2)) {
        const [type, status] = [arrived[0], arrived[1] ?? 0];
        arrived = arrived.subarray(arrived.readUInt16BE(2));
        if ((status & lastOfMessage) === 0) continue;
        if (type === packet.prelogin) void answer(preloginAnswer);
        else if (type === packet.login) void answer(loginAnswer);
        // The first one is the driver's own.
        else if (type === packet.batch && ++batches === 1) void answer(done);
        else asked += 1;
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    open: () => sockets.size,
    asked: () => asked,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function packetOf(payload: Buffer): Buffer {
  const header = Buffer.from([packet.answer, lastOfMessage, 0, 0, 0, 0, 1, 0]);
  header.writeUInt16BE(headerBytes + payload.length, 2);
  return Buffer.concat([header, payload]);
}

/** Options VERSION and ENCRYPTION (not supported), each with place and length, and their values. */
const preloginAnswer = Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, 2]);
const done = Buffer.concat([Buffer.from([token.done]), Buffer.alloc(12)]);
/** T-SQL, TDS 7.4, a name of nothing, version 16.0. */
const loginAck = Buffer.from([token.loginAck, 10, 0, 1, 0x74, 0, 0, 4, 0, 16, 0, 0, 0]);
const loginAnswer = Buffer.concat([loginAck, done]);

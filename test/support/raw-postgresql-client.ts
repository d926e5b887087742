import { once } from "node:events";
import { connect } from "node:net";

/** A client that sends single messages of the extended query protocol (PostgreSQL manual, 53.2.3), to part them in time. */
export interface RawClient {
  /** Parse of the unnamed statement, without a Sync. */
  parse(statement: string): void;
  /** Bind, Execute and Sync of the unnamed statement. */
  runParsed(): void;
  /** Everything received so far. */
  received(): string;
  close(): void;
}

export async function connectRaw(port: number): Promise<RawClient> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("data", (data) => {
    received += data.toString("latin1");
  });
  await once(socket, "connect");
  const names = Buffer.from("user\0postgres\0database\0postgres\0\0");
  const head = Buffer.alloc(8);
  head.writeInt32BE(names.length + 8);
  head.writeInt32BE(196608, 4);
  socket.write(Buffer.concat([head, names]));
  await once(socket, "data");
  return {
    parse: (statement) => socket.write(message("P", Buffer.from(`\0${statement}\0\0\0`))),
    runParsed: () =>
      socket.write(
        Buffer.concat([message("B", Buffer.alloc(8)), message("E", Buffer.alloc(5)), message("S", Buffer.alloc(0))]),
      ),
    received: () => received,
    close: () => socket.destroy(),
  };
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

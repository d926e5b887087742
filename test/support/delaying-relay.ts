import { existsSync, readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { pathToFileURL } from "node:url";

/** Where a relay listens and where it leads. */
export interface RelayWay {
  readonly host: string;
  readonly port: number;
  readonly toHost: string;
  readonly toPort: number;
  /** A file with the milliseconds by which each piece is held up in each direction; read again for each piece. */
  readonly delayFile?: string;
}

/** Passes connections on, each piece of them late by as much as the file says. Resolves when it listens. */
export async function startRelay(way: RelayWay): Promise<{ stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(way.toPort, way.toHost);
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined);
      from.on("close", () => sockets.delete(from));
      passOn(from, to, way.delayFile);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(way.port, way.host, resolve);
  });
  return {
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function passOn(from: Socket, to: Socket, delayFile: string | undefined): void {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (act: () => void): void => {
    const due = new Promise((resolve) => setTimeout(resolve, delayMs(delayFile)));
    last = Promise.all([last, due]).then(act, act);
  };
  from.on("data", (piece: Buffer) => {
    inTurn(() => to.write(piece));
  });
  from.on("end", () => {
    inTurn(() => to.end());
  });
  // What came before the end still arrives, late as it is.
  from.on("close", () => {
    inTurn(() => to.destroy());
  });
}

function delayMs(file: string | undefined): number {
  return file !== undefined && existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
}

/** As a program: the ways as JSON in its only argument; runs until it is killed or its standard input ends. */
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const ways = JSON.parse(process.argv[2] ?? "[]") as readonly RelayWay[];
  await Promise.all(ways.map(startRelay));
  process.stdin.resume().on("end", () => process.exit());
}

import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { createServer, type Server, type Socket } from "node:net";
import { errorCode } from "../../shared/core/app-error.js";
import { dnsClass, dnsType } from "../../actor/core/dns-codes.js";
import { type DnsRecord, maximumMessageBytes } from "../../actor/core/dns-message.js";
import { encodeName } from "../../actor/core/dns-name.js";
import { addressRecord, encodeTxt } from "../../actor/core/dns-rdata.js";
import { frameMessage, takeMessages } from "../../actor/core/dns-stream.js";
import type { TsigKey } from "../../actor/core/tsig.js";
import { answerRequest } from "./answer.js";
import { openJournal } from "./journal.js";
import { createZone, serialOf, type Zone } from "./zone.js";

export interface ZoneRecord {
  readonly name: string;
  readonly type: "A" | "AAAA" | "TXT" | "CNAME" | "NS";
  readonly ttlSeconds: number;
  readonly value: string;
}

export interface NameServerOptions {
  readonly zone: string;
  readonly records: readonly ZoneRecord[];
  readonly tsig: TsigKey;
  /** 0 or nothing: a free port, the same for UDP and TCP. */
  readonly port?: number;
  readonly host?: string;
  /** Without it updates are forgotten when the server stops. */
  readonly journalFile?: string;
  readonly wallMs?: () => number;
}

export interface RunningNameServer {
  readonly port: number;
  /** Grows with every update that changed something. */
  serial(): number;
  stop(): Promise<void>;
}

const datagramBytes = 512;
const idleMs = 10000;
const maximumConnections = 256;

/**
 * An authoritative name server for one zone, for the demonstration and for tests: queries and signed updates over UDP
 * and TCP. One request is answered whole before the next is looked at, so every update is atomic.
 */
export async function startNameServer(options: NameServerOptions): Promise<RunningNameServer> {
  const fresh = createZone(options.zone, options.records.map(toRecord));
  const journal = options.journalFile === undefined ? undefined : openJournal(options.journalFile, fresh);
  let zone: Zone = journal?.zone ?? fresh;
  const wallMs = options.wallMs ?? Date.now;

  const handle = (packet: Buffer, maximumBytes: number): Buffer | undefined => {
    const nowSeconds = Math.floor(wallMs() / 1000);
    const answered = answerRequest(packet, { zone, key: options.tsig, nowSeconds, maximumBytes });
    if (answered.update !== undefined) journal?.append(answered.update);
    zone = answered.zone;
    return answered.packet;
  };
  const { tcp, udp, port } = await listen(options.host ?? "127.0.0.1", options.port ?? 0);
  const connections = new Set<Socket>();
  tcp.maxConnections = maximumConnections;
  tcp.on("connection", (socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    serveConnection(socket, handle);
  });
  udp.on("message", (packet, sender) => {
    let answer: Buffer | undefined;
    try {
      answer = handle(packet, datagramBytes);
    } catch {
      return;
    }
    if (answer !== undefined) udp.send(answer, sender.port, sender.address);
  });

  return {
    port,
    serial: () => serialOf(zone),
    stop: async () => {
      const closed = Promise.all([
        new Promise((resolve) => tcp.close(resolve)),
        new Promise<void>((resolve) => {
          udp.close(resolve);
        }),
      ]);
      for (const socket of connections) socket.destroy();
      await closed;
      journal?.close();
    },
  };
}

function toRecord(record: ZoneRecord): DnsRecord {
  const { name, type, ttlSeconds, value } = record;
  switch (type) {
    case "A":
    case "AAAA":
      return addressRecord(name, value, ttlSeconds);
    case "TXT":
      return { name, type: dnsType.TXT, class: dnsClass.internet, ttl: ttlSeconds, data: encodeTxt([value]) };
    case "CNAME":
    case "NS":
      return { name, type: dnsType[type], class: dnsClass.internet, ttl: ttlSeconds, data: encodeName(value) };
  }
}

function serveConnection(socket: Socket, handle: (packet: Buffer, maximumBytes: number) => Buffer | undefined): void {
  let arrived: Buffer = Buffer.alloc(0);
  socket.setTimeout(idleMs, () => socket.destroy());
  // A client that goes away is no event for the server.
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    try {
      const { packets, rest } = takeMessages(Buffer.concat([arrived, chunk]));
      arrived = rest;
      for (const packet of packets) {
        const answer = handle(packet, maximumMessageBytes);
        if (answer !== undefined) socket.write(frameMessage(answer));
      }
    } catch {
      // Lengths that make no sense, or a journal that cannot be written: without an answer the client knows nothing,
      // which is the truth.
      socket.destroy();
    }
  });
}

/** The same port on both transports. With a free one it is tried again when UDP's half is taken. */
async function listen(
  host: string,
  port: number,
): Promise<{ readonly tcp: Server; readonly udp: UdpSocket; readonly port: number }> {
  const attempts = port === 0 ? 20 : 1;
  for (let attempt = 1; ; attempt += 1) {
    const tcp = createServer();
    await new Promise<void>((resolve, reject) => {
      tcp.once("error", reject);
      tcp.listen(port, host, resolve);
    });
    const address = tcp.address();
    const chosen = typeof address === "object" && address !== null ? address.port : port;
    const udp = createSocket(host.includes(":") ? "udp6" : "udp4");
    try {
      await new Promise<void>((resolve, reject) => {
        udp.once("error", reject);
        udp.bind(chosen, host, resolve);
      });
      udp.removeAllListeners("error");
      udp.on("error", () => undefined);
      return { tcp, udp, port: chosen };
    } catch (error) {
      await new Promise((resolve) => tcp.close(resolve));
      if (attempt === attempts || errorCode(error) !== "EADDRINUSE") throw error;
    }
  }
}

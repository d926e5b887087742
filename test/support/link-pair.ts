import { createLinkClient, type LinkClient, type LinkClientOptions } from "../../actor/link/link-client.js";
import { createLinkServer, type LinkServer, type LinkServerOptions } from "../../actor/link/link-server.js";
import type { LinkRefusal } from "../../actor/core/link-refusal.js";
import { makeCertificate, type TestCertificate } from "./certificates.js";
import { rememberLog, type LogMemory } from "./log-memory.js";
import { countingRandom, loopbackClock } from "./loopback-clock.js";

export const pairKey = Buffer.alloc(32, 7);
export const secondary = { pair: "shop", server: "secondary", instance: "i2" } as const;
export const primary = { pair: "shop", server: "primary", instance: "i1" } as const;

export interface PairCertificates {
  readonly primary: TestCertificate;
  readonly secondary: TestCertificate;
  readonly stranger: TestCertificate;
}

export async function makePairCertificates(): Promise<PairCertificates> {
  const [one, two, stranger] = await Promise.all(["primary", "secondary", "stranger"].map((n) => makeCertificate(n)));
  return { primary: one!, secondary: two!, stranger: stranger! };
}

export interface RunningLink {
  readonly server: LinkServer;
  readonly port: number;
  readonly log: LogMemory;
  readonly refused: LinkRefusal[];
  readonly handled: string[];
}

/** Everything a test started, ended in reverse at its end. */
export class LinkBench {
  readonly #ends: (() => Promise<void> | void)[] = [];
  readonly #certificates: PairCertificates;
  #servers = 0;

  constructor(certificates: PairCertificates) {
    this.#certificates = certificates;
  }

  /** The secondary's link server, over TLS unless told otherwise. */
  async serve(changes: Partial<LinkServerOptions> = {}): Promise<RunningLink> {
    const log = rememberLog();
    const refused: LinkRefusal[] = [];
    const handled: string[] = [];
    this.#servers += 1;
    const server = createLinkServer({
      listen: { host: "127.0.0.1", port: 0 },
      tls: { ...this.#certificates.secondary, peerCertificate: this.#certificates.primary.certificate },
      pairKey,
      identity: secondary,
      handlers: {
        echo: (message) => {
          handled.push("echo");
          return Promise.resolve(message);
        },
      },
      log,
      clock: loopbackClock,
      random: countingRandom(`s${this.#servers}x`),
      onRefused: (reason) => refused.push(reason),
      ...changes,
    });
    const { port } = await server.start();
    this.#ends.push(() => server.stop());
    return { server, port, log, refused, handled };
  }

  /** The primary's client of a server at this port. */
  connect(port: number, changes: Partial<LinkClientOptions> = {}) {
    const log = rememberLog();
    const refused: LinkRefusal[] = [];
    const client: LinkClient = createLinkClient({
      peer: { host: "127.0.0.1", port },
      tls: { ...this.#certificates.primary, peerCertificate: this.#certificates.secondary.certificate },
      pairKey,
      identity: primary,
      log,
      clock: loopbackClock,
      random: countingRandom("c"),
      onRefused: (reason) => refused.push(reason),
      ...changes,
    });
    this.#ends.push(() => {
      client.close();
    });
    return { client, log, refused };
  }

  atEnd(end: () => Promise<void> | void): void {
    this.#ends.push(end);
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}

/** How an expected failure looks: its code, and that of its cause. */
export async function failureOf(promise: Promise<unknown>): Promise<{ code: string; message: string; cause: unknown }> {
  try {
    await promise;
  } catch (error) {
    const { code, message, cause } = error as { code: string; message: string; cause: unknown };
    return { code, message, cause };
  }
  throw new Error("it did not fail");
}

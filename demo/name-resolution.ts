import { Resolver } from "node:dns/promises";
import { formatHostAndPort } from "../shared/core/host-and-port.js";

export interface ResolvedName {
  readonly addresses: readonly string[];
  /** Monotonic time until which the answer may be used (RFC 1035 section 3.2.1). */
  readonly validUntilMs: number;
}

export interface NameServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Resolves one name as a well-behaved client does: at its name server, kept exactly as long as the TTL says. */
export class NameResolution {
  readonly #resolver = new Resolver({ timeout: 500, tries: 2 });
  readonly #name: string;
  #kept: ResolvedName | undefined;

  constructor(name: string, { host, port }: NameServerAddress) {
    this.#name = name;
    this.#resolver.setServers([formatHostAndPort({ host, port })]);
  }

  /** The addresses; rejects when there is no answer and none is kept that is still valid. */
  async addresses(): Promise<readonly string[]> {
    if (this.#kept === undefined || performance.now() >= this.#kept.validUntilMs) this.#kept = await this.#resolve();
    return this.#kept.addresses;
  }

  async #resolve(): Promise<ResolvedName> {
    const askedAtMs = performance.now();
    const options = { ttl: true } as const;
    const [four, six] = await Promise.allSettled([
      this.#resolver.resolve4(this.#name, options),
      this.#resolver.resolve6(this.#name, options),
    ]);
    const records = [
      ...(four.status === "fulfilled" ? four.value : []),
      ...(six.status === "fulfilled" ? six.value : []),
    ];
    if (records.length === 0) {
      throw new Error(`${this.#name} has no address`, { cause: four.status === "rejected" ? four.reason : undefined });
    }
    const ttlSeconds = Math.min(...records.map(({ ttl }) => ttl));
    return { addresses: records.map(({ address }) => address), validUntilMs: askedAtMs + ttlSeconds * 1000 };
  }
}

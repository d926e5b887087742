import { randomBytes } from "node:crypto";
import { startNameServer } from "../../demo/name-server/name-server.js";
import type { TestNameServer } from "./name-server-fixtures.js";

export interface EmbeddedNameServer extends TestNameServer {
  serial(): number;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly port?: number;
  readonly journalFile?: string;
  readonly tsigSecret?: Buffer;
  readonly wallMs?: () => number;
}

const zone = "example.test";
const keyName = "sparesync-test-key";

/** The demonstration's name server with the same zone as the BIND of the tests. */
export async function startEmbeddedNameServer(options: EmbeddedOptions = {}): Promise<EmbeddedNameServer> {
  const { tsigSecret = randomBytes(64), ...rest } = options;
  const server = await startNameServer({
    ...rest,
    zone,
    tsig: { name: keyName, algorithm: "hmac-sha256", secret: tsigSecret },
    records: [
      { name: `ns.${zone}`, type: "A", ttlSeconds: 60, value: "127.0.0.1" },
      { name: `app.${zone}`, type: "A", ttlSeconds: 30, value: "192.0.2.10" },
      { name: `app.${zone}`, type: "AAAA", ttlSeconds: 30, value: "2001:db8::10" },
      { name: `alias.${zone}`, type: "CNAME", ttlSeconds: 30, value: `app.${zone}` },
      { name: `_sparesync.aliased.${zone}`, type: "CNAME", ttlSeconds: 30, value: `app.${zone}` },
    ],
  });
  return { ...server, zone, keyName, tsigSecret };
}

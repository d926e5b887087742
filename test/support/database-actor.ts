import { once } from "node:events";
import { createDatabaseSync } from "../../actor/database/create-database-sync.js";
import { createLinkClient } from "../../actor/link/link-client.js";
import { createLinkServer } from "../../actor/link/link-server.js";
import type { DataRole } from "../../actor/sync-part.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import { createJsonLogger } from "../../shared/json-logger.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { createSystemRandom } from "../../shared/system-random.js";

/** What one process of a pair is told. */
export interface DatabaseActorOptions {
  readonly server: "primary" | "secondary";
  readonly settings: DatabaseSettings;
  readonly role: DataRole;
  readonly port: number;
  readonly peerPort: number;
  readonly stateDirectory: string;
  /** Takes up its role only when it reads "go". */
  readonly isHeld?: boolean;
}

/**
 * The database half of an actor as a process of its own, with a real link: to be killed at any moment. Its options are
 * the one argument, as JSON. Log lines go to stderr.
 */
async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? "{}") as DatabaseActorOptions;
  const clock = createSystemClock();
  const random = createSystemRandom();
  const log = createJsonLogger({
    stream: process.stderr,
    wallMs: () => clock.wallMs(),
    fields: { server: options.server },
  });
  const identity = { pair: "shop", server: options.server, instance: random.id() } as const;
  const shared = { tls: undefined, pairKey: Buffer.alloc(32, 7), identity, log, clock, random };
  const onRefused = (): void => undefined;
  const link = createLinkClient({ ...shared, peer: { host: "127.0.0.1", port: options.peerPort }, onRefused });
  const part = createDatabaseSync({
    databases: [options.settings],
    readSecret: () => Promise.resolve(""),
    stateDirectory: options.stateDirectory,
    link,
    clock,
    log,
    random,
  });
  const listen = { host: "127.0.0.1", port: options.port };
  const server = createLinkServer({ ...shared, listen, handlers: part.handlers, onRefused });
  await server.start();
  // The parent has died without a word: nobody is left to end this process.
  process.stdin.on("end", () => process.exit(0)).resume();
  if (options.isHeld === true) {
    process.stdout.write("held\n");
    await once(process.stdin, "data");
  }
  await part.setRole(options.role);
  process.stdout.write("ready\n");
  // "off" and "on" are what an operator says: a source that is off only journals.
  process.stdin.on("data", (said: Buffer) => {
    const isOn = said.toString().trim() === "on";
    const role = options.role.role === "source" ? { ...options.role, continuous: isOn } : options.role;
    void part.setRole(role).then(() => process.stdout.write(isOn ? "on\n" : "off\n"));
  });
}

await main();

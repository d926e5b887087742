import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AppError, errorMessage } from "../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../shared/core/clock-port.js";
import type { LocalStatus } from "../shared/core/local-status.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import type { Settings } from "../shared/core/settings/settings.js";
import { verifyAccessToken } from "../shared/access-token.js";
import { readSecretFile } from "../shared/secret-file.js";
import type { Actor } from "./actor-api.js";
import type { DatabaseTasks } from "./core/database-task.js";
import type { LinkIdentity } from "./core/link-admission.js";
import type { LinkRefusal } from "./core/link-refusal.js";
import { createAdminServer, type AdminTls } from "./http/admin-server.js";
import { createLinkServer } from "./link/link-server.js";
import type { LinkCertificates } from "./link/pinned-tls.js";
import { runUntilStopped } from "./retry-listener.js";

export interface ListenersOptions {
  readonly settings: Settings;
  readonly actor: Actor;
  readonly databases: DatabaseTasks;
  readonly link: {
    readonly tls: LinkCertificates | undefined;
    readonly pairKey: Buffer;
    readonly identity: LinkIdentity;
    readonly random: RandomPort;
    readonly onRefused: (reason: LinkRefusal) => void;
  };
  readonly clock: ClockPort;
  readonly log: LoggerPort;
}

export interface Listeners {
  listening(): LocalStatus["listeners"];
  stop(): Promise<void>;
}

/**
 * Opens both listeners. One that cannot be opened is tried again and shown in the status (HttpServerNotStarted,
 * LinkServerNotStarted): the actor goes on watching and fencing without it.
 */
export async function startListeners(options: ListenersOptions): Promise<Listeners> {
  const { settings, actor, link, clock, log } = options;
  const { admin } = settings;
  const linkServer = createLinkServer({
    listen: settings.link.listen,
    ...link,
    handlers: actor.linkHandlers,
    log,
    clock,
  });
  const adminServer = createAdminServer({
    listen: admin.listen,
    tls: await readAdminTls(admin),
    actor,
    databases: options.databases,
    pair: settings.pair,
    verifyToken: await createTokenVerifier(admin.tokensFile, clock, log),
    log,
    clock,
  });
  const running = [
    runUntilStopped(linkServer, { name: "link", clock, log }),
    runUntilStopped(adminServer, { name: "admin", clock, log }),
  ] as const;
  await Promise.all(running.map((listener) => listener.firstAttempt));
  return {
    listening: () => ({ link: running[0].isListening(), admin: running[1].isListening() }),
    stop: async () => {
      await Promise.all(running.map((listener) => listener.stop()));
    },
  };
}

async function readAdminTls(admin: Settings["admin"]): Promise<AdminTls | undefined> {
  if (admin.transport === "http") return undefined;
  const { webhookClientsFile: clients } = admin;
  return {
    certificate: await readFile(admin.certificateFile, "utf8"),
    privateKey: await readSecretFile(admin.privateKeyFile),
    ...(clients !== undefined && { webhookClients: await readCertificates(clients) }),
  };
}

/** A file without a certificate would silently accept those of every public authority. */
async function readCertificates(file: string): Promise<string> {
  try {
    const text = await readFile(file, "utf8");
    new X509Certificate(text);
    return text;
  } catch (error) {
    throw new AppError(
      "SETTINGS_UNREADABLE",
      `admin.webhookClientsFile: ${file} holds no certificate that can be read: ${errorMessage(error)}`,
      { hint: "put Alertmanager's certificate there (PEM), or leave the setting out and use its token", cause: error },
    );
  }
}

const rereadTokensSeconds = 10;

/** Reads the tokens again every now and then, so that a token that was taken away stops working without a restart. */
async function createTokenVerifier(
  tokensFile: string,
  clock: ClockPort,
  log: LoggerPort,
): Promise<(token: string) => ReturnType<typeof verifyAccessToken>> {
  let content = await readSecretFile(tokensFile);
  let readAtMs = clock.monotonicMs();
  const reread = async (): Promise<void> => {
    try {
      content = await readSecretFile(tokensFile);
    } catch (error) {
      log.warn("tokens-not-read", { because: errorMessage(error) });
    }
  };
  return (token) => {
    if (clock.monotonicMs() - readAtMs > rereadTokensSeconds * 1000) {
      readAtMs = clock.monotonicMs();
      void reread();
    }
    return verifyAccessToken(content, token);
  };
}

import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import tls from "node:tls";
import type { Command } from "commander";
import { z } from "zod";
import { AppError, errorMessage } from "../shared/core/app-error.js";
import { errorCatalogue, type ErrorCode } from "../shared/core/error-catalogue.js";
import { formatHostAndPort } from "../shared/core/host-and-port.js";
import type { Json } from "../shared/core/json.js";
import { isLoopbackHost } from "../shared/core/loopback.js";
import { readSecretFile } from "../shared/secret-file.js";
import { readSettings } from "../shared/settings-file.js";
import { Interruption, interruptionCode, UsageError, type CliIo } from "./cli-io.js";
import { jsonOption, settingsOption } from "./command.js";

const limitMs = 10_000;
const mostAnswerBytes = 16_000_000;

/** An actor's HTTP interface. Nothing is retried; rejects with ACTOR_UNREACHABLE or the error the actor answered. */
export interface AdminClient {
  readonly address: string;
  get(path: string): Promise<unknown>;
  post(path: string, body: Json): Promise<unknown>;
}

export interface AdminFlags {
  readonly settings?: string;
  readonly url?: string;
  readonly ca?: string;
  readonly tokenFile?: string;
}

/** Options of every command that talks to a running actor. */
export function addAdminOptions(command: Command): Command {
  return command
    .option(...settingsOption)
    .option("--url <url>", "address of the actor's admin listener, instead of --settings")
    .option("--ca <file>", "with --url: the listener's certificate, or its authority's (PEM)")
    .option("--token-file <file>", "file with the access token (mode 0600), instead of SPARESYNC_TOKEN")
    .option(...jsonOption);
}

/** A client for the actor that the flags name. Throws a UsageError when they do not name one. */
export async function openAdminClient(flags: AdminFlags, { env, interruption }: CliIo): Promise<AdminClient> {
  const signal = interruption();
  const token = flags.tokenFile === undefined ? env["SPARESYNC_TOKEN"] : await readSecretFile(flags.tokenFile);
  if (token === undefined || token === "") throw new UsageError("a token is needed: SPARESYNC_TOKEN or --token-file");
  const target = await findTarget(flags);
  const send = (method: string, path: string, body?: Json): Promise<unknown> =>
    exchange(target, { method, path, token, body, signal });
  return {
    address: target.url.origin,
    get: (path) => send("GET", path),
    post: (path, body) => send("POST", path, body),
  };
}

interface Target {
  readonly url: URL;
  readonly certificate: string | undefined;
}

async function findTarget(flags: AdminFlags): Promise<Target> {
  if ((flags.url === undefined) === (flags.settings === undefined)) {
    throw new UsageError("either --settings FILE or --url URL is needed");
  }
  const target = flags.url === undefined ? await targetOfSettings(flags.settings ?? "") : await targetOfUrl(flags);
  if (target.url.protocol === "http:" && !isLoopbackHost(target.url.hostname)) {
    throw new UsageError(`${target.url.origin}: without https the token would be readable on the way`);
  }
  return target;
}

async function targetOfSettings(file: string): Promise<Target> {
  const { admin } = (await readSettings(file)).settings;
  // A listener on all addresses answers on loopback.
  const host = admin.listen.host.replace(/^0\.0\.0\.0$/, "127.0.0.1").replace(/^::$/, "::1");
  const url = new URL(`${admin.transport}://${formatHostAndPort({ host, port: admin.listen.port })}`);
  return { url, certificate: admin.transport === "https" ? await readCertificate(admin.certificateFile) : undefined };
}

async function targetOfUrl({ url, ca }: AdminFlags): Promise<Target> {
  const parsed = URL.canParse(url ?? "") ? new URL(url ?? "") : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw new UsageError("--url: expected https://host:port");
  return { url: parsed, certificate: ca === undefined ? undefined : await readCertificate(ca) };
}

async function readCertificate(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new AppError("SETTINGS_UNREADABLE", `the certificate cannot be read: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

interface AdminRequest {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body: Json | undefined;
  /** Aborts when the user interrupts the command. */
  readonly signal: AbortSignal;
}

async function exchange(target: Target, request: AdminRequest): Promise<unknown> {
  const { status, text } = await send(target, request).catch((error: unknown) => {
    if (!request.signal.aborted) throw error;
    const isAsking = request.method !== "GET";
    const unclear = "interrupted; the actor may have taken the request all the same: sparesync status shows it";
    throw new Interruption(interruptionCode(request.signal), isAsking ? unclear : undefined);
  });
  const body = parseJson(text);
  if (status >= 200 && status < 300 && body !== undefined) return body;
  const failure = failureSchema.safeParse(body);
  if (!failure.success) {
    throw new AppError("ACTOR_ANSWER_INVALID", `${target.url.origin} answered ${status} without an explanation`, {
      hint: "is that the admin listener of an actor of this version?",
    });
  }
  const { code, message, hint } = failure.data.error;
  throw new AppError(isErrorCode(code) ? code : "ACTOR_ANSWER_INVALID", message, hint === undefined ? {} : { hint });
}

const failureSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
});

function send(target: Target, request: AdminRequest): Promise<{ status: number; text: string }> {
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const options: https.RequestOptions = {
    method: request.method,
    headers: {
      authorization: `Bearer ${request.token}`,
      accept: "application/json",
      ...(body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
    },
    signal: AbortSignal.any([AbortSignal.timeout(limitMs), request.signal]),
    ...tlsOptions(target),
  };
  const url = new URL(request.path, target.url);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(unreachable(target, error));
    };
    const sent = (url.protocol === "https:" ? https : http).request(url, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > mostAnswerBytes) response.destroy(new Error("the answer is too large"));
      });
      response.on("error", fail);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
      });
    });
    sent.on("error", fail);
    sent.end(body);
  });
}

/**
 * The certificate that the settings name is trusted by itself, whatever hosts it lists: the name by which the listener
 * is reached here need not be in it. Anything else is checked as usual.
 */
function tlsOptions({ url, certificate }: Target): https.RequestOptions {
  if (url.protocol === "http:" || certificate === undefined) return {};
  const pinned = new X509Certificate(certificate);
  return {
    ca: certificate,
    // Node skips the check below on resumed sessions: none are kept.
    agent: new https.Agent({ maxCachedSessions: 0 }),
    checkServerIdentity: (host, peer) =>
      peer.raw.equals(pinned.raw) ? undefined : tls.checkServerIdentity(host, peer),
  };
}

function unreachable({ url }: Target, error: unknown): AppError {
  return new AppError("ACTOR_UNREACHABLE", `the actor at ${url.origin} does not answer: ${errorMessage(error)}`, {
    cause: error,
    hint: "is the actor running (sparesync actor --settings FILE), and is this its address?",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}

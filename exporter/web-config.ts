import { createHash, type X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type https from "node:https";
import path from "node:path";
import { compare } from "bcryptjs";
import { AppError, errorMessage } from "../shared/core/app-error.js";
import { alternativeNames } from "./core/alternative-names.js";
import { ciphersOf, ecdhCurveOf } from "./core/go-tls-names.js";
import { parseWebConfig, type WebConfigFile } from "./core/parse-web-config.js";
import { readSecretFile } from "../shared/secret-file.js";

/** What the exporter shows who it is by; `cert` is PEM, the exporter's own certificate first. */
export type WebTls = https.ServerOptions & { readonly cert: string };

export interface WebConfig {
  /** Undefined: plain HTTP. */
  readonly tls: WebTls | undefined;
  /** The same as the files say now. Rejects with SETTINGS_INVALID or SETTINGS_UNREADABLE. */
  readonly readTls: () => Promise<WebTls | undefined>;
  /** Sent with each answer, by their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a client with this certificate, which was verified, may connect. */
  readonly isClientAllowed: (certificate: Pick<X509Certificate, "subjectAltName"> | undefined) => boolean;
  /** Whether the value of a request's Authorization header lets it in. */
  readonly isAllowed: (authorization: string | undefined) => Promise<boolean>;
}

/** Everybody may scrape, in plain HTTP. */
export const openWebConfig: WebConfig = {
  tls: undefined,
  readTls: () => Promise.resolve(undefined),
  headers: {},
  isClientAllowed: () => true,
  isAllowed: () => Promise.resolve(true),
};

/** Reads a web configuration and the files it names. Rejects with SETTINGS_INVALID or SETTINGS_UNREADABLE. */
export async function readWebConfig(file: string): Promise<WebConfig> {
  const config = await readConfig(file);
  const { basic_auth_users: users, tls_server_config: tls } = config;
  return {
    headers: headersOf(config),
    isClientAllowed: isClientAllowed(config),
    tls: tls && (await readTls(tls, path.dirname(file))),
    readTls: async () => {
      const { tls_server_config: now } = await readConfig(file);
      return now && (await readTls(now, path.dirname(file)));
    },
    isAllowed: users === undefined ? openWebConfig.isAllowed : checkUsers(new Map(Object.entries(users))),
  };
}

async function readConfig(file: string): Promise<WebConfigFile> {
  const config = parseWebConfig(await read(file, "exporter.webConfigFile"), file);
  // A key that stands in the file itself makes that file a secret.
  if (config.tls_server_config?.key !== undefined) await readSecretFile(file);
  return config;
}

async function readTls(config: NonNullable<WebConfigFile["tls_server_config"]>, folder: string): Promise<WebTls> {
  const at = async (key: "cert" | "client_ca"): Promise<string | undefined> => {
    const file = config[`${key}_file`];
    return file === undefined ? config[key] : read(path.resolve(folder, file), `tls_server_config.${key}_file`);
  };
  const isVerifying = config.client_auth_type === "RequireAndVerifyClientCert";
  const authority = await at("client_ca");
  return {
    cert: (await at("cert")) ?? "",
    key: config.key_file === undefined ? config.key : await readSecretFile(path.resolve(folder, config.key_file)),
    minVersion: versions[config.min_version],
    maxVersion: versions[config.max_version],
    ciphers: ciphersOf(config.cipher_suites),
    honorCipherOrder: config.prefer_server_cipher_suites,
    ecdhCurve: ecdhCurveOf(config.curve_preferences),
    ...(authority !== undefined && { ca: authority }),
    requestCert: isVerifying,
    rejectUnauthorized: isVerifying,
  };
}

/** Whether a client with this certificate may come in; it was verified before. */
function isClientAllowed({ tls_server_config: tls }: WebConfigFile): WebConfig["isClientAllowed"] {
  const allowed = new Set(tls?.client_allowed_sans);
  if (allowed.size === 0) return () => true;
  return (certificate) => alternativeNames(certificate?.subjectAltName).some((name) => allowed.has(name));
}

/** What stands blank is left out. */
function headersOf({ http_server_config: http }: WebConfigFile): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(http?.headers ?? {}).flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name.toLowerCase(), value]],
    ),
  );
}

const versions = { TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;

/** Of a password that nobody has: an unknown user must take as long as a wrong password. */
const nobodysHash = "$2b$10$xk4Be0r5AOM70uyWQK.FTuVW/ceuHtC0q/ogAcBh/h4py0ydUPcsi";

/** Prometheus asks every few seconds, and bcrypt is slow by intention: what was right once is remembered, as a digest. */
const rememberedLogins = 100;

/** Who guesses must not keep the processor from the scrapes: one comparison at a time, and few that wait for it. */
const waitingComparisons = 8;

function checkUsers(users: ReadonlyMap<string, string>): WebConfig["isAllowed"] {
  const known = new Set<string>();
  const compareInTurn = oneAtATime(compare, waitingComparisons);
  return async (authorization) => {
    const credentials = parseBasic(authorization);
    if (credentials === undefined) return false;
    const hash = users.get(credentials.user);
    const digest = createHash("sha256")
      .update(`${hash ?? ""}\n${credentials.user}\n${credentials.password}`)
      .digest("hex");
    if (known.has(digest)) return true;
    const isRight = await compareInTurn(credentials.password, hash ?? nobodysHash);
    if (hash === undefined || !isRight) return false;
    if (known.size >= rememberedLogins) known.clear();
    known.add(digest);
    return true;
  };
}

/** Compares one after the other; where too many wait already, the answer is "wrong" at once, as to any guess. */
function oneAtATime(slow: typeof compare, mostWaiting: number): typeof compare {
  let tail: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (password, hash) => {
    if (waiting >= mostWaiting) return false;
    waiting += 1;
    const turn = tail.then(() => slow(password, hash));
    tail = turn.catch(() => undefined);
    return await turn.finally(() => {
      waiting -= 1;
    });
  };
}

/** RFC 7617 section 2. */
function parseBasic(authorization = ""): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

async function read(file: string, key: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new AppError("SETTINGS_UNREADABLE", `${key}: ${file} cannot be read: ${errorMessage(error)}`, {
      hint: "sparesync init makes one; to answer everybody in plain HTTP set exporter.openToEverybody to true",
      cause: error,
    });
  }
}

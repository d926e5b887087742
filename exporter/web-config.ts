import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type https from "node:https";
import path from "node:path";
import { compare } from "bcryptjs";
import { parse } from "yaml";
import { z } from "zod";
import { AppError, errorMessage } from "../shared/core/app-error.js";
import { readSecretFile } from "../shared/secret-file.js";

/**
 * Who may scrape, and by which certificate, in the file format that Prometheus' own exporters share
 * (github.com/prometheus/exporter-toolkit, docs/web-configuration.md). What this exporter has no use for is refused by
 * name, so that nobody believes it counts.
 */
const webConfigSchema = z.strictObject({
  tls_server_config: z
    .strictObject({
      cert_file: z.string().min(1),
      key_file: z.string().min(1),
      client_auth_type: z.enum(["NoClientCert", "RequireAndVerifyClientCert"]).default("NoClientCert"),
      client_ca_file: z.string().min(1).optional(),
      min_version: z.enum(["TLS12", "TLS13"]).default("TLS12"),
      max_version: z.enum(["TLS12", "TLS13"]).default("TLS13"),
    })
    .optional(),
  basic_auth_users: z
    .record(z.string().min(1), z.string().regex(/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/, "is not a bcrypt hash"))
    .optional(),
});
type WebConfigFile = z.output<typeof webConfigSchema>;

export interface WebConfig {
  /** Undefined: plain HTTP. */
  readonly tls: https.ServerOptions | undefined;
  /** Whether the value of a request's Authorization header lets it in. */
  readonly isAllowed: (authorization: string | undefined) => Promise<boolean>;
}

/** Everybody may scrape, in plain HTTP. */
export const openWebConfig: WebConfig = { tls: undefined, isAllowed: () => Promise.resolve(true) };

/** Reads a web configuration and the files it names. Rejects with SETTINGS_INVALID or SETTINGS_UNREADABLE. */
export async function readWebConfig(file: string): Promise<WebConfig> {
  const config = parseWebConfig(await read(file, "exporter.webConfigFile"), file);
  const { basic_auth_users: users, tls_server_config: tls } = config;
  return {
    tls: tls && (await readTls(tls, path.dirname(file))),
    isAllowed: users === undefined ? openWebConfig.isAllowed : checkUsers(new Map(Object.entries(users))),
  };
}

function parseWebConfig(text: string, file: string): WebConfigFile {
  let document: unknown;
  try {
    document = parse(text) ?? {};
  } catch (error) {
    throw invalid(file, `is not YAML: ${errorMessage(error)}`);
  }
  const parsed = webConfigSchema.safeParse(document);
  if (!parsed.success) {
    // A hash is a secret: the value is not told.
    const problems = parsed.error.issues.map(({ path: keys, message }) => [...keys.map(String), message].join(": "));
    throw invalid(file, problems.join("; "));
  }
  const { tls_server_config: tls } = parsed.data;
  if (tls && tls.client_auth_type !== "NoClientCert" && tls.client_ca_file === undefined) {
    throw invalid(file, `tls_server_config.client_ca_file: ${tls.client_auth_type} needs the authority's certificate`);
  }
  return parsed.data;
}

async function readTls(
  config: NonNullable<WebConfigFile["tls_server_config"]>,
  folder: string,
): Promise<https.ServerOptions> {
  const at = (file: string, key: string): Promise<string> =>
    read(path.resolve(folder, file), `tls_server_config.${key}`);
  const { client_auth_type: clientAuth, client_ca_file: authority } = config;
  return {
    cert: await at(config.cert_file, "cert_file"),
    key: await readSecretFile(path.resolve(folder, config.key_file)),
    minVersion: versions[config.min_version],
    maxVersion: versions[config.max_version],
    ...(authority !== undefined && { ca: await at(authority, "client_ca_file") }),
    requestCert: clientAuth === "RequireAndVerifyClientCert",
    rejectUnauthorized: clientAuth === "RequireAndVerifyClientCert",
  };
}

const versions = { TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;

/** Of a password that nobody has: an unknown user must take as long as a wrong password. */
const nobodysHash = "$2b$10$xk4Be0r5AOM70uyWQK.FTuVW/ceuHtC0q/ogAcBh/h4py0ydUPcsi";

/** Prometheus asks every few seconds, and bcrypt is slow by intention: what was right once is remembered, as a digest. */
const rememberedLogins = 100;

function checkUsers(users: ReadonlyMap<string, string>): WebConfig["isAllowed"] {
  const known = new Set<string>();
  return async (authorization) => {
    const credentials = parseBasic(authorization);
    if (credentials === undefined) return false;
    const hash = users.get(credentials.user);
    const digest = createHash("sha256")
      .update(`${hash ?? ""}\n${credentials.user}\n${credentials.password}`)
      .digest("hex");
    if (known.has(digest)) return true;
    const isRight = await compare(credentials.password, hash ?? nobodysHash);
    if (hash === undefined || !isRight) return false;
    if (known.size >= rememberedLogins) known.clear();
    known.add(digest);
    return true;
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
    throw new AppError("SETTINGS_UNREADABLE", `${key}: ${file} cannot be read: ${errorMessage(error)}`);
  }
}

function invalid(file: string, because: string): AppError {
  return new AppError("SETTINGS_INVALID", `exporter.webConfigFile: ${file}: ${because}`, {
    hint: "promtool check web-config examines such a file; docs/monitoring.md says what counts here.",
  });
}

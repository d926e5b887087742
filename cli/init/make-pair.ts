import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { hash } from "bcryptjs";
import { stringify } from "yaml";
import { accessRoles, createAccessToken, encodeTokensFile, type AccessRole } from "../../shared/access-token.js";
import { errorMessage } from "../../shared/core/app-error.js";
import { comparePairSettings } from "../../shared/core/settings/pair-settings.js";
import { renderSettingsFile } from "../../shared/core/settings/settings-text.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { ServerName } from "../../shared/core/server-name.js";
import { createSelfSignedCertificate } from "../../shared/self-signed-certificate.js";
import { parseSettings } from "../../shared/settings-file.js";
import { UsageError } from "../cli-io.js";
import type { NewFiles } from "./new-files.js";
import { settingsFromFlags, type InitFlags } from "./pair-answers.js";
import { applyOverlay, type SettingsOverlay } from "./settings-overlay.js";

/** Settings files may be read by others; what they name may not. */
const settingsMode = 0o644;
const certificateMode = 0o644;
const secretMode = 0o600;

/** A pair that is not written yet. */
export interface NewPair {
  readonly files: NewFiles;
  readonly settingsFiles: Readonly<Record<ServerName, string>>;
  readonly settings: Readonly<Record<ServerName, Settings>>;
  /** The only place where the tokens themselves are; the files hold their hashes. */
  readonly tokens: readonly { readonly role: AccessRole; readonly name: string; readonly token: string }[];
  /** The key for the name server's configuration; undefined when the key was given and is there already. */
  readonly nameServerKeyFile: string | undefined;
  /** With which Prometheus signs in at the exporters. */
  readonly scrape: { readonly user: string; readonly passwordFile: string };
}

/** Makes everything two servers need, in memory. Throws a UsageError or SettingsError; writes nothing. */
export async function makePair(flags: InitFlags, overlay: SettingsOverlay): Promise<NewPair> {
  const out = path.resolve(flags.out);
  const primary = makeSettings(flags, overlay, "primary", out);
  const secondary = makeSettings(flags, overlay, "secondary", out);
  const settings = { primary: primary.settings, secondary: secondary.settings };
  const differing = comparePairSettings(settings.primary, settings.secondary);
  if (differing.length > 0) throw new UsageError(`must be the same on both servers: ${differing.join(", ")}`);

  const tokens = accessRoles.map((role) => ({ role, name: role, ...createAccessToken(role, role) }));
  const shared = {
    pairKey: randomBytes(32).toString("hex"),
    tsigSecret: await readOrMakeTsigSecret(flags.tsigSecretFile),
    tokensFile: encodeTokensFile(tokens.map(({ entry }) => entry)),
  };
  const certificates = { primary: await certify("primary", settings), secondary: await certify("secondary", settings) };
  const files = new Map<string, { content: string; mode: number }>();
  const scrapePassword = randomBytes(24).toString("base64url");
  const scrapeHash = await hash(scrapePassword, bcryptCost);
  for (const { server, file, text } of [primary, secondary]) {
    addFile(files, file, text, settingsMode);
    addServerFiles(files, settings[server], certificates, shared);
    addWebConfig(files, settings[server], scrapeHash);
  }
  const scrapePasswordFile = path.join(out, "scrape-password");
  addFile(files, scrapePasswordFile, scrapePassword, secretMode);
  const nameServerKeyFile = flags.tsigSecretFile === undefined ? path.join(out, "tsig-key.conf") : undefined;
  if (nameServerKeyFile !== undefined) {
    addFile(files, nameServerKeyFile, keyStatement(settings.primary, shared.tsigSecret), secretMode);
  }
  return {
    files,
    settings,
    settingsFiles: { primary: primary.file, secondary: secondary.file },
    tokens: tokens.map(({ role, name, token }) => ({ role, name, token })),
    nameServerKeyFile,
    scrape: { user: scrapeUser, passwordFile: scrapePasswordFile },
  };
}

/** Prometheus asks every few seconds and is remembered; a guess costs a tenth of a second. */
const bcryptCost = 10;
const scrapeUser = "prometheus";

/** The same certificate as the other listeners, and one user for Prometheus, in the format of its own exporters. */
function addWebConfig(files: Map<string, { content: string; mode: number }>, settings: Settings, scrapeHash: string) {
  const { exporter, link } = settings;
  if (exporter.openToEverybody) return;
  const beside = (file: string): string => path.relative(path.dirname(exporter.webConfigFile), file);
  const content = stringify({
    tls_server_config: { cert_file: beside(link.certificateFile), key_file: beside(link.privateKeyFile) },
    basic_auth_users: { [scrapeUser]: scrapeHash },
  });
  addFile(files, exporter.webConfigFile, content, secretMode);
}

function makeSettings(flags: InitFlags, overlay: SettingsOverlay, server: ServerName, out: string) {
  const file = path.join(out, server, "sparesync.yml");
  const content = applyOverlay(settingsFromFlags(flags, server), overlay, server);
  const title =
    `SpareSync: settings of the ${server} server. Keys behind "# " keep their default. ` +
    "Relative paths start at the folder of this file. sparesync check --settings FILE examines it.";
  const text = renderSettingsFile(title, content);
  return { server, file, text, settings: parseSettings(text, file) };
}

type Certificates = Readonly<Record<ServerName, { readonly certificate: string; readonly privateKey: string }>>;

function addServerFiles(
  files: Map<string, { content: string; mode: number }>,
  { server, link, admin, dns }: Settings,
  certificates: Certificates,
  shared: { readonly pairKey: string; readonly tsigSecret: string; readonly tokensFile: string },
): void {
  const own = certificates[server];
  const peer = certificates[server === "primary" ? "secondary" : "primary"];
  addFile(files, link.certificateFile, own.certificate, certificateMode);
  addFile(files, link.privateKeyFile, own.privateKey, secretMode);
  addFile(files, admin.certificateFile, own.certificate, certificateMode);
  addFile(files, admin.privateKeyFile, own.privateKey, secretMode);
  addFile(files, link.peerCertificateFile, peer.certificate, certificateMode);
  addFile(files, link.pairKeyFile, `${shared.pairKey}\n`, secretMode);
  addFile(files, dns.tsig.secretFile, `${shared.tsigSecret}\n`, secretMode);
  addFile(files, admin.tokensFile, shared.tokensFile, secretMode);
}

function addFile(files: Map<string, { content: string; mode: number }>, file: string, content: string, mode: number) {
  const other = files.get(file);
  if (other && other.content !== content) throw new UsageError(`the settings give ${file} two different contents`);
  files.set(file, { content, mode });
}

/** The hosts are those at which the peer, browsers and Alertmanager reach this server. */
async function certify(server: ServerName, settings: Readonly<Record<ServerName, Settings>>) {
  const own = settings[server];
  const seenByPeer = settings[server === "primary" ? "secondary" : "primary"].link.peer.host;
  const hosts = [
    own.link.listen.host,
    own.admin.listen.host,
    own.exporter.listen.host,
    seenByPeer,
    "localhost",
    "127.0.0.1",
  ];
  const named = [...new Set(hosts)].filter((host) => host !== "0.0.0.0" && host !== "::");
  return createSelfSignedCertificate(`sparesync ${own.pair} ${server}`, named);
}

async function readOrMakeTsigSecret(file: string | undefined): Promise<string> {
  if (file === undefined) return randomBytes(32).toString("base64");
  try {
    const text = (await readFile(file, "utf8")).trim();
    if (/^[A-Za-z0-9+/]{16,}={0,2}$/.test(text)) return text;
  } catch (error) {
    throw new UsageError(`--tsig-secret-file: ${errorMessage(error)}`);
  }
  throw new UsageError(`--tsig-secret-file ${file}: expected one line, the secret in Base64`);
}

/** A `key` statement as BIND reads it. */
function keyStatement({ dns }: Settings, secret: string): string {
  return `key "${dns.tsig.keyName}" {\n  algorithm ${dns.tsig.algorithm};\n  secret "${secret}";\n};\n`;
}

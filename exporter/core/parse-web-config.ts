import { parse } from "yaml";
import { z } from "zod";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import { cipherSuites, curveNames } from "./go-tls-names.js";

/**
 * Who may scrape, and by which certificate, in the file format that Prometheus' own exporters share
 * (github.com/prometheus/exporter-toolkit, docs/web-configuration.md). What this exporter has no use for is refused by
 * name, so that nobody believes it counts.
 */
const text = z.string().min(1);
const webConfigSchema = z.strictObject({
  tls_server_config: z
    .strictObject({
      cert: text.optional(),
      cert_file: text.optional(),
      key: text.optional(),
      key_file: text.optional(),
      client_ca: text.optional(),
      client_auth_type: z.enum(["NoClientCert", "RequireAndVerifyClientCert"]).default("NoClientCert"),
      client_ca_file: text.optional(),
      client_allowed_sans: z.array(text).default([]),
      min_version: z.enum(["TLS12", "TLS13"]).default("TLS12"),
      max_version: z.enum(["TLS12", "TLS13"]).default("TLS13"),
      cipher_suites: z.array(z.enum(cipherSuites)).default([]),
      prefer_server_cipher_suites: z.boolean().default(true),
      curve_preferences: z.array(z.enum(curveNames)).default([]),
    })
    .optional(),
  http_server_config: z
    .strictObject({
      http2: z.literal(false, "this exporter speaks HTTP/1.1").optional(),
      headers: z
        .strictObject({
          "Content-Security-Policy": z.string().optional(),
          "X-Frame-Options": z.enum(["deny", "sameorigin", ""]).optional(),
          "X-Content-Type-Options": z.enum(["nosniff", ""]).optional(),
          "X-XSS-Protection": z.string().optional(),
          "Strict-Transport-Security": z.string().optional(),
        })
        .optional(),
    })
    .optional(),
  basic_auth_users: z
    .record(z.string().min(1), z.string().regex(/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/, "is not a bcrypt hash"))
    .optional(),
});
export type WebConfigFile = z.output<typeof webConfigSchema>;

/** The content of a web configuration; `file` is for the errors. Throws SETTINGS_INVALID. */
export function parseWebConfig(text: string, file: string): WebConfigFile {
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
  const because = tls && whyImpossible(tls);
  if (because !== undefined) throw invalid(file, `tls_server_config.${because}`);
  return parsed.data;
}

type TlsConfig = NonNullable<WebConfigFile["tls_server_config"]>;

/** What does not go together, with the key it is about; undefined: nothing. */
function whyImpossible(tls: TlsConfig): string | undefined {
  for (const key of ["cert", "key", "client_ca"] as const) {
    const isGiven = [tls[key], tls[`${key}_file`]].map((value) => value !== undefined);
    if (isGiven.every(Boolean)) return `${key}: stands there and in ${key}_file; only one of them counts`;
    if (key !== "client_ca" && !isGiven.some(Boolean)) return `${key}_file: is missing`;
  }
  const isVerifying = tls.client_auth_type === "RequireAndVerifyClientCert";
  if (isVerifying && tls.client_ca === undefined && tls.client_ca_file === undefined) {
    return "client_ca_file: RequireAndVerifyClientCert needs the authority's certificate";
  }
  if (!isVerifying && tls.client_allowed_sans.length > 0) {
    return "client_allowed_sans: only a client that must show a certificate has names; set client_auth_type to RequireAndVerifyClientCert";
  }
  return undefined;
}

function invalid(file: string, because: string): AppError {
  return new AppError("SETTINGS_INVALID", `exporter.webConfigFile: ${file}: ${because}`, {
    hint: "promtool check web-config examines such a file; docs/monitoring.md says what counts here.",
  });
}

import { parse } from "yaml";
import { z } from "zod";
import { AppError, errorMessage } from "../../shared/core/app-error.js";

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
  if (tls && tls.client_auth_type !== "NoClientCert" && tls.client_ca_file === undefined) {
    throw invalid(file, `tls_server_config.client_ca_file: ${tls.client_auth_type} needs the authority's certificate`);
  }
  return parsed.data;
}

function invalid(file: string, because: string): AppError {
  return new AppError("SETTINGS_INVALID", `exporter.webConfigFile: ${file}: ${because}`, {
    hint: "promtool check web-config examines such a file; docs/monitoring.md says what counts here.",
  });
}

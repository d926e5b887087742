import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseWebConfig } from "../../exporter/core/parse-web-config.js";
import type { Finding } from "../../shared/check/finding.js";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import { readSecretFile } from "../../shared/secret-file.js";

const key = "exporter.webConfigFile";

/** Who may scrape: whether the exporter can use its web configuration, and what an administrator should know of it. */
export async function examineWebConfig({ exporter }: Settings): Promise<readonly Finding[]> {
  if (exporter.openToEverybody) {
    const message = "everybody who reaches the exporter reads the metrics in plain HTTP";
    const hint = "set it to false, with a file as exporter.webConfigFile names it";
    return [{ key: "exporter.openToEverybody", grade: "notice", message, hint }];
  }
  // That it cannot be read at all is said of every file that a setting names.
  const text = await readFile(exporter.webConfigFile, "utf8").catch(() => undefined);
  return text === undefined ? [] : await examineText(text, exporter.webConfigFile);
}

async function examineText(text: string, file: string): Promise<readonly Finding[]> {
  try {
    const { tls_server_config: tls, basic_auth_users: users } = parseWebConfig(text, file);
    const named = [tls?.cert_file, tls?.client_ca_file].filter((one) => one !== undefined);
    for (const one of named) await readFile(path.resolve(path.dirname(file), one));
    // A key that stands in the file itself makes that file a secret.
    if (tls) await readSecretFile(tls.key_file === undefined ? file : path.resolve(path.dirname(file), tls.key_file));
    const isClosed = users !== undefined || tls?.client_auth_type === "RequireAndVerifyClientCert";
    const open = [...(tls ? [] : ["no certificate"]), ...(isClosed ? [] : ["no users"])];
    if (open.length === 0) return [];
    const hint = "add tls_server_config and basic_auth_users as sparesync init writes them";
    return [{ key, grade: "notice", message: `${file} names ${open.join(" and ")}`, hint }];
  } catch (error) {
    const message = `the exporter does not start with it: ${errorMessage(error)}`;
    return [{ key, grade: "problem", message, hint: (error instanceof AppError ? error.hint : undefined) ?? "" }];
  }
}

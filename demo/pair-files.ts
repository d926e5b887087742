import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { JsonObject } from "../shared/core/json.js";
import type { ServerName } from "../shared/core/server-name.js";
import { applicationName, type Layout, pairName, urlHost, zone } from "./layout.js";
import { type AskedBy, pairSettings, serverSettings } from "./server-settings.js";

/** The product's command, as it is installed. */
export const sparesyncProgram = join(import.meta.dirname, "..", "cli", "sparesync.js");

/** What `sparesync init` made. */
export interface PairFiles {
  readonly settingsFiles: Readonly<Record<ServerName, string>>;
  readonly tokens: Readonly<Record<"viewer" | "operator" | "alertmanager", string>>;
  /** The tokens as `init` printed them, for people (`--keep`); the product itself keeps only their hashes. */
  readonly tokensFile: string;
  readonly tsigKeyName: string;
  readonly tsigSecretFile: string;
  /** How Prometheus signs in at the exporters. */
  readonly scrape: { readonly user: string; readonly passwordFile: string };
}

const initAnswer = z.object({
  settings: z.object({ primary: z.string(), secondary: z.string() }),
  tokens: z.array(z.object({ role: z.string(), token: z.string() })),
  tsig: z.object({ keyName: z.string() }),
  scrape: z.object({ user: z.string(), passwordFile: z.string() }),
});

/** Makes the pair with `sparesync init`; `run` runs the command and gives back what it printed. */
export async function createPair(
  layout: Layout,
  askedBy: AskedBy,
  run: (args: readonly string[]) => Promise<string>,
): Promise<PairFiles> {
  const overlayFile = join(layout.folder, "settings-overlay.json");
  const overlay = {
    both: pairSettings(layout, askedBy),
    primary: serverSettings(layout, "primary"),
    secondary: serverSettings(layout, "secondary"),
  };
  writeFileSync(overlayFile, JSON.stringify(overlay, undefined, 2));
  const printed = await run([...initArguments(layout), "--settings-overlay", overlayFile, "--json"]);
  const answer = initAnswer.parse(JSON.parse(printed.trim().split("\n").at(-1) ?? ""));
  const tokenOf = (role: string): string => {
    const found = answer.tokens.find((token) => token.role === role);
    if (found === undefined) throw new Error(`sparesync init made no token for the role ${role}`);
    return found.token;
  };
  const tokens = { viewer: tokenOf("viewer"), operator: tokenOf("operator"), alertmanager: tokenOf("alertmanager") };
  const tokensFile = join(layout.folder, "tokens.json");
  writeFileSync(tokensFile, `${JSON.stringify(tokens, undefined, 2)}\n`, { mode: 0o600 });
  return {
    settingsFiles: answer.settings,
    tokens,
    tokensFile,
    scrape: answer.scrape,
    tsigKeyName: answer.tsig.keyName,
    tsigSecretFile: join(layout.settingsFolder, "primary", "tsig-secret"),
  };
}

function initArguments({ settingsFolder, servers, nameServer, applicationPort }: Layout): string[] {
  const { primary, secondary } = servers;
  const at = (host: string, port: number): string => `${urlHost(host)}:${String(port)}`;
  return [
    ...["init", "--out", settingsFolder, "--pair", pairName, "--name", applicationName, "--zone", zone],
    ...[
      "--update-server",
      at(nameServer.host, nameServer.port),
      "--update-server-site",
      "elsewhere",
      "--accept-assumption",
    ],
    ...[
      "--primary-link",
      at(primary.host, primary.linkPort),
      "--secondary-link",
      at(secondary.host, secondary.linkPort),
    ],
    ...[
      "--primary-public",
      at(primary.host, applicationPort),
      "--secondary-public",
      at(secondary.host, applicationPort),
    ],
  ];
}

/** The embedded name server's configuration: the zone with the name at the primary, as its administrator made it. */
export function nameServerConfig({ nameServer, servers, folder }: Layout, pair: PairFiles): JsonObject {
  const { host } = servers.primary;
  const type = host.includes(":") ? "AAAA" : "A";
  return {
    zone,
    ...nameServer,
    journalFile: join(folder, "zone-journal"),
    tsig: { keyName: pair.tsigKeyName, secret: readFileSync(pair.tsigSecretFile, "utf8").trim() },
    records: [{ name: applicationName, type, ttlSeconds: 1, value: host }],
  };
}

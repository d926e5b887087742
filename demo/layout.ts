import { join } from "node:path";
import type { ServerName } from "../shared/core/server-name.js";
import { serverNames } from "../shared/core/server-name.js";
import type { ApplicationConfig } from "./application/application-config.js";

/** The zone and the name of the demonstration; `.example` belongs to nobody (RFC 2606). */
export const zone = "pair.example";
export const applicationName = `shop.${zone}`;
export const pairName = "demo";

/** Where everything of one server is: its addresses and its files. Each server has a loopback address of its own. */
export interface ServerLayout {
  readonly server: ServerName;
  readonly host: string;
  /** Where the actor listens for operators. */
  readonly adminHost: string;
  readonly folder: string;
  readonly uploadFolder: string;
  readonly programFolder: string;
  readonly databaseFolder: string;
  readonly applicationConfigFile: string;
  readonly application: ApplicationConfig;
  readonly linkPort: number;
  readonly adminPort: number;
  readonly exporterPort: number;
}

export interface Layout {
  readonly folder: string;
  readonly settingsFolder: string;
  readonly logFolder: string;
  readonly acknowledgementLog: string;
  readonly nameServer: { readonly host: string; readonly port: number };
  /** The application's port, the same on both servers: a name leads to an address, not to a port. */
  readonly applicationPort: number;
  readonly prometheusPort: number;
  readonly alertmanagerPort: number;
  readonly databaseEngine: "pglite" | "postgresql";
  readonly servers: Readonly<Record<ServerName, ServerLayout>>;
}

/** Deals out ports and folders. */
export function planLayout(folder: string, hosts: readonly [string, string], ports: readonly number[]): Layout {
  const next = dealer(ports);
  const applicationPort = next();
  const layouts = serverNames.map((server, index): ServerLayout => {
    const own = join(folder, `${server}-server`);
    const host = hosts[index] ?? hosts[0];
    return {
      server,
      host,
      adminHost: host,
      folder: own,
      uploadFolder: join(own, "upload"),
      programFolder: join(own, "program"),
      databaseFolder: join(own, "database"),
      applicationConfigFile: join(own, "application.json"),
      application: {
        server,
        host,
        port: applicationPort,
        directory: join(own, "program"),
        uploadFolder: join(own, "upload"),
        pidFile: join(own, "application.pid"),
        logFile: join(folder, "logs", `${server}-application.log`),
        database: { host: "127.0.0.1", port: next(), database: "postgres", user: "postgres" },
      },
      linkPort: next(),
      adminPort: next(),
      exporterPort: next(),
    };
  });
  const [primary, secondary] = layouts as [ServerLayout, ServerLayout];
  return {
    folder,
    settingsFolder: join(folder, "settings"),
    logFolder: join(folder, "logs"),
    acknowledgementLog: join(folder, "acknowledged.jsonl"),
    nameServer: { host: "127.0.0.1", port: next() },
    applicationPort,
    prometheusPort: next(),
    alertmanagerPort: next(),
    databaseEngine: "pglite",
    servers: { primary, secondary },
  };
}

function dealer(ports: readonly number[]): () => number {
  const left = [...ports];
  return () => {
    const port = left.shift();
    if (port === undefined) throw new Error("the block of ports is too small");
    return port;
  };
}

/** A host as it stands in a URL and in host:port: an IPv6 address in brackets (RFC 3986 section 3.2.2). */
export function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

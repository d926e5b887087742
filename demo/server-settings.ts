import { join } from "node:path";
import type { JsonObject } from "../shared/core/json.js";
import { otherServer, type ServerName } from "../shared/core/server-name.js";
import type { Layout } from "./layout.js";

/** Who may ask for a failover in this run. */
export type AskedBy = "watch" | "alertmanager" | "both";

const control = join(import.meta.dirname, "application", "control.js");
/** It is not compiled: the compiled program lies one folder deeper than its source. */
const status = join(import.meta.dirname, "../../demo/application/status.sh");

/**
 * What is laid over the settings that `sparesync init` writes: the addresses of this machine, the application, and
 * times short enough to watch. The safety rules between them hold as in production.
 */
export function pairSettings(layout: Layout, askedBy: AskedBy): JsonObject {
  const { primary, secondary } = layout.servers;
  const { applicationPort: port, nameServer } = layout;
  return {
    link: { heartbeatSeconds: 0.5, inactiveAfterSeconds: 2 },
    ownership: {
      selfFenceSeconds: 4,
      stopSeconds: 5,
      marginSeconds: 1,
      confirmSeconds: 1,
      updateServerSite: "elsewhere",
    },
    dns: {
      authoritativeServers: [nameServer],
      ttlSeconds: 1,
      limitSeconds: 0.8,
      addresses: { primary: [primary.host], secondary: [secondary.host] },
    },
    failover: {
      automatic: true,
      askedBy,
      allowedUnavailabilitySeconds: 3,
      probeSeconds: 0.5,
      // Without a guard process `check` says "assumption"; and both servers share this machine, so the vantages are one.
      acceptAssumption: true,
      acceptSingleVantage: true,
    },
    managedSystem: {
      testPage: { path: "/health", expectedStatus: 200, expectedText: "shop ok", limitSeconds: 2 },
      publicAddresses: { primary: { host: primary.host, port }, secondary: { host: secondary.host, port } },
    },
  };
}

/** The part that belongs to one server. */
export function serverSettings(layout: Layout, server: ServerName): JsonObject {
  const own = layout.servers[server];
  const peer = layout.servers[otherServer(server)];
  const { host, port, database, user } = own.application.database;
  return {
    link: {
      listen: { host: own.host, port: own.linkPort },
      peer: { host: peer.host, port: peer.linkPort },
    },
    admin: { listen: { host: own.adminHost, port: own.adminPort }, transport: "http" },
    exporter: { listen: { host: own.host, port: own.exporterPort }, probeSeconds: 0.5 },
    managedSystem: {
      controls: [
        { kind: "app-offline", directory: own.programFolder },
        {
          kind: "command",
          name: "shop",
          start: controlCommand("start", own.applicationConfigFile),
          stop: controlCommand("stop", own.applicationConfigFile),
          kill: controlCommand("kill", own.applicationConfigFile),
          status: ["/bin/sh", status, own.application.pidFile, own.applicationConfigFile],
        },
      ],
      localAddress: { host: own.host, port: layout.applicationPort },
    },
    folders: [{ name: "upload", path: own.uploadFolder, delaySeconds: 0.3, fullAnalysisSeconds: 60 }],
    databases: [
      {
        name: "shop",
        engine: layout.databaseEngine,
        address: { host, port },
        database,
        user,
        tls: "off",
        pauseSeconds: 0.3,
      },
    ],
  };
}

function controlCommand(action: string, configFile: string): string[] {
  return [process.execPath, control, action, "--config", configFile];
}

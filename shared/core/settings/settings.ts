import { z } from "zod";
import { serverName } from "../server-name.js";
import { adminSettings, exporterSettings, filePath, linkSettings } from "./connection-settings.js";
import { clockSettings, externalResourceSettings, folderSettings } from "./data-settings.js";
import { databaseSettings } from "./database-settings.js";
import { historySettings } from "./history-settings.js";
import { fileTransferSettings } from "./file-transfer-settings.js";
import { drillSettings } from "./drill-settings.js";
import { hookSettings } from "./hook-settings.js";
import { managedSystemSettings } from "./managed-system-settings.js";
import { notificationSettings } from "./notification-settings.js";
import { dnsSettings } from "./dns-settings.js";
import { failoverSettings, ownershipSettings } from "./ownership-settings.js";
import { serviceIntervalSettings } from "./service-interval-settings.js";
import { setting } from "./setting.js";
import { witnessSettings } from "./witness-settings.js";

/** The whole settings file of one server, `sparesync.yml`. Strict: an unknown key is an error. */
export const settingsSchema = z.strictObject({
  pair: setting(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/), {
    purpose: "Name of the pair, the same on both servers.",
    scope: "pair",
    critical: true,
    restart: true,
  }),
  server: setting(serverName, {
    purpose: "Which of the two servers this is.",
    scope: "server",
    critical: true,
    restart: true,
  }),
  stateDirectory: setting(filePath.default("state"), {
    purpose: "Where SpareSync keeps what it must not forget.",
    scope: "server",
    critical: true,
    restart: true,
    path: "new-directory",
  }),
  configurationErrorClearsItself: setting(z.boolean().default(false), {
    purpose: "Whether a configuration error ends by itself when its cause is gone; if not, an operator clears it.",
    scope: "pair",
  }),
  link: linkSettings,
  admin: adminSettings,
  exporter: exporterSettings,
  ownership: ownershipSettings,
  witness: witnessSettings.optional(),
  dns: dnsSettings,
  failover: failoverSettings.prefault({}),
  serviceIntervals: serviceIntervalSettings.prefault({}),
  managedSystem: managedSystemSettings,
  drill: drillSettings.prefault({}),
  hooks: z.array(hookSettings).max(32).default([]),
  folders: z.array(folderSettings).max(100).default([]),
  fileTransfer: fileTransferSettings.prefault({}),
  databases: z.array(databaseSettings).max(100).default([]),
  externalResources: externalResourceSettings.prefault({}),
  clock: clockSettings.prefault({}),
  notifications: notificationSettings.prefault({}),
  history: historySettings.prefault({}),
});

export type Settings = z.output<typeof settingsSchema>;
export type FolderSettings = z.output<typeof folderSettings>;
export type DatabaseSettings = z.output<typeof databaseSettings>;
export type ManagedSystemSettings = z.output<typeof managedSystemSettings>;

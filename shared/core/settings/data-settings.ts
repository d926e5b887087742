import { z } from "zod";
import { filePath, hostAndPort } from "./connection-settings.js";
import { cronSetting } from "./cron-setting.js";
import { setting } from "./setting.js";

export const itemName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens, 63 at most");

/** A pattern of a line break would be two; a comment or nothing is none. */
const ignorePattern = z
  .string()
  .max(1000)
  .regex(/^(?!#)[^\r\n\u0000]*\S[^\r\n\u0000]*$/, "one pattern of gitignore, no comment and no line break");

export const folderSettings = z.strictObject({
  name: setting(itemName, {
    purpose:
      "Name of the folder, the same on both servers: by it the folders are matched. If left out, folder-1, folder-2 … in order.",
    scope: "pair",
    restart: true,
  }),
  path: setting(filePath, {
    purpose: "The folder on this server.",
    scope: "server",
    critical: true,
    restart: true,
    path: "directory",
  }),
  watch: setting(z.boolean().default(true), {
    purpose: "Whether changes are noticed at once; if not, only by the full analysis.",
    scope: "pair",
    restart: true,
  }),
  delaySeconds: setting(z.number().min(0).max(3600).default(3), {
    purpose: "How long a changed file must be quiet before it is copied.",
    unit: "seconds",
    scope: "pair",
  }),
  fullAnalysisSeconds: setting(z.number().min(1).max(2592000).default(3600), {
    purpose: "How often both sides are compared in full.",
    unit: "seconds",
    scope: "pair",
  }),
  fullAnalysisAt: setting(cronSetting.default(""), {
    purpose:
      "When they are besides, as a cron line (minute hour day month weekday) in the server's local time; empty: only by the interval.",
    scope: "pair",
    restart: true,
  }),
  largestShareGone: setting(z.number().min(0).max(1).default(0.5), {
    purpose: "If more than this share of the files (and more than 100) is gone at once, a person is asked first.",
    unit: "share",
    scope: "pair",
  }),
  ignore: setting(z.array(ignorePattern).max(1000).default([]), {
    purpose: "Patterns, as in gitignore, of what is not synchronised: it is left alone on both servers.",
    scope: "pair",
    restart: true,
  }),
  largestFileBytes: setting(z.int().min(0).default(0), {
    purpose: "Larger files are not copied but reported; 0 for no limit.",
    unit: "bytes",
    scope: "pair",
    restart: true,
  }),
  reservedFreeBytes: setting(z.int().min(0).default(67_108_864), {
    purpose: "So much of the target's disk stays free: a transfer that does not fit beside it does not begin.",
    unit: "bytes",
    scope: "pair",
    restart: true,
  }),
  keepDeletedDays: setting(z.number().min(0).max(3650).default(7), {
    purpose: "How long .deleted on the target keeps what was deleted or overwritten; 0 keeps nothing.",
    scope: "pair",
  }),
  largestDeletedBytes: setting(z.int().min(0).default(107_374_182_400), {
    purpose: "How much .deleted may hold; of more than this the oldest goes, however young it is.",
    unit: "bytes",
    scope: "pair",
  }),
});

/** Addresses on the internet that answer when this server's own connection works. */
const externalResource = z.strictObject({
  name: setting(itemName, { purpose: "Name of the resource in logs and metrics.", scope: "server" }),
  address: setting(hostAndPort, {
    purpose: "Address on the internet that accepts a TCP connection when this server's own connection works.",
    scope: "server",
  }),
});

export const externalResourceSettings = z.strictObject({
  required: setting(z.int().min(0).max(100).default(0), {
    purpose: "How many of the resources must be reachable for this server to trust its own connection.",
    unit: "count",
    scope: "server",
  }),
  recoverySeconds: setting(z.number().min(0).max(3600).default(60), {
    purpose: "For how long they must have been reachable again before this server trusts its connection.",
    unit: "seconds",
    scope: "pair",
  }),
  resources: z.array(externalResource).max(100).default([]),
});

export const clockSettings = z.strictObject({
  maximumOffsetSeconds: setting(z.number().min(1).max(3600).default(30), {
    purpose: "Clocks further apart than this are a configuration error.",
    unit: "seconds",
    scope: "pair",
  }),
});

import { z } from "zod";
import { filePath, hostAndPort } from "./connection-settings.js";
import { setting, type SettingMetadata } from "./setting.js";

const argumentList = z.array(z.string()).min(1).max(64);

const controlKind: SettingMetadata = {
  purpose: "How this part of the managed system is stopped and started. Parts stop in the order of the list.",
  scope: "server",
  restart: true,
};

/** Writes app_offline.htm into a web application's folder to stop it (ASP.NET Core's convention), removes it to start. */
export const appOfflineControl = z.strictObject({
  kind: setting(z.literal("app-offline"), controlKind),
  directory: setting(filePath, {
    purpose: "The folder of the web application, where app_offline.htm is written.",
    scope: "server",
    restart: true,
    path: "directory",
  }),
});

/** Programs without a shell: the first item is the program, the others are its arguments. */
export const commandControl = z.strictObject({
  kind: setting(z.literal("command"), controlKind),
  name: setting(z.string().min(1).max(64), { purpose: "Name in logs and steps.", scope: "server", restart: true }),
  start: setting(argumentList, { purpose: "Starts it; exits 0 when started.", scope: "server", restart: true }),
  stop: setting(argumentList, { purpose: "Stops it; exits 0 when stopped.", scope: "server", restart: true }),
  kill: setting(argumentList.optional(), {
    purpose: "Ends it at once when stop does not; exits 0 when it is gone.",
    scope: "server",
    restart: true,
  }),
  status: setting(argumentList, {
    purpose: "Exits 0 while it runs, 3 when it is stopped (the convention of init scripts); anything else is unknown.",
    scope: "server",
    restart: true,
  }),
});

export const managedSystemSettings = z.strictObject({
  controls: z
    .array(z.discriminatedUnion("kind", [appOfflineControl, commandControl]))
    .min(1)
    .max(16),
  testPage: z.strictObject({
    protocol: setting(z.enum(["http", "https"]).default("http"), {
      purpose: "Protocol of the test page.",
      scope: "pair",
    }),
    path: setting(z.string().startsWith("/").default("/"), { purpose: "Path of the test page.", scope: "pair" }),
    expectedStatus: setting(z.int().min(100).max(599).default(200), {
      purpose: "HTTP status the test page answers with.",
      scope: "pair",
    }),
    expectedText: setting(z.string().max(1000).default(""), {
      purpose: "Text the test page must contain.",
      scope: "pair",
    }),
    limitSeconds: setting(z.number().min(0.2).max(120).default(10), {
      purpose: "How long the test page may take.",
      unit: "seconds",
      scope: "pair",
    }),
  }),
  localAddress: setting(hostAndPort, {
    purpose: "Where the managed system of this server answers, seen from this server.",
    scope: "server",
  }),
  publicAddresses: z.strictObject({
    primary: setting(hostAndPort, { purpose: "Where users reach the primary's managed system.", scope: "pair" }),
    secondary: setting(hostAndPort, { purpose: "Where users reach the secondary's managed system.", scope: "pair" }),
  }),
});

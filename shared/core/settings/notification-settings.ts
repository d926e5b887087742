import { z } from "zod";
import { parseAlertOverride } from "../alert-override.js";
import { filePath, hostAndPort } from "./connection-settings.js";
import { setting } from "./setting.js";

const override = z.string().superRefine((text, context) => {
  const parsed = parseAlertOverride(text);
  if (typeof parsed === "string") context.addIssue({ code: "custom", message: parsed });
});

const webAddress = z.union([z.literal(""), z.url({ protocol: /^https?$/ })]);

const mailSettings = z.strictObject({
  server: setting(hostAndPort.optional(), {
    purpose: "The mail server that takes the messages; left out: this server sends no mail.",
    scope: "server",
    restart: true,
  }),
  security: setting(z.enum(["starttls", "tls", "none"]).default("starttls"), {
    purpose: "starttls: encrypted from STARTTLS on, or not sent; tls: encrypted from the start; none: loopback only.",
    scope: "server",
    restart: true,
  }),
  caFile: setting(filePath.optional(), {
    purpose: "Certificate of the mail server or its authority (PEM), where the system does not know it.",
    scope: "server",
    path: "file",
    restart: true,
  }),
  user: setting(z.string().max(320).default(""), {
    purpose: "Name with which to sign in at the mail server; empty: without.",
    scope: "server",
    restart: true,
  }),
  passwordFile: setting(filePath.default("mail-password"), {
    purpose: "File with the password of that user (mode 0600).",
    scope: "server",
    secret: true,
    path: "file",
    restart: true,
  }),
  from: setting(z.union([z.email(), z.literal("")]).default(""), {
    purpose: "Address from which the messages come.",
    scope: "server",
    restart: true,
  }),
  to: setting(z.array(z.email()).max(50).default([]), {
    purpose: "Addresses to which the messages go.",
    scope: "server",
    restart: true,
  }),
  limitSeconds: setting(z.number().min(1).max(300).default(30), {
    purpose: "How long the mail server may take for one message.",
    unit: "seconds",
    scope: "server",
    restart: true,
  }),
});

/** How people are told; alerts and mail follow the same rules. */
export const notificationSettings = z.strictObject({
  via: setting(z.enum(["auto", "alertmanager", "mail", "both"]).default("auto"), {
    purpose:
      "Who tells people: alertmanager alone, the servers by mail (mail, both), or by mail what Alertmanager has not taken (auto).",
    scope: "pair",
    restart: true,
  }),
  alertmanagers: setting(
    z
      .array(z.url({ protocol: /^https?$/ }))
      .max(8)
      .default([]),
    {
      purpose: "Addresses of the Alertmanagers, such as http://192.0.2.9:9093, which `auto` asks what they have taken.",
      scope: "server",
      restart: true,
    },
  ),
  alertmanagerCaFile: setting(filePath.optional(), {
    purpose: "Certificate of the Alertmanagers or their authority (PEM), where the system does not know it.",
    scope: "server",
    path: "file",
    restart: true,
  }),
  alertmanagerUser: setting(
    z
      .string()
      .max(320)
      .regex(/^[^:]*$/, "a name without a colon")
      .default(""),
    {
      purpose: "Name with which to sign in at the Alertmanagers (basic auth); empty: without.",
      scope: "server",
      restart: true,
    },
  ),
  alertmanagerPasswordFile: setting(filePath.default("alertmanager-password"), {
    purpose: "File with the password of that user (mode 0600).",
    scope: "server",
    secret: true,
    path: "file",
    restart: true,
  }),
  overrides: setting(z.array(override).max(100).default([]), {
    purpose:
      "Delay and frequency of single codes in seconds, as CODE:delay:frequency, such as MainAppInvisible:60:86400; the frequency - says it once.",
    scope: "pair",
  }),
  runbookUrl: setting(webAddress.default(""), {
    purpose: "Web address of the folder with your copy of docs/runbooks; messages link to the runbook of their code.",
    scope: "pair",
  }),
  grafanaUrl: setting(webAddress.default(""), {
    purpose: "Web address of your Grafana; messages link to the dashboard that shows what they are about.",
    scope: "pair",
  }),
  mail: mailSettings.prefault({}),
});

export type NotificationSettings = z.output<typeof notificationSettings>;

import { z } from "zod";
import { setting } from "./setting.js";

export const hostAndPort = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65535),
});

/** A path; relative ones start at the folder of the settings file. */
export const filePath = z.string().min(1);

export const linkSettings = z.strictObject({
  listen: setting(hostAndPort, {
    purpose: "Address on which this server's actor accepts the link from the other actor.",
    scope: "server",
    restart: true,
  }),
  peer: setting(hostAndPort, {
    purpose: "Address of the other actor's link as seen from this server.",
    scope: "server",
    restart: true,
  }),
  transport: setting(z.enum(["https", "http"]).default("https"), {
    purpose: "https: mutual TLS with pinned certificates. http: no encryption; only inside a tunnel you trust.",
    scope: "pair",
    critical: true,
    restart: true,
  }),
  certificateFile: setting(filePath.default("link-certificate.pem"), {
    purpose: "This server's own certificate (PEM).",
    scope: "server",
    path: "file",
    restart: true,
  }),
  privateKeyFile: setting(filePath.default("link-key.pem"), {
    purpose: "The private key of this server's certificate (PEM, mode 0600).",
    scope: "server",
    restart: true,
    secret: true,
    path: "file",
  }),
  peerCertificateFile: setting(filePath.default("peer-certificate.pem"), {
    purpose: "The other server's certificate; exactly this one is accepted on the link.",
    scope: "server",
    path: "file",
    restart: true,
  }),
  pairKeyFile: setting(filePath.default("pair-key"), {
    purpose: "File with the pair key (mode 0600): the same content on both servers. It never crosses the wire.",
    scope: "server",
    restart: true,
    secret: true,
    path: "file",
  }),
  heartbeatSeconds: setting(z.number().min(0.2).max(60).default(5), {
    purpose: "How often the actors tell each other their status.",
    unit: "seconds",
    scope: "pair",
  }),
  inactiveAfterSeconds: setting(z.number().min(1).max(600).default(15), {
    purpose: "Without a heartbeat for this long the connection counts as lost.",
    unit: "seconds",
    scope: "pair",
  }),
});

export const adminSettings = z.strictObject({
  listen: setting(hostAndPort, {
    purpose: "Address for operators, operation pages and Alertmanager's webhook.",
    scope: "server",
    restart: true,
  }),
  transport: setting(z.enum(["https", "http"]).default("https"), {
    purpose: "http is accepted on a loopback address only.",
    scope: "server",
    restart: true,
  }),
  certificateFile: setting(filePath.default("link-certificate.pem"), {
    purpose: "Certificate of the admin listener (PEM).",
    scope: "server",
    path: "file",
    restart: true,
  }),
  privateKeyFile: setting(filePath.default("link-key.pem"), {
    purpose: "Private key of the admin listener's certificate (PEM, mode 0600).",
    scope: "server",
    restart: true,
    secret: true,
    path: "file",
  }),
  webhookClientsFile: setting(filePath.optional(), {
    purpose:
      "Certificates (PEM) of Alertmanagers, or of their authority: whoever shows one may post alerts without a token, and do nothing else.",
    scope: "server",
    path: "file",
    restart: true,
  }),
  tokensFile: setting(filePath.default("tokens.json"), {
    purpose: "Hashed access tokens with their roles (mode 0600).",
    scope: "server",
    secret: true,
    path: "file",
  }),
});

export const exporterSettings = z.strictObject({
  listen: setting(hostAndPort, { purpose: "Address on which Prometheus scrapes.", scope: "server", restart: true }),
  openToEverybody: setting(z.boolean().default(false), {
    purpose:
      "true: answers everybody in plain HTTP, without webConfigFile; metrics hold no secret, but they tell what runs where.",
    scope: "server",
    restart: true,
  }),
  webConfigFile: setting(filePath.default("web-config.yml"), {
    purpose: "File with the certificate and the users of the metrics, as Prometheus' own exporters take it.",
    scope: "server",
    restart: true,
    path: "file",
  }),
  probeSeconds: setting(z.number().min(0.2).max(600).default(5), {
    purpose: "How often the exporter probes the managed system.",
    unit: "seconds",
    scope: "server",
  }),
});

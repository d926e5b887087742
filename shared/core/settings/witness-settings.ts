import { z } from "zod";
import { filePath } from "./connection-settings.js";
import { setting } from "./setting.js";

/** Without a user and password in it: those would be shown wherever the address is. */
const endpoint = z
  .string()
  .regex(/^https?:\/\/[^\s/@]+\/?$/, "an address such as https://witness.example.org:2379, without a user or a path");

/** A third place that holds a lease of the active server; see docs/decisions/0028. */
export const witnessSettings = z.strictObject({
  endpoints: setting(z.array(endpoint).min(1).max(8), {
    purpose: "Client addresses of one etcd at a third site, or of the members of one cluster; they are tried in turn.",
    scope: "pair",
    critical: true,
    restart: true,
  }),
  user: setting(z.string().max(320).default(""), {
    purpose: "Name with which to sign in at etcd; empty: without.",
    scope: "server",
    restart: true,
  }),
  passwordFile: setting(filePath.default("witness-password"), {
    purpose: "File with the password of that user (mode 0600).",
    scope: "server",
    secret: true,
    path: "file",
    restart: true,
  }),
  caFile: setting(filePath.optional(), {
    purpose: "Certificate of etcd or its authority (PEM), where the system does not know it.",
    scope: "server",
    path: "file",
    restart: true,
  }),
  certificateFile: setting(filePath.optional(), {
    purpose: "Certificate that this server shows to etcd (PEM), where etcd asks for one.",
    scope: "server",
    path: "file",
    restart: true,
  }),
  privateKeyFile: setting(filePath.optional(), {
    purpose: "The private key of that certificate (PEM, mode 0600).",
    scope: "server",
    secret: true,
    path: "file",
    restart: true,
  }),
  ttlSeconds: setting(z.int().min(2).max(3600).default(30), {
    purpose: "How long the lease outlives its last renewal: the spare takes over by itself only after that.",
    unit: "seconds",
    scope: "pair",
    critical: true,
    restart: true,
  }),
  limitSeconds: setting(z.number().min(0.2).max(60).default(3), {
    purpose: "How long one question to the witness may take, over all its endpoints.",
    unit: "seconds",
    scope: "pair",
    restart: true,
  }),
});

export type WitnessSettings = z.output<typeof witnessSettings>;

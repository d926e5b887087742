import { z } from "zod";
import { filePath, hostAndPort } from "./connection-settings.js";
import { setting } from "./setting.js";

const ipAddress = z.union([z.ipv4(), z.ipv6()]);
const dnsName = z.string().min(1).max(253);

const movedName = z.strictObject({
  name: setting(dnsName, {
    purpose: "Another name in the zone that moves with `dns.name`.",
    scope: "pair",
    restart: true,
  }),
  ttlSeconds: setting(z.int().min(1).max(86400).optional(), {
    purpose: "Time to live of this name's records; left out: `dns.ttlSeconds`.",
    unit: "seconds",
    scope: "pair",
  }),
  addresses: z
    .strictObject({
      primary: setting(z.array(ipAddress).min(1).max(8), {
        purpose: "A and AAAA of this name while the primary is active; left out with its group: `dns.addresses`.",
        scope: "pair",
        critical: true,
        restart: true,
      }),
      secondary: setting(z.array(ipAddress).min(1).max(8), {
        purpose: "A and AAAA of this name while the secondary is active.",
        scope: "pair",
        critical: true,
        restart: true,
      }),
    })
    .optional(),
  alias: z
    .strictObject({
      primary: setting(dnsName, {
        purpose: "Instead of addresses: what this name is an alias (CNAME) of while the primary is active.",
        scope: "pair",
        critical: true,
        restart: true,
      }),
      secondary: setting(dnsName, {
        purpose: "What it is an alias of while the secondary is active.",
        scope: "pair",
        critical: true,
        restart: true,
      }),
    })
    .optional(),
});

export const dnsSettings = z.strictObject({
  updateServer: setting(hostAndPort, {
    purpose: "The name server that takes RFC 2136 updates.",
    scope: "pair",
    critical: true,
    restart: true,
  }),
  authoritativeServers: setting(z.array(hostAndPort).max(16).default([]), {
    purpose: "All authoritative servers of the zone; each is checked after a switch. Empty: the update server only.",
    scope: "pair",
    restart: true,
  }),
  zone: setting(z.string().min(1).max(253), { purpose: "The zone of the name.", scope: "pair", restart: true }),
  name: setting(z.string().min(1).max(253), {
    purpose: "The name under which users reach the managed system.",
    scope: "pair",
    critical: true,
    restart: true,
  }),
  ttlSeconds: setting(z.int().min(1).max(86400).default(60), {
    purpose: "Time to live of the addresses.",
    unit: "seconds",
    scope: "pair",
  }),
  addresses: z.strictObject({
    primary: setting(z.array(ipAddress).min(1).max(8), {
      purpose: "A and AAAA of the name while the primary is active.",
      scope: "pair",
      critical: true,
      restart: true,
    }),
    secondary: setting(z.array(ipAddress).min(1).max(8), {
      purpose: "A and AAAA of the name while the secondary is active.",
      scope: "pair",
      critical: true,
      restart: true,
    }),
  }),
  moreNames: z.array(movedName).max(32).default([]),
  tsig: z.strictObject({
    keyName: setting(z.string().min(1).max(253), { purpose: "Name of the TSIG key.", scope: "pair", restart: true }),
    algorithm: setting(z.enum(["hmac-sha256", "hmac-sha384", "hmac-sha512"]).default("hmac-sha256"), {
      purpose: "Algorithm of the TSIG key (RFC 8945).",
      scope: "pair",
      restart: true,
    }),
    secretFile: setting(filePath.default("tsig-secret"), {
      purpose: "File with the TSIG secret in Base64 (mode 0600): the same content on both servers.",
      scope: "server",
      restart: true,
      secret: true,
      path: "file",
    }),
  }),
  limitSeconds: setting(z.number().min(0.2).max(60).default(3), {
    purpose: "How long one question to a name server may take.",
    unit: "seconds",
    scope: "pair",
  }),
});

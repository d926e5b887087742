import { z } from "zod";
import { filePath, hostAndPort } from "./connection-settings.js";
import { itemName } from "./data-settings.js";
import { setting } from "./setting.js";

export const databaseSettings = z.strictObject({
  name: setting(itemName, {
    purpose: "Name of the database in SpareSync, the same on both servers.",
    scope: "pair",
    restart: true,
  }),
  engine: setting(z.enum(["postgresql", "pglite", "sqlserver"]), {
    purpose: "What speaks at the address: a PostgreSQL server, a PGlite process (one shared session), or a SQL Server.",
    scope: "pair",
    restart: true,
  }),
  address: setting(hostAndPort, { purpose: "Address of this server's database.", scope: "server", restart: true }),
  database: setting(z.string().min(1).max(63), {
    purpose: "Name of the database on its server.",
    scope: "server",
    critical: true,
    restart: true,
  }),
  user: setting(z.string().min(1).max(63), {
    purpose: "Owner of the tables, in whose name SpareSync works.",
    scope: "server",
    restart: true,
  }),
  passwordFile: setting(filePath.optional(), {
    purpose: "File with the password (mode 0600).",
    scope: "server",
    restart: true,
    secret: true,
    path: "file",
  }),
  tls: setting(z.enum(["verify", "encrypt", "off"]).default("verify"), {
    purpose: "verify: encrypted, certificate checked; encrypt: encrypted only; off: only on a loopback address.",
    scope: "server",
    restart: true,
  }),
  tlsCertificateFile: setting(filePath.optional(), {
    purpose:
      "Certificate (PEM) of the database server or of its authority; unset: the authorities that Node.js trusts.",
    scope: "server",
    restart: true,
    path: "file",
  }),
  schemas: setting(z.array(z.string().min(1).max(63)).min(1).max(64).default(["public"]), {
    purpose: "The schemas whose tables are synchronised; on a SQL Server, public stands for dbo.",
    scope: "pair",
    restart: true,
  }),
  excludedTables: setting(z.array(z.string().min(3)).max(10000).default([]), {
    purpose: "Tables that are not synchronised, as schema.table.",
    scope: "pair",
    restart: true,
  }),
  pauseSeconds: setting(z.number().min(0).max(3600).default(5), {
    purpose: "Pause between two looks at the journal; 20 suits a slow link, 0 stands for no pause.",
    unit: "seconds",
    scope: "pair",
  }),
  batchRows: setting(z.int().min(1).max(100000).default(4096), {
    purpose: "Largest number of rows in one batch on the link.",
    unit: "count",
    scope: "pair",
  }),
  backupDirectory: setting(filePath.optional(), {
    purpose: "Where this server's database is backed up before a reverse synchronisation; unset: no backup.",
    scope: "server",
    path: "new-directory",
  }),
  compressBatches: setting(z.boolean().default(false), {
    purpose: "Whether batches are compressed on the link; worth it where the link is slower than about 50 MB/s.",
    scope: "pair",
  }),
  connectionErrorsAreFatal: setting(z.boolean().default(false), {
    purpose: "Whether a database that does not answer is fatal at once instead of a warning that is tried again.",
    scope: "pair",
  }),
  reinitialiseOnError: setting(z.boolean().default(true), {
    purpose: "Whether what can no longer be synchronised is copied anew by itself; if not, SpareSync turns itself off.",
    scope: "pair",
  }),
  journalLimitBytes: setting(
    z
      .int()
      .min(65_536)
      .max(2 ** 50)
      .default(10 * 1024 ** 3),
    {
      purpose: "Size at which the journal is given up while the target does not take it; then a full copy is needed.",
      unit: "bytes",
      scope: "pair",
    },
  ),
  verificationSeconds: setting(z.number().min(0).max(31_536_000).default(86_400), {
    purpose: "How often all rows of both sides are compared; 0 = only when asked for.",
    unit: "seconds",
    scope: "pair",
  }),
  verificationLoadPercent: setting(z.number().min(0.1).max(100).default(5), {
    purpose: "Largest share of the time in which the comparison may work.",
    scope: "pair",
  }),
  repairDifferences: setting(z.boolean().default(true), {
    purpose: "Whether rows that the scheduled comparison finds different are sent again.",
    scope: "pair",
  }),
});

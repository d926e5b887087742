import { expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { restoreDatabaseBackup } from "../../../actor/database-backups.js";
import { sampleSettings } from "../../support/sample-settings.js";
import { addressVariable, createSqlServerPair, sqlServerAddress } from "../../support/sqlserver-server.js";
import { SyncPair } from "../../support/sync-pair.js";

const address = sqlServerAddress();
const signal = new AbortController().signal;
const tables = `CREATE TABLE t(id int IDENTITY PRIMARY KEY, v nvarchar(200)); CREATE TABLE u(id int PRIMARY KEY, t int REFERENCES t(id));
  CREATE TABLE keyless(v decimal(9, 2))`;
const names = ["t", "u", "keyless"];

(address ? test : test.skip)(
  `a backup is put back, and into a database of its own (needs a server: ${addressVariable})`,
  async () => {
    if (!address) return;
    const server = await createSqlServerPair(address);
    const sessions = [await server.connect(0), await server.connect(1)] as const;
    const stateDirectory = await mkdtemp(path.join(tmpdir(), "restore-backup-"));
    const pair = await SyncPair.create(server.settings);
    const contents = (at: 0 | 1) =>
      Promise.all(names.map((name) => sessions[at].rows(`SELECT * FROM ${name} ORDER BY 1`)));
    const restore = async (folder: string, into: string | undefined) => {
      const settings = { ...sampleSettings("primary"), databases: [pair.settings.a], stateDirectory };
      const request = { database: "shop", folder, into, nowMs: 0, tell: () => undefined };
      return restoreDatabaseBackup(settings, request, signal);
    };
    try {
      for (const session of sessions) await session.run(tables);
      await sessions[0].run("INSERT INTO t(v) VALUES (N'one'), (N'zwölf\t\\'), (NULL); INSERT INTO u VALUES (1, 2)");
      await sessions[0].run("INSERT INTO keyless VALUES (1.5), (1.5)");
      await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
      const folder = await pair.parts.a.backUp("way-back", signal);
      const before = await contents(0);
      await sessions[0].run("DELETE FROM u; DELETE FROM t WHERE id = 2; INSERT INTO keyless VALUES (2)");
      const after = await contents(0);
      await pair.parts.a.close();
      expect(await restore(folder, server.databases[1])).toMatchObject({ rows: 6, tables: 3 });
      expect(await contents(1)).toEqual(before);
      expect(await sessions[1].rows("SELECT 1 FROM sys.schemas WHERE name = 'sparesync'")).toEqual([]);
      expect(await contents(0)).toEqual(after);
      const { keptIn } = await restore(folder, undefined);
      expect(await contents(0)).toEqual(before);
      await sessions[0].run("INSERT INTO t(v) VALUES (N'after')");
      expect(await sessions[0].rows("SELECT id FROM t WHERE v = N'after'")).toEqual([["4"]]);
      await restore(keptIn, undefined);
      expect(await contents(0)).toEqual(after);
    } finally {
      await pair.close();
      await Promise.all(sessions.map((session) => session.close()));
      await server.close();
      await rm(stateDirectory, { recursive: true });
    }
  },
  600_000,
);

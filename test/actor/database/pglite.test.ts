import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeDatabaseDeclaration } from "../../contract/database-declaration.contract.js";
import { describeDatabaseSettings } from "../../contract/database-settings.contract.js";
import { describeDatabaseReturn } from "../../contract/database-return.contract.js";
import { describeDatabaseSync } from "../../contract/database-sync.contract.js";
import { describeDatabaseConformance } from "../../contract/conformance/database-conformance.contract.js";
import { describeEngine } from "../../contract/engine.contract.js";
import { describeInstalledScripts } from "../../contract/installed-scripts.contract.js";
import { installScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import { PostgresqlConnection } from "../../../actor/database/postgresql/connection.js";
import { connectApplication, emptyDatabase, type DatabaseFixture } from "../../support/database-fixture.js";
import { postgresqlScripts } from "../../support/scripts-dialect.js";
import { until } from "../../support/until.js";
import { startPgliteFixture } from "../../support/pglite-server.js";
import { startPgliteConformance } from "../../support/postgresql-conformance.js";
import { connectRaw } from "../../support/raw-postgresql-client.js";

describe("on PGlite", () => {
  const signal = new AbortController().signal;
  let fixture: DatabaseFixture;

  // Two processes serve both suites: creating a cluster is by far the slowest part of PGlite.
  const shared = (): Promise<DatabaseFixture> => Promise.resolve({ ...fixture, close: () => Promise.resolve() });

  beforeAll(async () => {
    fixture = await startPgliteFixture();
  }, 180_000);

  afterAll(async () => {
    await fixture.close();
  });

  test("the server keeps the queries of its clients apart, though they share one unnamed statement", async () => {
    const { port } = fixture.settings[0].address;
    const [slow, quick] = await Promise.all([connectRaw(port), connectRaw(port)]);
    slow.parse("SELECT 'of the slow one'");
    await until(() => slow.received().endsWith("1\0\0\0\u0004"));
    quick.parse("SELECT 'of the quick one'");
    quick.runParsed();
    slow.runParsed();
    await until(() => slow.received().includes("of the") && quick.received().includes("of the"));
    expect(slow.received()).toContain("of the slow one");
    expect(quick.received()).toContain("of the quick one");
    slow.close();
    quick.close();
  });

  test("where nothing waits for the disk by default, what must be durable does, and so does what a copy has read", async () => {
    const [settings] = fixture.settings;
    const options = { settings, readSecret: () => Promise.resolve(""), newId: () => "a-history" };
    const app = await connectApplication(settings);
    const connection = new PostgresqlConnection(options);
    const engine = openEngine(options);
    const valueIn = (doing: string, isLossBearable: boolean): Promise<unknown> =>
      connection.transaction({ signal, doing, isLossBearable }, async (transaction) => {
        const [row] = await transaction.query("SELECT current_setting('synchronous_commit') AS value");
        return row?.["value"];
      });
    try {
      await emptyDatabase(app);
      await app.query("CREATE TABLE t(id int PRIMARY KEY)");
      const { tables } = await engine.readCatalogue(signal);
      await engine.install(tables, signal);
      await app.query("SET synchronous_commit = remote_apply");
      expect(await valueIn("keep what waits for more", false)).toBe("remote_apply");
      await app.query("SET synchronous_commit = off");
      expect([await valueIn("a point", false), await valueIn("a trim", true)]).toEqual(["local", "off"]);
      await app.query("INSERT INTO t VALUES (1)");
      const { rows: written } = await app.query<{ at: string }>("SELECT pg_current_wal_insert_lsn() AS at");
      const chunk = await engine.readCopyChunk(
        tables[0]!,
        { after: undefined, chunksRead: 0 },
        { batchRows: 100, batchBytes: 65_536 },
        signal,
      );
      expect(chunk.batch.rows).toBe(1);
      const isFlushed = "SELECT pg_current_wal_flush_lsn() >= $1::pg_lsn AS is_flushed";
      expect((await app.query(isFlushed, [written[0]?.at])).rows).toEqual([{ is_flushed: true }]);
    } finally {
      await app.query("RESET synchronous_commit");
      await Promise.all([engine.close(), connection.close(), app.end()]);
    }
  });

  test("a materialized view is named at install, with what to do", async () => {
    const [settings] = fixture.settings;
    const app = await connectApplication(settings);
    const engine = openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => "a-history" });
    try {
      await emptyDatabase(app);
      await app.query("CREATE TABLE t(id int PRIMARY KEY); CREATE MATERIALIZED VIEW sums AS SELECT count(*) FROM t");
      const { findings } = await installScripts(engine, signal);
      expect(findings.filter(({ message }) => message.includes("public.sums"))).toMatchObject([
        { severity: "warning", hint: expect.stringContaining("refresh it") },
      ]);
    } finally {
      await Promise.all([engine.close(), app.end()]);
    }
  });

  describe("the engine", () => {
    describeEngine(shared);
  });

  describe("the cases of conformance", () => {
    describeDatabaseConformance(async () => startPgliteConformance(await shared()));
  });

  describe("database synchronisation", () => {
    describeDatabaseSync(shared);
  });

  describe("a database's way to the other server and back", () => {
    describeDatabaseReturn(shared);
  });

  describe("the declaration that both sides are the same", () => {
    describeDatabaseDeclaration(shared);
  });

  describe("the settings of a database", () => {
    describeDatabaseSettings(shared);
  });

  describe("the scripts", () => {
    describeInstalledScripts(async () => ({
      fixture: await startPgliteConformance(await shared()),
      scripts: postgresqlScripts,
    }));
  });
});

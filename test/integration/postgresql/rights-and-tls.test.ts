import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { chmod, chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installScripts, planScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import type { DatabaseSettings } from "../../../shared/core/settings/settings.js";
import { createSystemRandom } from "../../../shared/system-random.js";
import { createSelfSignedCertificate } from "../../../shared/self-signed-certificate.js";
import { connectApplication, contentOf, emptyDatabase, testSettings } from "../../support/database-fixture.js";
import { startPostgresqlServer, type PostgresqlServer } from "../../support/postgresql-server.js";
import { SyncPair } from "../../support/sync-pair.js";

const signal = new AbortController().signal;

function engineOf(settings: DatabaseSettings) {
  return openEngine({
    settings,
    readSecret: () => Promise.resolve("opensesame"),
    newId: () => createSystemRandom().id(),
  });
}

describe("a role that owns the tables and nothing more", () => {
  let server: PostgresqlServer;
  let settings: readonly [DatabaseSettings, DatabaseSettings];

  beforeAll(async () => {
    server = await startPostgresqlServer();
    await server.createDatabase("shop_a");
    await server.createDatabase("shop_b");
    settings = [
      testSettings("postgresql", server.port, "shop_a", { user: "shop_owner" }),
      testSettings("postgresql", server.port, "shop_b", { user: "shop_owner" }),
    ];
    const admin = await connectApplication({ ...settings[0], user: "postgres" });
    await admin.query("CREATE ROLE shop_owner LOGIN; CREATE ROLE stranger LOGIN");
    await admin.query("GRANT SET ON PARAMETER session_replication_role TO shop_owner");
    await admin.end();
    for (const one of settings) {
      const client = await connectApplication({ ...one, user: "postgres" });
      await emptyDatabase(client);
      await client.query(`ALTER DATABASE ${one.database} OWNER TO shop_owner; ALTER SCHEMA public OWNER TO shop_owner`);
      await client.end();
    }
  }, 120_000);
  afterAll(async () => {
    await server.stop();
  });

  test("synchronises, is promoted and comes back", async () => {
    const pair = await SyncPair.create(settings);
    const apps = [await connectApplication(settings[0]), await connectApplication(settings[1])] as const;
    for (const app of apps) await app.query("CREATE TABLE t(id int PRIMARY KEY, v text)");
    await apps[0].query("INSERT INTO t VALUES (1, 'a')");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    await pair.parts.a.synchronise(signal);
    await apps[0].query("UPDATE t SET v = 'b'; INSERT INTO t VALUES (2, 'c')");
    await pair.parts.a.synchronise(signal);
    await pair.parts.a.closeSource(signal);
    await pair.parts.a.drain(signal);
    await pair.parts.b.raiseEpoch(2, signal);
    await pair.parts.b.promote(2, signal);
    await apps[1].query("INSERT INTO t VALUES (3, 'on b')");
    expect(await contentOf(apps[1], "t")).toEqual(["(1,b)", "(2,c)", '(3,"on b")']);
    await pair.close();
    await Promise.all(apps.map((app) => app.end()));
  });

  test("is told what it cannot do without a superuser, before anything is installed", async () => {
    const engine = engineOf(settings[0]);
    await engine.probe(signal);
    const { findings } = await planScripts(engine, signal, "shop");
    await engine.close();
    expect(findings.map(({ severity }) => severity)).toEqual(["warning", "warning"]);
    expect(findings[0]?.message).toContain("may not end the sessions of other roles");
    expect(findings[1]?.message).toContain("is no superuser");
  });

  test("one that does not own the tables is refused with the right that is missing, and changes nothing", async () => {
    const owner = await connectApplication(settings[0]);
    await owner.query("DROP SCHEMA IF EXISTS sparesync CASCADE; CREATE TABLE IF NOT EXISTS t(id int PRIMARY KEY)");
    const engine = engineOf({ ...settings[0], user: "stranger" });
    await engine.probe(signal);
    const failed = installScripts(engine, signal, "shop");
    await expect(failed).rejects.toMatchObject({
      code: "DATABASE_UNSUPPORTED",
      message: expect.stringMatching(/stranger lacks .*CREATE on the database.*ownership .*shop_owner.*public\.t/s),
    });
    expect((await owner.query("SELECT to_regnamespace('sparesync') AS n")).rows).toEqual([{ n: null }]);
    await engine.close();
    await owner.end();
  });
});

describe("TLS to the server", () => {
  let folder: string;
  let server: PostgresqlServer;
  let settings: DatabaseSettings;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sparesync-tls-"));
    await chmod(folder, 0o755);
    const { certificate, privateKey } = await createSelfSignedCertificate("database", ["localhost", "127.0.0.1"]);
    const other = await createSelfSignedCertificate("other", ["localhost", "127.0.0.1"]);
    await writeFile(join(folder, "server.crt"), certificate);
    await writeFile(join(folder, "other.crt"), other.certificate);
    await writeFile(join(folder, "server.key"), privateKey, { mode: 0o600 });
    server = await startPostgresqlServer([], async (owner) => {
      if (owner) await chown(join(folder, "server.key"), owner.uid, owner.gid);
      const files = ["ssl=on", `ssl_cert_file=${folder}/server.crt`, `ssl_key_file=${folder}/server.key`];
      return files;
    });
    settings = testSettings("postgresql", server.port, "postgres", { tls: "verify", passwordFile: "/secret" });
    await stat(join(folder, "server.crt"));
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    { when: "the certificate is the one that is named", file: "server.crt" as const, isTrusted: true },
    { when: "the certificate is another one", file: "other.crt" as const, isTrusted: false },
  ])("$when", async ({ file, isTrusted }) => {
    const engine = engineOf({ ...settings, tlsCertificateFile: join(folder, file) });
    const probing = engine.probe(signal);
    if (isTrusted) expect((await probing).version).toContain("PostgreSQL");
    else {
      // No retry mends a wrong certificate: a person must look.
      const failed: unknown = await probing.catch((error: unknown) => error);
      expect(failed).toMatchObject({ code: "DATABASE_FAILED", message: expect.stringContaining("certificate") });
      expect(String(failed)).not.toContain("opensesame");
    }
    await engine.close();
  });

  test("encrypts without looking at the certificate when only that is asked for", async () => {
    const engine = engineOf({ ...settings, tls: "encrypt" });
    expect((await engine.probe(signal)).version).toContain("PostgreSQL");
    await engine.close();
  });
});

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { installScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import type { DatabaseSettings } from "../../../shared/core/settings/settings.js";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

describe("a returned PostgreSQL source whose key was changed on both servers", () => {
  const { signal } = new AbortController();
  let fixture: DatabaseFixture;

  beforeAll(async () => {
    fixture = await startPostgresqlFixture();
  }, 120_000);
  afterAll(async () => {
    await fixture.close();
  });

  async function install(settings: DatabaseSettings): Promise<void> {
    const engine = openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => crypto.randomUUID() });
    try {
      await engine.probe(signal);
      await installScripts(engine, signal);
    } finally {
      await engine.close();
    }
  }

  test("is not copied over unseen where an installation took away what it had not sent", async () => {
    const pair = await DatabasePair.open(fixture);
    try {
      await pair.both("CREATE TABLE t(id int PRIMARY KEY, v text)");
      await pair.apps.a.query("INSERT INTO t VALUES (1, 'x')");
      await pair.startRoles();
      await pair.parts.a.synchronise(signal);
      await pair.apps.a.query("INSERT INTO t VALUES (2, 'only here')");
      pair.kill("a");
      await pair.failOverTo("b", 2);
      await pair.apps.b.query("ALTER TABLE t ALTER COLUMN id TYPE bigint");
      await install(pair.settings.b);
      await pair.parts.a.setRole({ role: "target", epoch: 2 });
      await pair.apps.a.query("ALTER TABLE t ALTER COLUMN id TYPE bigint");
      await install(pair.settings.a);
      await expect(pair.parts.b.synchronise(signal)).rejects.toMatchObject({
        cause: { code: "REINITIALISATION_REQUIRED" },
      });
      const because = (await pair.divergence("a")).map((line) => line.because);
      expect(because).toContainEqual(expect.stringContaining("public.t: its journal"));
      expect(await contentOf(pair.apps.a, "t")).toContain('(2,"only here")');
      await pair.parts.a.releaseReplaced?.();
      await pair.parts.b.synchronise(signal);
      expect(await contentOf(pair.apps.a, "t")).toEqual(["(1,x)"]);
    } finally {
      await pair.close();
    }
  });
});

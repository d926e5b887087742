import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { installScripts, resetScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import type { DatabaseSettings } from "../../../shared/core/settings/settings.js";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

describe("what a returned PostgreSQL source had not sent", () => {
  const { signal } = new AbortController();
  let fixture: DatabaseFixture;

  beforeAll(async () => {
    fixture = await startPostgresqlFixture();
  }, 120_000);
  afterAll(async () => {
    await fixture.close();
  });

  async function install(settings: DatabaseSettings, isReset = false): Promise<void> {
    const engine = openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => crypto.randomUUID() });
    try {
      await engine.probe(signal);
      if (isReset) await resetScripts(engine, signal, settings.name);
      else await installScripts(engine, signal);
    } finally {
      await engine.close();
    }
  }

  test("is not copied over unseen where its key was changed and an installation took its journal away", async () => {
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

  test.each([{ when: "after it had returned" }, { when: "before its actor came back" }])(
    "is not copied over unseen where its scripts were reset $when",
    async ({ when }) => {
      const pair = await DatabasePair.open(fixture);
      try {
        await pair.both("CREATE TABLE t(id int PRIMARY KEY, v text); CREATE TABLE u(id int PRIMARY KEY)");
        await pair.startRoles();
        await pair.parts.a.synchronise(signal);
        await pair.apps.a.query("INSERT INTO t VALUES (2, 'only here')");
        pair.kill("a");
        await pair.failOverTo("b", 2);
        if (when === "after it had returned") {
          await pair.parts.a.setRole({ role: "target", epoch: 2 });
          pair.kill("a");
        }
        await install(pair.settings.a, true);
        await pair.parts.a.setRole({ role: "target", epoch: 2 });
        await expect(pair.parts.b.synchronise(signal)).rejects.toMatchObject({
          cause: { code: "REINITIALISATION_REQUIRED" },
        });
        const because = (await pair.divergence("a")).map((line) => line.because);
        expect(because).toEqual([expect.stringMatching(/^(?!.*public\.u).*public\.t: its journal/)]);
        expect(await contentOf(pair.apps.a, "t")).toEqual(['(2,"only here")']);
        await pair.parts.a.releaseReplaced?.();
        await pair.parts.b.synchronise(signal);
        expect(await contentOf(pair.apps.a, "t")).toEqual([]);
      } finally {
        await pair.close();
      }
    },
    60_000,
  );

  test("asks nobody where the scripts of a source that had sent all were reset", async () => {
    const pair = await DatabasePair.open(fixture);
    try {
      await pair.both("CREATE TABLE t(id int PRIMARY KEY, v text)");
      await pair.apps.a.query("INSERT INTO t VALUES (1, 'x')");
      await pair.startRoles();
      await pair.parts.a.synchronise(signal);
      pair.kill("a");
      await pair.failOverTo("b", 2);
      await install(pair.settings.a, true);
      await pair.parts.a.setRole({ role: "target", epoch: 2 });
      await pair.parts.b.synchronise(signal);
      expect(await pair.divergence("a")).toEqual([]);
    } finally {
      await pair.close();
    }
  }, 60_000);

  describe("of a table that was never journalled there", () => {
    let pair: DatabasePair;
    beforeEach(async () => {
      pair = await DatabasePair.open(fixture);
      await pair.both("CREATE TABLE t(id int PRIMARY KEY)");
    });
    afterEach(() => pair.close());

    /** A is lost with a table of its own, which B gets as well, and comes back. */
    async function returnWithNewTable(rows: string): Promise<void> {
      pair.links.a.faultOf = () => "lost";
      await pair.apps.a.query(`CREATE TABLE orders(id int PRIMARY KEY); ${rows}`);
      pair.kill("a");
      await pair.failOverTo("b", 2);
      pair.links.a.faultOf = () => "none";
      await pair.parts.a.setRole({ role: "target", epoch: 2 });
      await pair.apps.b.query("CREATE TABLE orders(id int PRIMARY KEY); INSERT INTO orders VALUES (1)");
      await install(pair.settings.b);
      await install(pair.settings.a);
      await expect(pair.apps.a.query("INSERT INTO orders VALUES (8)")).rejects.toThrow(/may not write/);
    }

    test("its rows are not copied over unseen where it is installed only then", async () => {
      await pair.startRoles();
      await pair.parts.a.synchronise(signal);
      await returnWithNewTable("INSERT INTO orders VALUES (7)");
      for (let n = 0; n < 2; n += 1) {
        await expect(pair.parts.b.synchronise(signal)).rejects.toMatchObject({
          cause: { code: "REINITIALISATION_REQUIRED" },
        });
      }
      const because = (await pair.divergence("a")).map((line) => line.because);
      expect(because).toEqual([expect.stringContaining("public.orders: it held rows before it was journalled here")]);
      expect(await contentOf(pair.apps.a, "orders")).toEqual(["(7)"]);
      await pair.parts.a.releaseReplaced?.();
      await pair.parts.b.synchronise(signal);
      expect(await contentOf(pair.apps.a, "orders")).toEqual(["(1)"]);
    }, 60_000);

    test("nor where it is one that was promoted itself before", async () => {
      await pair.startRoles("b");
      await pair.parts.b.synchronise(signal);
      await pair.switchTo("a", 2);
      await pair.parts.a.synchronise(signal);
      pair.links.a.faultOf = () => "lost";
      await pair.apps.a.query("CREATE TABLE orders(id int PRIMARY KEY); INSERT INTO orders VALUES (7)");
      pair.kill("a");
      await pair.failOverTo("b", 3);
      pair.links.a.faultOf = () => "none";
      await pair.parts.a.setRole({ role: "target", epoch: 3 });
      await pair.apps.b.query("CREATE TABLE orders(id int PRIMARY KEY)");
      await install(pair.settings.b);
      await install(pair.settings.a);
      await expect(pair.parts.b.synchronise(signal)).rejects.toMatchObject({
        cause: { code: "REINITIALISATION_REQUIRED" },
      });
      expect(await contentOf(pair.apps.a, "orders")).toEqual(["(7)"]);
    }, 60_000);

    test("nobody is asked about one that has no rows", async () => {
      await pair.startRoles();
      await pair.parts.a.synchronise(signal);
      await returnWithNewTable("");
      await pair.parts.b.synchronise(signal);
      expect(await pair.divergence("a")).toEqual([]);
      expect(await contentOf(pair.apps.a, "orders")).toEqual(["(1)"]);
    }, 60_000);

    test("nor about one that both servers get while one follows the other, though it was a source before", async () => {
      await pair.startRoles();
      await pair.parts.a.synchronise(signal);
      await pair.switchTo("b", 2);
      await pair.parts.b.synchronise(signal);
      await pair.both("CREATE TABLE made AS SELECT 1 AS id; ALTER TABLE made ADD PRIMARY KEY (id)");
      await install(pair.settings.b);
      await install(pair.settings.a);
      await pair.parts.b.synchronise(signal);
      expect(await pair.divergence("a")).toEqual([]);
      await pair.switchTo("a", 3);
      expect(await contentOf(pair.apps.a, "made")).toEqual(["(1)"]);
    }, 60_000);
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

describe("what was written on a promoted PostgreSQL server past its journal, before the old source came back", () => {
  const { signal } = new AbortController();
  let fixture: DatabaseFixture;
  let pair: DatabasePair;

  beforeAll(async () => {
    fixture = await startPostgresqlFixture();
  }, 120_000);
  afterAll(async () => {
    await fixture.close();
  });
  beforeEach(async () => {
    pair = await DatabasePair.open(fixture);
    await pair.both("CREATE TABLE t(id int PRIMARY KEY, v text); CREATE TABLE u(id int PRIMARY KEY)");
    await pair.apps.a.query("INSERT INTO t VALUES (1, 'x'); INSERT INTO u VALUES (1)");
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    pair.kill("a");
    await pair.failOverTo("b", 2);
  });
  afterEach(async () => {
    await pair.close();
  });

  const loads: readonly { readonly what: string; readonly load: () => Promise<unknown> }[] = [
    {
      what: "with its triggers disabled",
      load: async () => {
        const writes = "INSERT INTO t VALUES (7, 'load on B'); UPDATE t SET v = 'changed on B' WHERE id = 1";
        await pair.apps.b.query(
          `BEGIN; ALTER TABLE t DISABLE TRIGGER ALL; ${writes}; ALTER TABLE t ENABLE TRIGGER ALL; COMMIT`,
        );
        await until(() => pair.logs.b.events.includes("database-gates-put-right"), 40_000);
      },
    },
    {
      what: "as a replica, where a person asks for a copy of the table",
      load: async () => {
        await pair.apps.b.query(
          "SET session_replication_role = replica; INSERT INTO t VALUES (7, 'load on B'); RESET session_replication_role",
        );
        await pair.parts.b.reinitialise({ database: pair.settings.b.name, tables: ["public.t"] }, signal);
      },
    },
  ];

  test.each(loads)("reaches it, and a planned switch back serves it: $what", async ({ load }) => {
    await load();
    await pair.parts.a.setRole({ role: "target", epoch: 2 });
    await pair.parts.b.synchronise(signal);
    expect(await contentOf(pair.apps.a, "t")).toEqual(await contentOf(pair.apps.b, "t"));
    await pair.switchTo("a", 3);
    expect(await contentOf(pair.apps.a, "t")).toContain('(7,"load on B")');
  });
});

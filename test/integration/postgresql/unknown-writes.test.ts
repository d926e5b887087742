import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

const limitMs = 40_000;

describe("what a lost PostgreSQL source wrote into no journal", () => {
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
    await pair.both("CREATE TABLE t(id int PRIMARY KEY, v text, price int); CREATE TABLE u(id int PRIMARY KEY)");
    await pair.apps.a.query("INSERT INTO t VALUES (1, 'x', 5)");
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
  });
  afterEach(async () => {
    await pair.close();
  });

  async function expectTable(): Promise<void> {
    expect(await contentOf(pair.apps.a, "t")).toEqual(await contentOf(pair.apps.b, "t"));
  }

  const loadPastTriggers = "ALTER TABLE t DISABLE TRIGGER ALL; INSERT INTO t VALUES (7, 'only here', 0)";

  /** The journal is given up while the line is down, and what is then in the table was in it. */
  async function giveUpJournal(): Promise<void> {
    pair.settings.a = { ...pair.settings.a, journalLimitBytes: 1 };
    pair.kill("a");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
    await pair.apps.a.query("INSERT INTO t VALUES (7, 'only here', 0)");
    await until(() => pair.logs.a.events.includes("database-journal-given-up"), limitMs);
    pair.settings.a = { ...pair.settings.a, journalLimitBytes: pair.settings.b.journalLimitBytes };
    pair.kill("a");
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  }

  const losses: readonly { readonly what: string; readonly lose: () => Promise<unknown>; readonly row?: string }[] = [
    {
      what: "while its triggers were disabled, before its gate was put right",
      lose: async () => {
        await pair.apps.a.query(`BEGIN; ${loadPastTriggers}; ALTER TABLE t ENABLE TRIGGER ALL; COMMIT`);
        await until(() => pair.logs.a.events.includes("database-gates-put-right"), limitMs);
      },
    },
    {
      what: "while its triggers were disabled, and its actor was gone before it put the gate right",
      lose: async () => {
        pair.kill("a");
        await pair.apps.a.query(`BEGIN; ${loadPastTriggers}; ALTER TABLE t ENABLE TRIGGER ALL; COMMIT`);
      },
    },
    {
      what: "while a trigger was missing, before the scripts were mended",
      lose: async () => {
        await pair.apps.a.query("DROP TRIGGER sparesync_insert ON t; INSERT INTO t VALUES (7, 'only here', 0)");
        await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
        expect(pair.logs.a.events).toContain("database-scripts-mended");
      },
    },
    {
      what: "before its journal was given up, and a copy was asked for that never came",
      lose: async () => {
        await giveUpJournal();
        await pair.parts.a.reinitialise({ database: pair.settings.a.name, tables: undefined }, signal);
      },
    },
    {
      what: "before its journal was given up, and the line was lost as soon as it had begun again",
      lose: async () => {
        await giveUpJournal();
        let asked = 0;
        pair.links.a.faultOf = (kind) => (kind === "database/position" && ++asked === 1 ? "none" : "lost");
        await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
        expect(asked).toBeGreaterThan(1);
      },
    },
    {
      what: "by a change of a column's type that was not copied",
      lose: async () => {
        await pair.apps.a.query("ALTER TABLE t ALTER COLUMN price TYPE int USING price * 100");
        await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
      },
      row: "(1,x,500)",
    },
    {
      what: "by a change of a column's type that its actor did not live to see",
      lose: async () => {
        pair.kill("a");
        await pair.apps.a.query("ALTER TABLE t ALTER COLUMN price TYPE int USING price * 100");
      },
      row: "(1,x,500)",
    },
  ];

  test.each(losses)("is reported, and not copied over unseen: $what", async ({ lose, row = '(7,"only here",0)' }) => {
    pair.links.a.faultOf = () => "lost";
    await lose();
    pair.kill("a");
    await pair.failOverTo("b", 2);
    pair.links.a.faultOf = () => "none";
    await pair.parts.a.setRole({ role: "target", epoch: 2 });
    // An actor that is killed in between finds the same.
    pair.kill("a");
    await pair.parts.a.setRole({ role: "target", epoch: 2 });
    await expect(pair.parts.b.synchronise(signal)).rejects.toMatchObject({
      code: "PEER_REFUSED",
      cause: { code: "REINITIALISATION_REQUIRED" },
    });
    const unknown = (await pair.divergence("a")).filter(({ state }) => state === "unknown");
    expect(unknown.map((line) => line.because)).toEqual([expect.stringContaining("public.t: ")]);
    expect(await contentOf(pair.apps.a, "t")).toContain(row);
    await pair.parts.a.releaseReplaced?.();
    await pair.parts.b.synchronise(signal);
    await expectTable();
    expect(await contentOf(pair.apps.a, "t")).not.toContain(row);
  });

  test("is nothing once the table was copied again, and a failover asks nobody", async () => {
    await pair.apps.a.query(`BEGIN; ${loadPastTriggers}; ALTER TABLE t ENABLE TRIGGER ALL; COMMIT`);
    await until(() => pair.logs.a.events.includes("database-gates-put-right"), limitMs);
    await pair.parts.a.synchronise(signal);
    pair.kill("a");
    await pair.failOverTo("b", 2);
    await pair.parts.a.setRole({ role: "target", epoch: 2 });
    await pair.parts.b.synchronise(signal);
    expect(await pair.divergence("a")).toEqual([]);
    expect(await contentOf(pair.apps.b, "t")).toContain('(7,"only here",0)');
    await expectTable();
  });
});

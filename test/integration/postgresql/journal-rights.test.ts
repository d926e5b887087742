import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { installScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import { connectApplication, contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

const { signal } = new AbortController();
let fixture: DatabaseFixture;
beforeAll(async () => {
  fixture = await startPostgresqlFixture();
}, 120_000);
afterAll(async () => {
  await fixture.close();
});

/** A hundred rows on both sides, and a role that may write to the table and owns nothing. */
async function openPair(before = ""): Promise<DatabasePair> {
  const pair = await DatabasePair.open(fixture);
  await pair.apps.a.query("DO $$ BEGIN CREATE ROLE stranger LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  await pair.both(`CREATE TABLE t(id int PRIMARY KEY); CREATE TABLE keyless(v int); ${before}`);
  await pair.apps.a.query("GRANT USAGE ON SCHEMA public TO stranger");
  for (const table of ["t", "keyless"]) {
    await pair.apps.a.query(`INSERT INTO ${table} SELECT generate_series(1, 100); GRANT ALL ON ${table} TO stranger`);
  }
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  return pair;
}

async function expectForged(pair: DatabasePair, n: number): Promise<void> {
  const stranger = await connectApplication({ ...pair.settings.a, user: "stranger" });
  try {
    const forged = stranger.query(`CREATE TEMP TABLE mine(id int);
      CREATE TRIGGER forged AFTER TRUNCATE ON mine FOR EACH STATEMENT EXECUTE FUNCTION sparesync.note_truncate_${n}()`);
    await expect(forged).rejects.toThrow(/permission denied for function sparesync.note_truncate/);
  } finally {
    await stranger.end();
  }
}

test.each([
  { when: "nobody has been granted anything", before: "" },
  {
    when: "functions are granted to another role by default",
    before: "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO stranger",
  },
])(
  "where $when, a role that may log in cannot journal a truncation by a trigger of its own",
  async ({ before }) => {
    const pair = await openPair(before);
    try {
      await expectForged(pair, 1);
      await expectForged(pair, 2);
      // Those triggers that are there fire for everybody as before.
      const stranger = await connectApplication({ ...pair.settings.a, user: "stranger" });
      for (const [table, column] of [["t", "id"] as const, ["keyless", "v"] as const]) {
        await stranger.query(
          `INSERT INTO ${table} VALUES (1000); UPDATE ${table} SET ${column} = 2000 WHERE ${column} = 5`,
        );
        await stranger.query(`DELETE FROM ${table} WHERE ${column} = 7`);
      }
      await pair.parts.a.synchronise(signal);
      expect(await contentOf(pair.apps.b, "t")).toHaveLength(100);
      await pair.expectSame(
        (b, a) => {
          expect(b).toEqual(a);
        },
        "t",
        "keyless",
      );
      await stranger.query("TRUNCATE t");
      await stranger.end();
      await pair.parts.a.synchronise(signal);
      expect(await contentOf(pair.apps.b, "t")).toEqual([]);
    } finally {
      await pair.apps.a.query("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM stranger");
      await pair.close();
    }
  },
  60_000,
);

test("what an older version has installed is taken from all roles by its upgrade", async () => {
  const pair = await openPair();
  pair.kill("a");
  const engine = openEngine({
    settings: pair.settings.a,
    readSecret: () => Promise.resolve(""),
    newId: () => "an-id",
  });
  try {
    await pair.apps.a.query(`UPDATE sparesync.meta SET version = 5;
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sparesync TO PUBLIC, stranger`);
    await installScripts(engine, signal);
    await expectForged(pair, 1);
    await expectForged(pair, 2);
  } finally {
    await Promise.all([engine.close(), pair.close()]);
  }
}, 120_000);

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { installScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import { createSystemRandom } from "../../../shared/system-random.js";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

/** Values that the target does not take: a copy, which begins by emptying it, would take the good spare away. */

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
});
afterEach(async () => {
  await pair.close();
});

async function startContinuously(): Promise<void> {
  await pair.parts.b.setRole({ role: "target", epoch: 1 });
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
  await until(() => pair.parts.a.status()[0]?.isComplete === true);
}

test.each([
  {
    when: "CHECK",
    ddl: "ALTER TABLE t ADD CONSTRAINT small CHECK (v < 1000) NOT VALID",
    mend: "ALTER TABLE t DROP CONSTRAINT small",
  },
  {
    when: "a trigger that always acts",
    ddl: `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'not here'; END$$;
      CREATE TRIGGER refusing BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION refuse(); ALTER TABLE t ENABLE ALWAYS TRIGGER refusing`,
    mend: "DROP TRIGGER refusing ON t",
  },
])(
  "$when that only the target has: it keeps its rows, nothing is copied, and all goes on when it is gone",
  async ({ ddl, mend }) => {
    await pair.both("CREATE TABLE t(id int PRIMARY KEY, v int)");
    await pair.apps.a.query("INSERT INTO t SELECT g, g FROM generate_series(1, 100) g");
    await startContinuously();
    await pair.apps.b.query(ddl);
    await pair.apps.a.query("INSERT INTO t VALUES (1001, 1001)");
    await until(() => pair.parts.a.status()[0]?.health === "fatal");
    // Long enough for the three failures after which a copy would be the way out.
    await until(() => pair.links.a.count("database/apply") >= 6, 30_000);
    expect((await contentOf(pair.apps.b, "t")).length).toBe(100);
    expect(pair.links.a.count("database/copy-begin")).toBe(1);
    expect(pair.logs.a.events).not.toContain("database-reinitialisation-as-remedy");
    expect(pair.parts.a.status()[0]?.because).toMatch(/refuse\(\)|small/);
    await pair.apps.b.query(mend);
    await until(async () => (await contentOf(pair.apps.b, "t")).length === 101, 45_000);
  },
  90_000,
);

test.each([
  {
    when: "a label of an enumeration",
    types: "CREATE TYPE mood AS ENUM ('sad')",
    change: "ALTER TYPE mood ADD VALUE 'happy'",
    value: "'happy'",
    named: /mood: enum 'sad', 'happy'/,
  },
  {
    when: "a label in a list",
    types: "CREATE TYPE one AS ENUM ('sad'); CREATE DOMAIN mood AS one[]",
    change: "ALTER TYPE one ADD VALUE 'happy'",
    value: "'{happy}'",
    named: /one: enum 'sad', 'happy'/,
  },
  {
    when: "a rule of a domain",
    types: "CREATE DOMAIN mood AS text CONSTRAINT old_rule CHECK (length(VALUE) < 4)",
    change: "ALTER DOMAIN mood DROP CONSTRAINT old_rule",
    value: "'happy'",
    named: /mood: domain over text/,
  },
])(
  "$when that changes on the source is a change of the schema, by name; nothing is copied for it",
  async ({ types, change, value, named }) => {
    await pair.both(`${types}; CREATE TABLE t(id int PRIMARY KEY, m mood); CREATE TABLE u(id int PRIMARY KEY)`);
    await pair.apps.a.query("INSERT INTO u SELECT g FROM generate_series(1, 100) g");
    await pair.startRoles();
    await pair.parts.a.synchronise(signal);
    await pair.apps.a.query(change);
    await pair.apps.a.query(`INSERT INTO t VALUES (1, ${value})`);
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({
      code: "DATABASE_SCHEMA_CHANGED",
      message: expect.stringMatching(named) as unknown,
    });
    await pair.apps.b.query(change);
    for (const side of ["a", "b"] as const) {
      const options = { readSecret: () => Promise.resolve(""), newId: () => createSystemRandom().id() };
      const engine = openEngine({ ...options, settings: pair.settings[side] });
      await installScripts(engine, signal);
      await engine.close();
    }
    await pair.parts.a.synchronise(signal);
    expect((await contentOf(pair.apps.b, "t")).length).toBe(1);
    expect(pair.links.a.count("database/copy-begin")).toBe(1);
  },
);

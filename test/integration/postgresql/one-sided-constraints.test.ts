import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { installScripts } from "../../../actor/database/install-scripts.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

/** Constraints, defaults and triggers that one side has and the other has not. */

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
  await pair.both(`CREATE TABLE parent(id int PRIMARY KEY);
    CREATE TABLE t(id int PRIMARY KEY, u int, w text, p int);
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TRIGGER stamp BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION nothing()`);
}, 60_000);
afterEach(async () => {
  await pair.close();
});

const statusOfA = () => pair.parts.a.status()[0]!;

test.each([
  {
    when: "a default",
    a: "ALTER TABLE t ALTER w SET DEFAULT 'new'",
    b: "",
    named: /source alone has "DEFAULT 'new'::text" \(w\)/,
  },
  {
    when: "a unique constraint",
    a: "ALTER TABLE t ADD CONSTRAINT one_u UNIQUE (u)",
    b: "",
    named: /source alone has "UNIQUE \(u\)" \(one_u\)/,
  },
  {
    when: "an index over an expression, of some rows",
    a: "CREATE UNIQUE INDEX low ON t(lower(w), u) WHERE u > 0",
    b: "",
    named: /source alone has "UNIQUE \(lower\(w\), u\) WHERE \(u > 0\)" \(low\)/,
  },
  {
    when: "a CHECK",
    a: "",
    b: "ALTER TABLE t ADD CONSTRAINT few CHECK (u < 9)",
    named: /target alone has "CHECK \(\(u < 9\)\)" \(few\); the target refuses rows/,
  },
  {
    when: "an exclusion",
    a: "",
    b: "ALTER TABLE t ADD CONSTRAINT apart EXCLUDE (u WITH =)",
    named: /target alone has "EXCLUDE USING btree \(u WITH =\)" \(apart\); the target refuses rows/,
  },
  {
    when: "a foreign key",
    a: "ALTER TABLE t ADD CONSTRAINT the_parent FOREIGN KEY (p) REFERENCES parent",
    b: "",
    named: /source alone has "FOREIGN KEY \(p\) REFERENCES public\.parent\(id\)" \(the_parent\)/,
  },
  {
    when: "the cascade of a foreign key",
    a: "ALTER TABLE t ADD CONSTRAINT the_parent FOREIGN KEY (p) REFERENCES parent ON DELETE CASCADE",
    b: "ALTER TABLE t ADD CONSTRAINT the_parent FOREIGN KEY (p) REFERENCES parent",
    named:
      /the_parent is "FOREIGN KEY \(p\) REFERENCES public\.parent\(id\)" on the target and ".* ON DELETE CASCADE" on the source/,
  },
  {
    when: "a trigger that acts",
    a: "",
    b: "ALTER TABLE t DISABLE TRIGGER stamp",
    named: /source alone has "TRIGGER stamp"/,
  },
])(
  "$when of one side alone is a warning of the source, by name, until it is mended; rows go on to flow",
  async ({ a, b, named }) => {
    await pair.parts.b.setRole({ role: "target", epoch: 1 });
    await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
    await until(() => Promise.resolve(statusOfA().isComplete), 30_000);
    expect(statusOfA()).toMatchObject({ health: "ok" });
    if (a !== "") await pair.apps.a.query(a);
    if (b !== "") await pair.apps.b.query(b);
    await until(() => Promise.resolve(named.test(statusOfA().because) && statusOfA().health === "warning"), 30_000);
    await pair.apps.a.query("INSERT INTO t VALUES (1, 1, 'x')");
    await until(async () => (await contentOf(pair.apps.b, "t")).length === 1, 30_000);
  },
  120_000,
);

test("a row that a UNIQUE of the target alone refuses begins no copy; the refusal names it and says that a copy would not help", async () => {
  await pair.apps.a.query("INSERT INTO t VALUES (1, 1)");
  await pair.parts.b.setRole({ role: "target", epoch: 1 });
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
  await until(() => Promise.resolve(statusOfA().isComplete), 30_000);
  await pair.apps.b.query("ALTER TABLE t ADD CONSTRAINT only_here UNIQUE (u)");
  await pair.apps.a.query("INSERT INTO t VALUES (2, 1)");
  const named = /only_here.*the target alone has "UNIQUE \(u\)" \(only_here\).*a copy would not help/;
  await until(() => Promise.resolve(statusOfA().health === "fatal" && named.test(statusOfA().because)), 30_000);
  for (let n = 0; n < 4; n += 1) {
    const refused = { code: "PEER_REFUSED", cause: { code: "DATABASE_VALUE_REFUSED" } };
    await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject(refused);
  }
  expect(pair.logs.a.events).not.toContain("database-reinitialisation-as-remedy");
  expect(await contentOf(pair.apps.b, "t")).toHaveLength(1);
  await pair.apps.b.query("ALTER TABLE t DROP CONSTRAINT only_here");
  await until(() => Promise.resolve(statusOfA().health === "ok"), 60_000);
  expect(await contentOf(pair.apps.b, "t")).toHaveLength(2);
}, 120_000);

test("a foreign key to a table that is left out is told at the installation", async () => {
  await pair.apps.a.query("ALTER TABLE t ADD CONSTRAINT of_parent FOREIGN KEY (p) REFERENCES parent");
  const findingsWith = async (excludedTables: string[]): Promise<readonly string[]> => {
    const settings = { ...pair.settings.a, excludedTables };
    const engine = openEngine({ settings, readSecret: (file) => readFile(file, "utf8"), newId: () => "an-id" });
    const { findings } = await installScripts(engine, signal).finally(() => engine.close());
    return findings.filter(({ message }) => message.includes("foreign key")).map(({ message }) => message);
  };
  expect(await findingsWith([])).toEqual([]);
  expect(await findingsWith(["public.parent"])).toEqual([
    "public.t has a foreign key (of_parent) to public.parent, which is not synchronised",
  ]);
}, 60_000);

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

/** Tables of the same columns that take each other's names, as a migration does that fills a new table beside the old one. */

const { signal } = new AbortController();
const swap =
  "BEGIN; ALTER TABLE t RENAME TO t_tmp; ALTER TABLE t_new RENAME TO t; ALTER TABLE t_tmp RENAME TO t_new; COMMIT";
const table = (name: string): string => `CREATE TABLE ${name}(id int PRIMARY KEY, v text)`;
const apart = `${table("t")}; ${table("t_new")}`;
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

async function expectBothTables(t: readonly string[], tNew: readonly string[]): Promise<void> {
  for (const side of ["a", "b"] as const) {
    expect(await contentOf(pair.apps[side], "t")).toEqual(t);
    expect(await contentOf(pair.apps[side], "t_new")).toEqual(tNew);
  }
}

test.each([
  { when: "on both servers", sides: ["a", "b"], setup: apart },
  { when: "on both servers, made in one transaction", sides: ["a", "b"], setup: `BEGIN; ${apart}; COMMIT` },
  { when: "on the source alone", sides: ["a"], setup: apart },
] as const)("two tables swap names $when: a planned switch loses no row", async ({ sides, setup }) => {
  await pair.both(setup);
  await pair.apps.a.query("INSERT INTO t VALUES (1, 'old'), (2, 'old'); INSERT INTO t_new VALUES (1, 'new')");
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  for (const side of sides) await pair.apps[side].query(swap);
  // Written before anybody has looked: these lines stand in the journals of the other table.
  await pair.apps.a.query("INSERT INTO t VALUES (3, 'paid')");
  await pair.parts.a.synchronise(signal);
  expect(pair.logs.a.lines.find(({ event }) => event === "database-scripts-mended")?.fields["because"]).toContain(
    "public.t: its capture triggers are missing, switched off or those of another table",
  );
  await pair.apps.a.query("INSERT INTO t VALUES (4, 'paid'); UPDATE t SET v = 'newer' WHERE id = 1; DELETE FROM t_new");
  await pair.switchTo("b", 2);
  await expectBothTables(["(1,newer)", "(3,paid)", "(4,paid)"], []);
});

test("a lost source whose tables had swapped names is not copied over before a person has looked", async () => {
  await pair.both(apart);
  await pair.startRoles();
  await pair.parts.a.synchronise(signal);
  pair.kill("a");
  await pair.apps.a.query(`${swap}; INSERT INTO t VALUES (1, 'only here')`);
  await pair.failOverTo("b", 2);
  await pair.parts.a.setRole({ role: "target", epoch: 2 });
  expect(pair.logs.a.events).toContain("database-not-all-journalled");
});

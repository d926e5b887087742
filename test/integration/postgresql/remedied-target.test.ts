import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { contentOf, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

let fixture: DatabaseFixture;
let pair: DatabasePair;

beforeAll(async () => {
  fixture = await startPostgresqlFixture();
  pair = await DatabasePair.open(fixture);
}, 120_000);
afterAll(async () => {
  await pair.close();
  await fixture.close();
});

/** A fatal error of either side would end synchronisation (a configuration error does), and with it the copy. */
test("a target that cannot take a point gets its copy, and until then neither side says that it is fatal", async () => {
  await pair.both("CREATE TABLE t(id int PRIMARY KEY, u text UNIQUE)");
  await pair.parts.b.setRole({ role: "target", epoch: 1 });
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: true });
  await until(() => pair.parts.a.status()[0]?.isComplete === true);
  // A row that only the target has, with the value that the source is about to use.
  await pair.apps.b.query(
    "BEGIN; SET LOCAL session_replication_role = replica; INSERT INTO t VALUES (99, 'taken'); COMMIT",
  );
  await pair.apps.a.query("INSERT INTO t VALUES (1, 'taken')");
  await until(() => pair.logs.a.events.includes("database-reinitialisation-as-remedy"), 30_000);
  await until(async () => (await contentOf(pair.apps.b, "t")).join() === "(1,taken)", 30_000);
  await until(() => pair.parts.a.status()[0]?.health === "ok");
  for (const { lines } of [pair.logs.a, pair.logs.b]) {
    const problems = lines.filter(({ event }) => event === "database-problem");
    expect(problems.map(({ level }) => level)).toContain("warn");
    expect(problems.map(({ level }) => level)).not.toContain("error");
  }
}, 120_000);

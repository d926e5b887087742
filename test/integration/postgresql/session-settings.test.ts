import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { openEngine } from "../../../actor/database/open-engine.js";
import { PostgresqlConnection } from "../../../actor/database/postgresql/connection.js";
import type { EngineContext } from "../../../actor/database/postgresql/context.js";
import { applyPoint } from "../../../actor/database/postgresql/point-applier.js";
import { SqlFiles } from "../../../actor/database/postgresql/sql-files.js";
import { connectApplication, emptyDatabase, type DatabaseFixture } from "../../support/database-fixture.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { until } from "../../support/until.js";

/** What our transactions ask of the server for themselves. */

const { signal } = new AbortController();
let fixture: DatabaseFixture;
let app: Awaited<ReturnType<typeof connectApplication>>;

beforeAll(async () => {
  fixture = await startPostgresqlFixture();
}, 120_000);
afterAll(async () => {
  await fixture.close();
});
beforeEach(async () => {
  app = await connectApplication(fixture.settings[0]);
  await emptyDatabase(app);
});
afterEach(async () => {
  await app.end();
});

const optionsOf = (user: string) => ({
  settings: { ...fixture.settings[0], user },
  readSecret: () => Promise.resolve(""),
  newId: () => "an-id",
});

test("an actor that stands still with its transaction open is undone by the server, which lets the tables go", async () => {
  const connection = new PostgresqlConnection(optionsOf("postgres"));
  try {
    const sessions = "SELECT FROM pg_stat_activity WHERE application_name = 'sparesync' AND pid = $1";
    const stood = connection.transaction({ signal, doing: "stand still", idleLimitMs: 100 }, async (transaction) => {
      const [own] = await transaction.query("SELECT pg_backend_pid() AS pid");
      expect((await app.query(sessions, [own?.["pid"]])).rowCount).toBe(1);
      await until(async () => (await app.query(sessions, [own?.["pid"]])).rowCount === 0, 60_000);
      await transaction.query("SELECT 1");
    });
    await expect(stood).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
  } finally {
    await connection.close();
  }
}, 120_000);

test("a point that is written while it arrives is such a transaction, with a limit beyond that of the actor itself", async () => {
  const limits: (number | undefined)[] = [];
  const connection: Pick<PostgresqlConnection, "transaction"> = {
    transaction: ({ idleLimitMs }) => {
      limits.push(idleLimitMs);
      return Promise.reject(new Error("only looked at"));
    },
  };
  const context = { connection, sql: new SqlFiles(), settings: fixture.settings[0] };
  const point = { epoch: 1, history: "h", point: 1, attempt: "a", completeUpToMs: 0 };
  const nothing = { batches: () => fixtureOfNothing(), ranges: () => [] };
  const applied = applyPoint(context as Partial<EngineContext> as EngineContext, { ...point, ...nothing }, signal);
  await expect(applied).rejects.toThrow("only looked at");
  // The actor gives a silent source up after ten seconds.
  expect(limits).toEqual([60_000]);
});

async function* fixtureOfNothing(): AsyncGenerator<never> {
  // A point without batches.
}

test("rows that a policy hides from our role are a failure with its name, and never rows that are not there", async () => {
  await app.query(`DROP ROLE IF EXISTS keeper; CREATE ROLE keeper LOGIN; GRANT USAGE ON SCHEMA public TO keeper`);
  await app.query(`CREATE TABLE t(id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 10);
    CREATE POLICY half ON t USING (id > 5); ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY`);
  const owner = openEngine(optionsOf("postgres"));
  const engine = openEngine(optionsOf("keeper"));
  try {
    await owner.probe(signal);
    await owner.install((await owner.readCatalogue(signal)).tables, signal);
    await app.query(`GRANT ALL ON SCHEMA sparesync TO keeper; GRANT ALL ON ALL TABLES IN SCHEMA sparesync TO keeper;
      ALTER TABLE t OWNER TO keeper`);
    const { tables } = await engine.readCatalogue(signal);
    await engine.use(tables, signal);
    let rows = 0;
    const take = (batch: { readonly rows: number }): Promise<void> => {
      rows += batch.rows;
      return Promise.resolve();
    };
    const read = engine.readAll({ batchRows: 100, batchBytes: 10_000 }, take, signal);
    await expect(read).rejects.toMatchObject({
      code: "DATABASE_REFUSED",
      message: expect.stringContaining("row-level security policy for table"),
    });
    expect(rows).toBe(0);
  } finally {
    await Promise.all([owner.close(), engine.close()]);
  }
}, 120_000);

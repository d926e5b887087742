import { expect, test } from "@jest/globals";
import { openEngine } from "../../../actor/database/open-engine.js";
import { connectApplication, emptyDatabase } from "../../support/database-fixture.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

const signal = new AbortController().signal;

/** What is written through the other table fires no trigger of this one, so it may not go on as if nothing was. */
test("a table that becomes a partition or an heir is noticed, though the other table is excluded", async () => {
  const fixture = await startPostgresqlFixture();
  const application = await connectApplication(fixture.settings[0]);
  const settings = { ...fixture.settings[0], excludedTables: ["public.whole", "public.above"] };
  const engine = openEngine({ settings, readSecret: () => Promise.resolve(""), newId: () => "mark" });
  try {
    for (const ddl of [
      "ALTER TABLE whole ATTACH PARTITION t FOR VALUES FROM (0) TO (10)",
      "ALTER TABLE t INHERIT above",
    ]) {
      await emptyDatabase(application);
      await application.query(`CREATE TABLE whole(id int NOT NULL) PARTITION BY RANGE (id);
        CREATE TABLE above(id int NOT NULL); CREATE TABLE t(id int PRIMARY KEY)`);
      await engine.install((await engine.readCatalogue(signal)).tables, signal);
      const before = await engine.readFingerprint(signal);
      await application.query(ddl);
      const { refusals } = await engine.readCatalogue(signal);
      const isNoticed = (await engine.readFingerprint(signal)) !== before;
      expect({ ddl, isNoticed, refused: refusals.map(({ table }) => table) }).toEqual({
        ddl,
        isNoticed: true,
        refused: ["public.t"],
      });
    }
  } finally {
    await engine.close();
    await application.end();
    await fixture.close();
  }
}, 120_000);

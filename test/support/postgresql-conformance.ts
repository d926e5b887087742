import type { ConformanceFixture } from "../contract/conformance/conformance-fixture.js";
import { connectApplication, emptyDatabase, type DatabaseFixture } from "./database-fixture.js";
import { startPgliteFixture } from "./pglite-server.js";
import { postgresqlDialect, saveContent, sessionOf } from "./postgresql-dialect.js";
import { startPostgresqlServer } from "./postgresql-server.js";
import { testSettings } from "./database-fixture.js";

/** Two servers, so that each can be killed alone. */
export async function startPostgresqlConformance(): Promise<ConformanceFixture> {
  const servers = await Promise.all([startPostgresqlServer(), startPostgresqlServer()]);
  for (const server of servers) await server.createDatabase("shop");
  const [a, b] = servers;
  const settings = [testSettings("postgresql", a.port, "shop"), testSettings("postgresql", b.port, "shop")] as const;
  const dialect = postgresqlDialect({
    hasIcu: true,
    isSuperuser: true,
    impossible: {},
    connectLowPrivileged: async (at) => {
      const owner = await connectApplication(settings[at]);
      await owner.query(
        "DROP ROLE IF EXISTS writer; CREATE ROLE writer LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO writer; GRANT USAGE ON SCHEMA public TO writer; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO writer",
      );
      await owner.end();
      const session = sessionOf(await connectApplication({ ...settings[at], user: "writer" }));
      return {
        ...session,
        close: async () => {
          await session.close();
          const again = await connectApplication(settings[at]);
          await again.query("DROP OWNED BY writer; DROP ROLE writer");
          await again.end();
        },
      };
    },
  });
  return {
    ...fixtureOf({ name: "PostgreSQL", isConcurrent: true, settings, close: () => Promise.resolve() }),
    dialect,
    crash: (at) => servers[at].crash(),
    close: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** PGlite: one session for all, so nothing happens at the same time, and no server to kill without losing its memory. */
export async function startPgliteConformance(shared?: DatabaseFixture): Promise<ConformanceFixture> {
  const fixture = shared ?? (await startPgliteFixture());
  return { ...fixtureOf(fixture), dialect: postgresqlDialect({ hasIcu: false, isSuperuser: true, impossible: {} }) };
}

function fixtureOf(fixture: DatabaseFixture): Omit<ConformanceFixture, "dialect"> {
  return {
    ...fixture,
    connect: async (at) => sessionOf(await connectApplication(fixture.settings[at])),
    empty: async (at) => {
      const client = await connectApplication(fixture.settings[at]);
      await emptyDatabase(client);
      await client.end();
    },
    contentOf: async (session, table) =>
      (await session.rows(`SELECT t::text FROM ${table} t ORDER BY t::text COLLATE "C"`)).map(([row]) => row ?? ""),
    save: async (at) => saveContent(sessionOf(await connectApplication(fixture.settings[at]))),
  };
}

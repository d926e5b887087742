import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type pg from "pg";
import type { JournalBatch } from "../../../actor/core/journal-wire.js";
import { tableLabel } from "../../../actor/core/journal-schema.js";
import type { DatabaseEngine } from "../../../actor/database/engine.js";
import type { CopyOutStatement } from "../../../actor/database/postgresql/copy-stream.js";
import { PostgresqlConnection } from "../../../actor/database/postgresql/connection.js";
import { openEngine } from "../../../actor/database/open-engine.js";
import { iterate, keepIn } from "../../support/batches.js";
import { connectApplication, type DatabaseFixture } from "../../support/database-fixture.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { openRoundTripRelay, type RoundTripRelay } from "../../support/round-trip-relay.js";

const signal = new AbortController().signal;
const limits = { batchRows: 100, batchBytes: 65536 };
const tables = ["t1", "t2", "t3", "t4"];

describe("a point of a few rows in each of several tables", () => {
  let fixture: DatabaseFixture;
  let relay: RoundTripRelay;
  let clients: readonly [pg.Client, pg.Client];
  let source: DatabaseEngine;
  let target: DatabaseEngine;
  let history: string;

  beforeAll(async () => {
    fixture = await startPostgresqlFixture();
    relay = await openRoundTripRelay(fixture.settings[0].address.port);
    clients = await Promise.all([connectApplication(fixture.settings[0]), connectApplication(fixture.settings[1])]);
    const engines = await Promise.all(
      fixture.settings.map(async (settings, at) => {
        await clients[at]?.query(tables.map((name) => `CREATE TABLE ${name}(id int PRIMARY KEY, v text)`).join(";"));
        const address = { host: "127.0.0.1", port: relay.port };
        const options = { readSecret: () => Promise.resolve(""), newId: () => "history-of-the-source" };
        const engine = openEngine({ ...options, settings: { ...settings, address } });
        await engine.install((await engine.readCatalogue(signal)).tables, signal);
        return engine;
      }),
    );
    [source, target] = engines as [DatabaseEngine, DatabaseEngine];
    await target.closeGate("standby", 1, signal);
    ({ history } = await source.readState(signal));
    const { own } = await source.readMarks(signal);
    await target.beginCopy({ history, epoch: 1, marks: own, tables: undefined }, signal);
    for (const [chunksRead, table] of (await source.readCatalogue(signal)).tables.entries()) {
      const chunk = await source.readCopyChunk(table, { after: undefined, chunksRead }, limits, signal);
      await target.applyCopyChunk(
        { epoch: 1, history },
        { mark: own[tableLabel(table)] ?? "", number: 1, chunksRead: chunksRead + 1, afterKey: undefined, ...chunk },
        signal,
      );
    }
    await target.endCopy({ epoch: 1, history }, signal);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([source.close(), target.close(), ...clients.map((client) => client.end())]);
    await relay.close();
    await fixture.close();
  });

  const tripsOf = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
    const before = relay.count();
    const result = await work();
    return [result, relay.count() - before];
  };

  test("is read in two round trips, applied in two and trimmed in one", async () => {
    for (const name of tables) await clients[0].query(`INSERT INTO ${name} SELECT g, 'x' FROM generate_series(1, 5) g`);
    const batches: JournalBatch[] = [];
    const request = { point: 1, attempt: "one", checks: [], isSentEmpty: false };
    const [read, readTrips] = await tripsOf(() => source.readPoint(request, limits, keepIn(batches), signal));
    expect(batches.map(({ table }) => table).sort()).toEqual(
      tables.map((name) => tableLabel({ schema: "public", name })),
    );
    const point = { epoch: 1, history, point: 1, attempt: "one", completeUpToMs: 1, ranges: () => [] };
    const [, applyTrips] = await tripsOf(() =>
      target.applyPoint({ ...point, batches: () => iterate(batches) }, signal),
    );
    if (!read) throw new Error("something waited");
    const [, trimTrips] = await tripsOf(() => source.trim(read.token, signal));
    expect([readTrips, applyTrips, trimTrips]).toEqual([2, 2, 1]);
    expect(await source.countPending(10, signal)).toBe(0);
    for (const name of tables) {
      const { rows } = await clients[1].query<{ n: string }>(`SELECT count(*) AS n FROM ${name}`);
      expect(rows[0]?.n).toBe("5");
    }
  });

  const sleeping = (seconds: number): CopyOutStatement => ({
    // More than the server holds back.
    text: `COPY (SELECT repeat('x', 20000) FROM pg_sleep(${String(seconds)})) TO STDOUT`,
    limits: { rows: 1, bytes: 1 },
    take: () => Promise.resolve(),
  });
  const connect = (): PostgresqlConnection =>
    new PostgresqlConnection({
      settings: fixture.settings[0],
      readSecret: () => Promise.resolve(""),
      newId: () => "none",
    });

  test("what goes on saying something may be read for as long as it takes", async () => {
    const connection = connect();
    const copies = Array.from({ length: 4 }, () => sleeping(0.5));
    const startedAtMs = performance.now();
    await connection.transaction({ signal, doing: "read all tables", limitMs: 1_500 }, (transaction) =>
      transaction.copyOut(copies),
    );
    expect(performance.now() - startedAtMs).toBeGreaterThan(1_900);
    await connection.close();
  });

  test("a read of which nothing is heard for longer than its limit ends, and with it the connection", async () => {
    const connection = connect();
    const copy = sleeping(600);
    const read = connection.transaction({ signal, doing: "read all tables", limitMs: 200 }, (transaction) =>
      transaction.copyOut([copy]),
    );
    await expect(read).rejects.toMatchObject({
      code: "DATABASE_UNREACHABLE",
      message: expect.stringContaining("timeout") as unknown,
    });
    await connection.close();
  });

  test("is none where nothing waits, unless it is to be sent all the same", async () => {
    const request = { point: 2, attempt: "two", checks: [], isSentEmpty: false };
    const [read, trips] = await tripsOf(() => source.readPoint(request, limits, keepIn([]), signal));
    expect([read, trips]).toEqual([undefined, 2]);
    expect((await source.readState(signal)).sending).toBeUndefined();
    expect(await source.readPoint({ ...request, isSentEmpty: true }, limits, keepIn([]), signal)).toBeDefined();
    expect((await source.readState(signal)).sending).toMatchObject({ point: 2, attempt: "two" });
  });
});

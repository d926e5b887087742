import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair } from "../../support/database-pair.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";

const signal = new AbortController().signal;
const mebibyte = 1024 * 1024;
let fixture: DatabaseFixture;
let pair: DatabasePair;

beforeAll(async () => {
  fixture = await startPostgresqlFixture();
}, 60_000);
beforeEach(async () => {
  pair = await DatabasePair.open(fixture);
}, 60_000);
afterEach(async () => {
  await pair.close();
});
afterAll(async () => {
  await fixture.close();
});

async function start(): Promise<void> {
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  await pair.parts.b.setRole({ role: "target", epoch: 1 });
}

test("rows of hundreds of KiB are copied in messages that the link takes, also behind small ones", async () => {
  // By the first rows, thousands fit into a chunk. Those behind them are 88 MiB, of which the link takes 64 in a message.
  const large = (from: number, to: number): string =>
    `SELECT g, repeat(chr(65 + g % 26), 300 * 1024) || g FROM generate_series(${String(from)}, ${String(to)}) g`;
  await pair.both("CREATE TABLE keyed(id int PRIMARY KEY, v text); CREATE TABLE keyless(id int, v text)");
  await pair.apps.a.query(`
    INSERT INTO keyed SELECT g, 'small' FROM generate_series(1, 1200) g;
    INSERT INTO keyed ${large(1201, 1500)};
    INSERT INTO keyless SELECT 1, 'equal' FROM generate_series(1, 300);
    INSERT INTO keyless ${large(1, 40)};
    INSERT INTO keyless ${large(1, 40)}`);
  await start();
  await pair.parts.a.synchronise(signal);
  for (const table of ["keyed", "keyless"]) {
    const fingerprint = `SELECT id, count(*)::text AS rows, string_agg(md5(v), '' ORDER BY md5(v)) AS sum FROM ${table} GROUP BY id ORDER BY id`;
    expect((await pair.apps.b.query(fingerprint)).rows).toEqual((await pair.apps.a.query(fingerprint)).rows);
    const chunks = pair.links.a.asked.filter(({ kind, message }) => {
      return kind === "database/copy-chunk" && message.fields["table"] === `public.${table}`;
    });
    expect(Math.max(...chunks.map(({ message }) => message.body?.length ?? 0))).toBeLessThan(9 * mebibyte);
  }
}, 120_000);

test("a row that no message can hold is refused by its table, and makes no copy begin again", async () => {
  await pair.both("CREATE TABLE scans(id int PRIMARY KEY, v text)");
  await pair.apps.a.query(`INSERT INTO scans SELECT 1, repeat('x', ${String(65 * mebibyte)})`);
  await start();
  await expect(pair.parts.a.synchronise(signal)).rejects.toMatchObject({
    code: "DATABASE_UNSUPPORTED",
    message: expect.stringMatching(/one row of public\.scans takes 68\d+ bytes as text, a message 67108864/),
  });
  expect(pair.links.a.count("database/copy-chunk")).toBe(0);
}, 60_000);

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { emptyFacts, type KeptFacts } from "../../../actor/core/kept-facts.js";
import { findBackups, restoreDatabaseBackup, type BackupRestored } from "../../../actor/database-backups.js";
import type { Settings } from "../../../shared/core/settings/settings.js";
import { connectApplication, contentOf, emptyDatabase, type DatabaseFixture } from "../../support/database-fixture.js";
import { DatabasePair, type Side } from "../../support/database-pair.js";
import { anOperationDocument } from "../../support/kept-documents.js";
import { startPostgresqlFixture } from "../../support/postgresql-server.js";
import { sampleSettings } from "../../support/sample-settings.js";

const tables = `CREATE TABLE t(id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text);
  CREATE TABLE u(id int PRIMARY KEY, t int REFERENCES t(id)); CREATE TABLE keyless(v numeric); CREATE TABLE nothing(id int PRIMARY KEY)`;
const names = ["t", "u", "keyless", "nothing"];
const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const signal = new AbortController().signal;

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
  await pair.both(tables);
});
afterEach(async () => {
  await pair.close();
});

/** The settings of the whole server whose database this is; no actor runs there. */
function settingsOf(side: Side): Settings {
  return { ...sampleSettings("primary"), databases: [pair.settings[side]], stateDirectory: pair.folders[side] };
}

function restore(side: Side, folder: string, changes: { into?: string; tell?: (line: string) => void } = {}) {
  const request = { database: "shop", folder, into: undefined, nowMs, tell: () => undefined, ...changes };
  return restoreDatabaseBackup(settingsOf(side), request, signal);
}

async function contents(side: Side): Promise<readonly string[][]> {
  return Promise.all(names.map((name) => contentOf(pair.apps[side], name)));
}

/** Both servers in step, a backup of the source, and then other rows in it, in step as well. */
async function backUpAndGoOn(): Promise<{ folder: string; before: readonly string[][]; after: readonly string[][] }> {
  const app = pair.apps.a;
  await app.query("INSERT INTO t(v) VALUES ('one'), (E'two\\t\\\\'), (NULL); INSERT INTO u VALUES (1, 2)");
  await app.query("INSERT INTO keyless VALUES (1.50), (1.50)");
  await pair.parts.b.setRole({ role: "target", epoch: 1 });
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  await pair.parts.a.synchronise(signal);
  const folder = await pair.parts.a.backUp("way-back", signal);
  const before = await contents("a");
  await app.query("DELETE FROM u; DELETE FROM t WHERE id = 2; UPDATE t SET v = 'later' WHERE id = 1");
  await app.query("INSERT INTO keyless VALUES (2); INSERT INTO nothing VALUES (1)");
  await pair.parts.a.synchronise(signal);
  return { folder, before, after: await contents("a") };
}

async function remember(side: Side, changes: Partial<KeptFacts>): Promise<void> {
  await mkdir(pair.folders[side], { recursive: true });
  const facts = { ...emptyFacts("shop", "primary"), ...changes };
  await writeFile(join(pair.folders[side], "facts.json"), JSON.stringify(facts));
}

test("what a backup held is there again, the other server gets it, and what was replaced can be had back", async () => {
  const { folder, before, after } = await backUpAndGoOn();
  expect(await findBackups(settingsOf("a"), undefined)).toMatchObject([{ database: "shop", folder }]);
  pair.kill("a");
  const lines: string[] = [];
  const restored = await restore("a", `${folder}/`, { tell: (line) => lines.push(line) });
  expect(restored).toMatchObject({ tables: 4, rows: 6, keptIn: `${folder}-replaced-2026-01-02T03-04-05.000Z` });
  expect(await contents("a")).toEqual(before);
  expect(lines).toHaveLength(4);
  // The application goes on, with numbers that nobody has, and the target follows.
  const inserted = await pair.apps.a.query<{ id: number }>("INSERT INTO t(v) VALUES ('after') RETURNING id");
  expect(inserted.rows).toEqual([{ id: 4 }]);
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  await pair.parts.a.synchronise(signal);
  expect(await contents("b")).toEqual(await contents("a"));
  pair.kill("a");
  await restore("a", restored.keptIn);
  expect(await contents("a")).toEqual(after);
});

test("the application cannot write while its rows are replaced, and what it had begun is undone", async () => {
  const { folder, before } = await backUpAndGoOn();
  pair.kill("a");
  const late = await connectApplication(pair.settings.a);
  await late.query("BEGIN; INSERT INTO t(v) VALUES ('not committed')");
  const writes: Promise<unknown>[] = [];
  const tell = (line: string): void => {
    if (line.endsWith("replaced")) writes.push(pair.apps.a.query("INSERT INTO nothing VALUES (7)"));
  };
  const outcome = Promise.allSettled([restore("a", folder, { tell })]);
  const [result] = await outcome;
  expect(result.status).toBe("fulfilled");
  expect(writes).toHaveLength(1);
  await expect(writes[0]).rejects.toThrow(/sparesync/i);
  await expect(late.query("COMMIT")).rejects.toThrow();
  expect(await contents("a")).toEqual(before);
  await late.end().catch(() => undefined);
});

test("a restore that fails leaves the rows as they were and lets the application in again", async () => {
  const { folder, after } = await backUpAndGoOn();
  pair.kill("a");
  await pair.apps.a.query("ALTER TABLE t ADD CHECK (v IS DISTINCT FROM 'one')");
  await expect(restore("a", folder)).rejects.toMatchObject({ code: expect.stringMatching(/^DATABASE_/) });
  expect(await contents("a")).toEqual(after);
  await pair.apps.a.query("INSERT INTO nothing VALUES (8)");
});

test("a restore whose process was killed in the middle is done by the same command", async () => {
  const { folder, before } = await backUpAndGoOn();
  pair.kill("a");
  const isEnded = new Error("killed");
  const tell = (line: string): void => {
    if (line.includes("is written to")) throw isEnded;
  };
  await expect(restore("a", folder, { tell })).rejects.toBe(isEnded);
  // As a killed process leaves it: nobody let the application in again.
  await pair.apps.a.query("UPDATE sparesync.meta SET mode = 'closed'");
  for (const name of names) await pair.apps.a.query(`ALTER TABLE ${name} ENABLE TRIGGER sparesync_gate`);
  await expect(pair.apps.a.query("INSERT INTO nothing VALUES (9)")).rejects.toThrow();
  await restore("a", folder);
  expect(await contents("a")).toEqual(before);
  await pair.apps.a.query("INSERT INTO nothing VALUES (9)");
});

test("nothing is replaced where it would be overwritten or is not this database's, and the reason is said", async () => {
  const { folder, after } = await backUpAndGoOn();
  pair.kill("a");
  pair.kill("b");
  const refusals: readonly (readonly [string, () => Promise<BackupRestored>, RegExp])[] = [
    ["a target", () => restore("b", folder), /is a target/],
    ["no backup", () => restore("a", dirname(folder)), /no readable manifest/],
    ["itself", () => restore("a", folder, { into: pair.settings.a.database }), /is the synchronised database itself/],
    ["another pair's", () => restore("a", folder, { into: pair.settings.b.database }), /is synchronised itself/],
  ];
  for (const [, attempt, because] of refusals) await expect(attempt()).rejects.toThrow(because);
  const record = { epoch: 4, active: "secondary", operationId: "x" } as const;
  await remember("a", { record });
  await expect(restore("a", folder)).rejects.toThrow(/the secondary is the active server/);
  await remember("a", { operation: anOperationDocument("switch-to-primary") });
  await expect(restore("a", folder)).rejects.toThrow(/the operation op1 has not ended/);
  await remember("a", { record: { ...record, active: "primary" } });
  await pair.apps.a.query("CREATE TABLE made_since(id int PRIMARY KEY); ALTER TABLE keyless RENAME v TO w");
  await expect(restore("a", folder)).rejects.toThrow(
    /public\.made_since is not in the backup; public\.keyless has no column v/,
  );
  await pair.apps.a.query("DROP TABLE made_since; ALTER TABLE keyless RENAME w TO v");
  const manifest = join(folder, "manifest.json");
  const text = await readFile(manifest, "utf8");
  await writeFile(manifest, text.replace('"shop"', '"other"'));
  await expect(restore("a", folder)).rejects.toThrow(/is a backup of other, not of shop/);
  await writeFile(manifest, text);
  const [file] = (await readdir(folder)).filter((name) => name.endsWith(".copy"));
  await writeFile(join(folder, file ?? ""), "1\tchanged\n");
  await expect(restore("a", folder)).rejects.toThrow(/is damaged: table-[0-9]+\.copy has another checksum/);
  expect(await contents("a")).toEqual(after);
  expect(await contents("b")).toEqual(after);
});

test("another database with the same tables is filled, and no trace of ours stays in it", async () => {
  const { folder, before, after } = await backUpAndGoOn();
  await pair.parts.b.close();
  await emptyDatabase(pair.apps.b);
  await pair.apps.b.query(tables);
  await pair.apps.b.query("INSERT INTO nothing VALUES (5)");
  expect(await restore("a", folder, { into: pair.settings.b.database })).toMatchObject({ rows: 6, keptIn: "" });
  expect(await contents("b")).toEqual(before);
  expect(await contents("a")).toEqual(after);
  const ours = await pair.apps.b.query(
    "SELECT 1 FROM pg_namespace WHERE nspname = 'sparesync' UNION ALL SELECT 1 FROM pg_trigger WHERE tgname LIKE 'sparesync%'",
  );
  expect(ours.rowCount).toBe(0);
});

test.each([
  { when: "another database", side: "b" },
  { when: "its own, made anew", side: "a" },
] as const)("identities and sequences go on behind the backup's in $when", async ({ side }) => {
  await pair.both("CREATE SEQUENCE invoice");
  await pair.apps.a.query("INSERT INTO t(v) SELECT 'v' FROM generate_series(1, 50); INSERT INTO t(v) VALUES ('gone')");
  await pair.apps.a.query("DELETE FROM t WHERE v = 'gone'; SELECT nextval('invoice') FROM generate_series(1, 70)");
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  const folder = await pair.parts.a.backUp("way-back", signal);
  pair.kill("a");
  const before = await contents("a");
  const app = pair.apps[side];
  if (side === "a") await app.query("TRUNCATE t, u RESTART IDENTITY; ALTER SEQUENCE invoice RESTART");
  await restore("a", folder, side === "b" ? { into: pair.settings.b.database } : {});
  expect(await contents(side)).toEqual(before);
  expect((await app.query("INSERT INTO t(v) VALUES ('next') RETURNING id")).rows).toEqual([{ id: 52 }]);
  expect((await app.query("SELECT nextval('invoice')::int AS n")).rows).toEqual([{ n: 71 }]);
});

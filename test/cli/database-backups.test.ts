import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { runCommand } from "../support/run-cli.js";
import { smallestSettings } from "../support/settings-example.js";

let directory: string;
let backups: string;
let settings: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "database-backups-"));
  backups = path.join(directory, "backups");
  settings = path.join(directory, "sparesync.yml");
  const database = `{ name: shop, engine: postgresql, address: { host: 127.0.0.1, port: 1 }, database: shop, user: postgres, tls: "off", backupDirectory: ${backups} }`;
  await writeFile(settings, `${smallestSettings}stateDirectory: ${directory}\ndatabases: [${database}]\n`);
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function keep(name: string, manifest: string): Promise<string> {
  const folder = path.join(backups, name);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "manifest.json"), manifest);
  return folder;
}

function manifestOf(database: string, takenAtMs: number): string {
  const sha256 = "0".repeat(64);
  const files = [{ table: "public.t", columns: ["id"], file: "table-1.copy", rows: 7, sha256 }];
  const tables = ["public.t", "public.u"];
  return JSON.stringify({ form: 2, database, label: "op1", takenAtMs, tables, files, sequences: [] });
}

const list = () => runCommand(["database", "backups", "--settings", settings, "--json"]);

test("before the first backup there is none, and no directory either", async () => {
  const { exitCode, stdout } = await runCommand(["database", "backups", "--settings", settings]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("there are no backups");
  expect((await list()).json).toEqual({ ok: true, backups: [] });
});

test("backups are listed by time, without what is not whole or another database's; one that cannot be read says why", async () => {
  const newer = await keep("shop-b", manifestOf("shop", 2000));
  const older = await keep("shop-c", manifestOf("shop", 1000));
  await keep("other", manifestOf("other", 1));
  await keep("shop-d.part", manifestOf("shop", 3));
  const found = { database: "shop", label: "op1", tables: 2, rows: 7 };
  const whole = [
    { ...found, folder: older, at: "1970-01-01T00:00:01.000Z" },
    { ...found, folder: newer, at: "1970-01-01T00:00:02.000Z" },
  ];
  expect((await list()).json).toEqual({ ok: true, backups: whole });
  const damaged = await keep("shop-a", "{");
  const { exitCode, json } = await list();
  expect(exitCode).toBe(1);
  const because = expect.stringContaining("has no readable manifest");
  expect(json).toEqual({ ok: false, backups: [...whole, { database: "shop", folder: damaged, because }] });
});

test("what cannot be restored is refused by its name, before a database is asked", async () => {
  const restore = (...more: string[]) =>
    runCommand(["database", "restore-backup", path.join(backups, "none"), "--settings", settings, ...more]);
  const unknown = await restore("--database", "stock");
  expect(unknown.exitCode).toBe(1);
  expect(unknown.stderr).toContain('there is no database "stock" in the settings');
  const itself = await restore("--database", "shop", "--into", "shop");
  expect(itself.exitCode).toBe(1);
  expect(itself.stderr).toContain("--into shop is the synchronised database itself");
});

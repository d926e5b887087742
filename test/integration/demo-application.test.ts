import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPid } from "../../demo/application/running-process.js";
import { orderSchema } from "../../demo/application/order-database.js";
import type { Acknowledgement } from "../../demo/client.js";
import { Client } from "../../demo/client.js";
import { lost } from "../../demo/comparison.js";
import { takePortBlock } from "../../demo/free-ports.js";
import { Observer } from "../../demo/observer.js";
import { readHoldings } from "../../demo/read-holdings.js";
import { ask } from "../../demo/request.js";
import type { NameResolution } from "../../demo/name-resolution.js";
import pg from "pg";

const control = join(import.meta.dirname, "../../demo/application/control.js");
const statusProgram = join(import.meta.dirname, "../../../demo/application/status.sh");
const databaseServer = join(import.meta.dirname, "../../demo/pglite-server.js");

let folder = "";
let port = 0;
let release: () => Promise<void> = () => Promise.resolve();
let database: ChildProcess;
let connection = { host: "127.0.0.1", port: 0, database: "postgres", user: "postgres" };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sparesync-application-"));
  for (const name of ["upload", "program", "data"]) mkdirSync(join(folder, name));
  const block = await takePortBlock(["127.0.0.1"]);
  release = () => block.release();
  port = block.ports[0]!;
  connection = { ...connection, port: block.ports[1]! };
  const args = [databaseServer, "--folder", join(folder, "data"), "--port", String(connection.port)];
  database = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise((resolve) => database.stdout?.once("data", resolve));
  const client = new pg.Client(connection);
  await client.connect();
  await client.query(orderSchema);
  await client.end();
  const config = {
    server: "primary",
    host: "127.0.0.1",
    port,
    directory: join(folder, "program"),
    uploadFolder: join(folder, "upload"),
    pidFile: join(folder, "pid"),
    logFile: join(folder, "application.log"),
    database: connection,
  };
  writeFileSync(join(folder, "application.json"), JSON.stringify(config));
});

afterAll(async () => {
  run("kill");
  database.kill("SIGKILL");
  await new Promise((resolve) => database.once("exit", resolve));
  await release();
  rmSync(folder, { recursive: true, force: true });
});

function run(action: string): number | null {
  return spawnSync(process.execPath, [control, action, "--config", join(folder, "application.json")]).status;
}

function status(config = join(folder, "application.json")): number | null {
  return spawnSync("/bin/sh", [statusProgram, join(folder, "pid"), config]).status;
}

function health(): Promise<number> {
  const question = { host: "127.0.0.1", port, method: "GET", path: "/health", limitMs: 2_000 } as const;
  return ask(question).then(({ status }) => status);
}

test("the application is started, serves, holds what it acknowledged, goes offline and is ended", async () => {
  expect(status()).toBe(3);
  expect(run("start")).toBe(0);
  const pid = readPid(join(folder, "pid"));
  expect(run("start")).toBe(0);
  expect(readPid(join(folder, "pid"))).toBe(pid);
  expect(status()).toBe(0);
  // The process of another application that was given the same id is not ours.
  expect(status(join(folder, "other.json"))).toBe(3);
  expect(await health()).toBe(200);

  const name = { addresses: () => Promise.resolve(["127.0.0.1"]) } as unknown as NameResolution;
  let tell: () => void = () => undefined;
  const enough = new Promise<void>((resolve) => (tell = resolve));
  let count = 0;
  const onAcknowledged = (): void => {
    if ((count += 1) >= 20) tell();
  };
  const client = new Client({
    name,
    port,
    logFile: join(folder, "log"),
    rowPauseMs: 5,
    filePauseMs: 10,
    onAcknowledged,
  });
  const observer = new Observer({ hosts: { primary: "127.0.0.1", secondary: "127.0.0.1" }, port, pauseMs: 10 });
  client.start();
  observer.start();
  await enough;
  const acknowledged: readonly Acknowledgement[] = await client.stop();
  const observations = await observer.stop();
  const held = await readHoldings(connection, join(folder, "upload"));
  expect(lost("row", acknowledged, held)).toEqual([]);
  expect(lost("file", acknowledged, held)).toEqual([]);
  const accepted = observations.filter(({ outcome }) => outcome === "accepted");
  expect(accepted.length).toBeGreaterThan(0);
  expect(accepted.every(({ id }) => held.observations.has(id))).toBe(true);

  writeFileSync(join(folder, "program", "app_offline.htm"), "");
  expect(await health()).toBe(503);
  rmSync(join(folder, "program", "app_offline.htm"));
  expect(run("stop")).toBe(0);
  expect(run("stop")).toBe(0);
  expect(status()).toBe(3);
  await expect(health()).rejects.toMatchObject({ code: "ECONNREFUSED" });

  expect(run("start")).toBe(0);
  process.kill(readPid(join(folder, "pid"))!, "SIGKILL");
  while (status() === 0);
  expect(status()).toBe(3);
});

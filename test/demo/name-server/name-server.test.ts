import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createResolver, resolveAt } from "../../../demo/name-server/resolve-at.js";
import { startEmbeddedNameServer } from "../../support/embedded-name-server.js";
import { portTo, primaryAddresses, record, secondaryAddresses } from "../../support/name-server-fixtures.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sparesync-name-server-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

test("with a journal nothing that was answered is forgotten, and a line cut off by a crash is dropped", async () => {
  const journalFile = join(directory, "journal");
  const first = await startEmbeddedNameServer({ journalFile });
  await portTo(first).claim(undefined, record(1, "secondary"));
  await portTo(first).publish(record(1, "secondary"));
  const serial = first.serial();
  await first.stop();
  const kept = await readFile(journalFile, "latin1");
  await appendFile(journalFile, kept.slice(0, 40));

  const second = await startEmbeddedNameServer({ journalFile, tsigSecret: first.tsigSecret });
  try {
    expect(second.serial()).toBe(serial);
    expect(await portTo(second).readRecord()).toEqual(record(1, "secondary"));
    await portTo(second).claim(record(1, "secondary"), record(2, "primary"));
  } finally {
    await second.stop();
  }
  const third = await startEmbeddedNameServer({ journalFile, tsigSecret: first.tsigSecret });
  try {
    expect(await portTo(third).readRecord()).toEqual(record(2, "primary"));
  } finally {
    await third.stop();
  }
});

describe("a client's resolver", () => {
  test("asks now, and keeps an answer for its time to live", async () => {
    const server = await startEmbeddedNameServer();
    let nowMs = 0;
    try {
      const at = { host: "127.0.0.1", port: server.port };
      const name = `app.${server.zone}`;
      const resolver = createResolver(at, () => nowMs);
      expect(await resolver.resolve(name)).toEqual(primaryAddresses);
      const port = portTo(server);
      await port.claim(undefined, record(1, "secondary"));
      await port.publish(record(1, "secondary"));
      expect(await resolveAt(at, name)).toEqual(secondaryAddresses);
      nowMs = 29999;
      expect(await resolver.resolve(name)).toEqual(primaryAddresses);
      nowMs = 30000;
      expect(await resolver.resolve(name)).toEqual(secondaryAddresses);
      expect(await resolveAt(at, `none.${server.zone}`)).toEqual([]);
      await expect(resolveAt(at, "elsewhere.test")).rejects.toMatchObject({ code: "DNS_REFUSED" });
    } finally {
      await server.stop();
    }
  });
});

test("stopping ends open connections, and the port is free again", async () => {
  const server = await startEmbeddedNameServer();
  const socket = connect(server.port, "127.0.0.1");
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => undefined);
  await server.stop();
  await closed;
  const again = await startEmbeddedNameServer({ port: server.port });
  expect(again.port).toBe(server.port);
  await again.stop();
});

describe("as a process of its own", () => {
  const main = fileURLToPath(new URL("../../../demo/name-server/main.js", import.meta.url));

  test("it prints its port when it is ready, takes updates, and ends in order", async () => {
    const secret = Buffer.from("a secret of some length, for tests");
    const config = join(directory, "name-server.yml");
    await writeFile(
      config,
      JSON.stringify({
        zone: "demo.test",
        tsig: { keyName: "demo-key", algorithm: "hmac-sha512", secret: secret.toString("base64") },
        records: [{ name: "app.demo.test", type: "A", ttlSeconds: 1, value: "127.0.0.1" }],
      }),
    );
    const child = spawn(process.execPath, [main, "--config", config], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    try {
      const line = await new Promise<string>((resolve) => createInterface(child.stdout).once("line", resolve));
      const ready = JSON.parse(line) as { ready: boolean; port: number };
      expect(ready.ready).toBe(true);
      const server = { port: ready.port, zone: "demo.test", keyName: "demo-key", tsigSecret: secret };
      const port = portTo(server, { settings: { tsig: { keyName: "demo-key", algorithm: "hmac-sha512" } } });
      expect(await port.claim(undefined, record(1, "primary"))).toEqual({ kind: "done" });
    } finally {
      child.kill("SIGTERM");
    }
    expect(await ended).toBe(0);
  });

  test("it does not start with a configuration it does not understand", async () => {
    const config = join(directory, "bad.yml");
    await writeFile(config, "zone: demo.test\nsurprise: 1\n");
    const child = spawn(process.execPath, [main, "--config", config], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(1);
    expect(output).toContain("surprise");
  });
});

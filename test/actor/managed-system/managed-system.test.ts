import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { createManagedSystem } from "../../../actor/managed-system/managed-system.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { rememberLog } from "../../support/log-memory.js";
import { startTestPageServer, type TestPageServer } from "../../support/test-page-server.js";

const { signal } = new AbortController();
const clock = createSystemClock();
let directory: string;
let server: TestPageServer;
let answer: http.RequestListener;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "managed-system-"));
  answer = (_, response) => response.end("ok");
  server = await startTestPageServer((request, response) => {
    answer(request, response);
  });
});

afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

/** A command control that notes in one log what is done with it; the file of its name stands for "it runs". */
function control(name: string, change: { stop?: string; status?: string } = {}) {
  const sh = (verb: string, script: string) => [
    "sh",
    "-c",
    `cd "$1"; echo ${verb} ${name} >> log; ${script}`,
    "sh",
    directory,
  ];
  return {
    kind: "command" as const,
    name,
    start: sh("start", `touch ${name}`),
    stop: sh("stop", change.stop ?? `rm ${name}`),
    kill: undefined,
    status: ["sh", "-c", change.status ?? `cd "$1"; test -e ${name} || exit 3`, "sh", directory],
  };
}

function open(controls: readonly ReturnType<typeof control>[], stopSeconds = 5) {
  const log = rememberLog();
  const managedSystem = createManagedSystem({
    settings: {
      controls: [...controls],
      testPage: { protocol: "http", path: "/", expectedStatus: 200, expectedText: "ok", limitSeconds: 0.5 },
      localAddress: server.address,
      publicAddresses: { primary: server.address, secondary: { host: "127.0.0.1", port: 1 } },
    },
    name: "app.example.test",
    server: "primary",
    stopSeconds,
    clock,
    log,
  });
  return { managedSystem, log };
}

const done = async () => (await readFile(path.join(directory, "log"), "utf8")).trim().split("\n");
const runs = (name: string) => writeFile(path.join(directory, name), "");

describe("createManagedSystem", () => {
  test("stops the controls in order and starts them in reverse", async () => {
    await Promise.all([runs("web"), runs("worker")]);
    const { managedSystem, log } = open([control("web"), control("worker")]);
    await managedSystem.stop(signal);
    await managedSystem.start(signal);
    expect(await done()).toEqual(["stop web", "stop worker", "start worker", "start web"]);
    expect(log.events).toHaveLength(4);
  });

  test("a control that cannot be stopped does not keep the others running, and is named", async () => {
    await Promise.all([runs("web"), runs("worker")]);
    const { managedSystem, log } = open([control("web", { stop: "sleep 30" }), control("worker")], 4);
    const startedAtMs = clock.monotonicMs();
    await expect(managedSystem.stop(signal)).rejects.toThrow(/on the primary server is not stopped: web: /);
    // Not for as long as the command would take.
    expect(clock.monotonicMs() - startedAtMs).toBeLessThan(20_000);
    expect(existsSync(path.join(directory, "worker"))).toBe(false);
    expect(log.events).toEqual(["managed-system-control-not-stopped", "managed-system-control-stopped"]);
  }, 120_000);

  test.each<{
    when: string;
    running: boolean;
    status?: string;
    page: http.RequestListener | "closed";
    serving: boolean;
  }>([
    { when: "a control runs, whatever the page says", running: true, page: "closed", serving: true },
    { when: "a control is unknown", running: false, status: "exit 1", page: "closed", serving: true },
    { when: "all are stopped and the port is closed", running: false, page: "closed", serving: false },
    { when: "all are stopped but the page answers", running: false, page: (_, r) => r.end("ok"), serving: true },
    {
      when: "all are stopped and a front says there is nothing",
      running: false,
      page: (_, r) => r.writeHead(503).end(),
      serving: false,
    },
    {
      when: "all are stopped but something answers an error",
      running: false,
      page: (_, r) => r.writeHead(500).end(),
      serving: true,
    },
    { when: "all are stopped but something hangs at the port", running: false, page: () => undefined, serving: true },
  ])("serving is $serving when $when", async ({ running, status, page, serving }) => {
    if (running) await runs("worker");
    if (page === "closed") await server.close();
    else answer = page;
    const { managedSystem } = open([control("web"), control("worker", status === undefined ? {} : { status })]);
    const seen = await managedSystem.isServing(signal);
    expect([seen.serving, seen.isWhole]).toEqual([serving, false]);
    expect(seen.because).not.toBe("");
  });

  test("is whole when every control runs; what does not is named", async () => {
    await runs("web");
    const { managedSystem } = open([control("web"), control("worker")]);
    expect(await managedSystem.isServing(signal)).toMatchObject({
      serving: true,
      isWhole: false,
      because: expect.stringMatching(/^worker: /) as unknown,
    });
    await runs("worker");
    expect(await managedSystem.isServing(signal)).toMatchObject({ serving: true, isWhole: true });
  });

  test("probes the own address and the public address of the server asked for", async () => {
    const { managedSystem } = open([control("web")]);
    expect(await managedSystem.probeLocal(signal)).toMatchObject({ available: true });
    expect(await managedSystem.probePublic("primary", signal)).toMatchObject({ available: true });
    expect(await managedSystem.probePublic("secondary", signal)).toMatchObject({ available: false });
  });
});

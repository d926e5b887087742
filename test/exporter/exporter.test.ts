import { afterEach, expect, test } from "@jest/globals";
import { createExporter } from "../../exporter/exporter.js";
import type { ExporterPorts } from "../../exporter/ports.js";
import { AppError } from "../../shared/core/app-error.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { rememberLog } from "../support/log-memory.js";
import { sampleSettings } from "../support/sample-settings.js";
import { sampleStatus } from "../support/sample-status.js";
import { startTestPageServer } from "../support/test-page-server.js";
import { until } from "../support/until.js";

const clock = createSystemClock();
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** The exporter of a standby with a real listener; the active server's test page is `page`. */
async function start(change: Partial<ExporterPorts> = {}) {
  let isUp = true;
  const page = await startTestPageServer((_, response) => response.writeHead(isUp ? 200 : 500).end());
  const settings = sampleSettings("secondary");
  const log = rememberLog();
  const ending = new AbortController();
  let onListening: (address: { host: string; port: number }) => void = () => undefined;
  const listening = new Promise<{ host: string; port: number }>((resolve) => (onListening = resolve));
  const exporter = createExporter(
    {
      settings: {
        ...settings,
        exporter: { ...settings.exporter, listen: { host: "127.0.0.1", port: 0 }, probeSeconds: 0.2 },
        managedSystem: {
          ...settings.managedSystem,
          publicAddresses: { ...settings.managedSystem.publicAddresses, primary: page.address },
        },
      },
      version: "1.2.3",
      clock,
      log,
      readStatus: () => Promise.resolve(sampleStatus()),
      readProcessMetrics: () => Promise.resolve(""),
      ...change,
    },
    { onListening },
  );
  const running = exporter.run(ending.signal);
  closers.push(async () => {
    ending.abort();
    await running;
    await page.close();
  });
  const { port } = await Promise.race([listening, running.then(() => ({ port: 0 }))]);
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const until = async (path: string, holds: (answer: { status: number; text: string }) => boolean) => {
    for (let look = 0; look < 100; look += 1) {
      const answer = await get(path);
      if (holds(answer)) return answer;
      await clock.sleep(20);
    }
    throw new Error(`never: ${path}`);
  };
  return { get, until, log, page, setUp: (value: boolean) => (isUp = value) };
}

test("answers each page, and nothing else", async () => {
  const { get, until } = await start();
  await until("/-/ready", ({ status }) => status === 200);
  const statuses = async (path: string, init?: RequestInit) => (await get(path, init)).status;
  expect(await statuses("/")).toBe(200);
  expect(await statuses("/-/healthy")).toBe(200);
  expect(await statuses("/metrics?name=x")).toBe(200);
  expect(await statuses("/nothing")).toBe(404);
  expect(await statuses("/metrics", { method: "POST" })).toBe(405);
  expect((await get("/metrics", { method: "HEAD" })).text).toBe("");
  expect(JSON.parse((await get("/version")).text)).toEqual({ version: "1.2.3" });
  expect((await get("/metrics")).headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  for (const link of (await get("/")).text.matchAll(/href="([^"]+)"/g)) expect(await statuses(link[1]!)).toBe(200);
});

test("probes the active server's public address by the public name, on its own timer", async () => {
  const { until, page, setUp } = await start();
  const available = 'sparesync_managed_system_available{from="standby",via="public"}';
  await until("/metrics", ({ text }) => text.includes(`${available} 1`));
  setUp(false);
  await until("/metrics", ({ text }) => text.includes(`${available} 0`));
  expect(page.requests[0]!.headers.host).toBe("shop.example.test");
  const before = page.requests.length;
  await clock.sleep(500);
  expect(page.requests.length).toBeGreaterThan(before);
});

test("an actor that hangs delays neither health nor probes", async () => {
  const { get, until } = await start({ readStatus: (limitSeconds) => clock.sleep(limitSeconds * 1000) as never });
  expect((await get("/-/healthy")).status).toBe(200);
  await until("/-/ready", ({ status }) => status === 200);
  const { text } = await get("/metrics", { headers: { "x-prometheus-scrape-timeout-seconds": "1" } });
  expect(text).toContain("sparesync_actor_up 0");
  expect(text).toContain("sparesync_managed_system_answers_locally 0");
});

test("without ever having heard the actor, nothing is claimed about the active server", async () => {
  const { until, page } = await start({ readStatus: () => Promise.reject(new Error("no actor")) });
  await until("/-/ready", ({ status }) => status === 200);
  const { text } = await until("/metrics", ({ status }) => status === 200);
  expect(text).not.toContain("sparesync_managed_system_available{");
  expect(text).toContain("sparesync_managed_system_answers_locally 0");
  expect(page.requests).toEqual([]);
});

test("why the actor does not answer is logged when it changes, not at each look", async () => {
  let answer: () => ReturnType<ExporterPorts["readStatus"]> = () =>
    Promise.reject(new AppError("ACTOR_UNREACHABLE", "EACCES", { hint: "run as its user" }));
  let looks = 0;
  const { log } = await start({
    readStatus: () => {
      looks += 1;
      return answer();
    },
  });
  await until(() => looks > 3);
  expect(log.lines.filter(({ event }) => event === "actor-not-read").map(({ fields }) => fields)).toEqual([
    { because: "EACCES", hint: "run as its user" },
  ]);
  answer = () => Promise.resolve(sampleStatus());
  await until(() => log.events.includes("actor-answers"));
});

test("an address that is taken is an error that names it", async () => {
  const { page } = await start();
  const settings = sampleSettings();
  const exporter = createExporter({
    settings: { ...settings, exporter: { ...settings.exporter, listen: page.address } },
    version: "",
    clock,
    log: rememberLog(),
    readStatus: () => Promise.resolve(sampleStatus()),
    readProcessMetrics: () => Promise.resolve(""),
  });
  await expect(exporter.run(new AbortController().signal)).rejects.toThrow(
    new RegExp(`^exporter.listen: cannot listen on 127.0.0.1:${page.address.port}: .*EADDRINUSE`),
  );
});

test("reads the metrics of the process again and again, and shows none when that fails", async () => {
  let reads = 0;
  const { until } = await start({
    readProcessMetrics: () => {
      reads += 1;
      return reads < 3 ? Promise.resolve(`process_reads ${reads}`) : Promise.reject(new Error("no /proc"));
    },
  });
  // A scrape in between reads by itself only while nothing has been read.
  await until("/metrics", ({ text }) => text.includes('sparesync_scrape_collector_success{collector="process"} 0'));
  expect(reads).toBeGreaterThanOrEqual(3);
});

import { afterEach, describe, expect, test } from "@jest/globals";
import type http from "node:http";
import { createServer, type Socket } from "node:net";
import { generate } from "selfsigned";
import { type ManagedSystemProbeOptions, probeManagedSystem } from "../../../shared/probes/managed-system.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { startTestPageServer } from "../../support/test-page-server.js";

const clock = createSystemClock();
const testPage = {
  protocol: "http",
  path: "/health?deep=1",
  expectedStatus: 200,
  expectedText: "all well",
  limitSeconds: 5,
} as const;
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function page(handler: http.RequestListener, tls?: { key: string; cert: string }) {
  const server = await startTestPageServer(handler, tls);
  closers.push(() => server.close());
  return server;
}

async function rawServer(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { host: "127.0.0.1", port: (server.address() as { port: number }).port };
}

function probe(address: { host: string; port: number }, change: Partial<ManagedSystemProbeOptions["testPage"]> = {}) {
  return probeManagedSystem({ testPage: { ...testPage, ...change }, name: "app.example.test.", address, clock });
}

describe("probeManagedSystem", () => {
  test("asks for the page with the public name and a connection of its own", async () => {
    const server = await page((_, response) => response.end("<p>all well</p>"));
    expect(await probe(server.address)).toMatchObject({ available: true, answer: "expected" });
    await probe(server.address);
    const [first, second] = server.requests;
    expect(first).toMatchObject({ method: "GET", url: "/health?deep=1" });
    expect(first!.headers).toMatchObject({ host: "app.example.test", connection: "close" });
    expect(first!.socket).not.toBe(second!.socket);
  });

  test("sends the name as SNI and does not judge the certificate", async () => {
    const { private: key, cert } = await generate([{ name: "commonName", value: "somebody-else" }]);
    const seen: unknown[] = [];
    const server = await page(
      (request, response) => {
        seen.push(Reflect.get(request.socket, "servername"));
        response.end("all well");
      },
      { key, cert },
    );
    expect(await probe(server.address, { protocol: "https" })).toMatchObject({ available: true });
    expect(seen).toEqual(["app.example.test"]);
  });

  test.each<{ when: string; handler: http.RequestListener; answer: string; because: RegExp }>([
    {
      when: "another status",
      handler: (_, response) => response.writeHead(500).end("all well"),
      answer: "other",
      because: /status 500 instead of 200/,
    },
    {
      when: "a front without the application",
      handler: (_, response) => response.writeHead(503).end(),
      answer: "unavailable",
      because: /status 503/,
    },
    {
      when: "a redirect to a good page",
      handler: (request, response) =>
        request.url === "/good" ? response.end("all well") : response.writeHead(302, { location: "/good" }).end(),
      answer: "other",
      because: /status 302/,
    },
    {
      when: "a page without the text",
      handler: (_, response) => response.end("all wel"),
      answer: "other",
      because: /not the expected text/,
    },
    {
      when: "the text only beyond the size limit",
      handler: (_, response) => response.end(`${"x".repeat(1200 * 1024)}all well`),
      answer: "other",
      because: /not the expected text/,
    },
    {
      when: "a body that breaks off",
      handler: (_, response) => {
        response.writeHead(200, { "content-length": "1000" }).write("all");
        setImmediate(() => response.destroy());
      },
      answer: "none",
      because: /aborted|reset|hang up/i,
    },
  ])("is not available after $when", async ({ handler, answer, because }) => {
    const server = await page(handler);
    const seen = await probe(server.address);
    expect(seen).toMatchObject({ available: false, answer });
    expect(seen.because).toMatch(because);
  });

  test("finds a text that is split between two packets", async () => {
    const server = await page((_, response) => {
      response.write("...all ");
      setImmediate(() => response.end("well"));
    });
    expect(await probe(server.address)).toMatchObject({ available: true });
  });

  test("without an expected text only the status counts, even if the body never ends", async () => {
    const server = await page((_, response) => {
      response.writeHead(204).flushHeaders();
    });
    expect(await probe(server.address, { expectedStatus: 204, expectedText: "" })).toMatchObject({ available: true });
  });

  test.each<{ when: string; onConnection: (socket: Socket) => void }>([
    { when: "says nothing", onConnection: () => undefined },
    {
      when: "sends a body without an end, drop by drop",
      onConnection: (socket) => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        const drip = setInterval(() => socket.write("."), 20);
        socket.on("close", () => {
          clearInterval(drip);
        });
      },
    },
  ])("gives up at the limit on a server that $when", async ({ onConnection }) => {
    const address = await rawServer(onConnection);
    const seen = await probe(address, { limitSeconds: 0.3 });
    expect(seen).toMatchObject({
      available: false,
      answer: "none",
      because: "the test page did not end within 0.3 s",
    });
    expect(seen.durationMs).toBeGreaterThanOrEqual(290);
    expect(seen.durationMs).toBeLessThan(2000);
  });

  test("takes what is not HTTP as no answer", async () => {
    const address = await rawServer((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    expect(await probe(address)).toMatchObject({ available: false, answer: "none" });
  });

  test("tells a closed port from silence", async () => {
    const server = await page(() => undefined);
    await server.close();
    expect(await probe(server.address)).toMatchObject({ available: false, answer: "refused" });
  });

  test("a cancelled probe has seen nothing: it rejects", async () => {
    const address = await rawServer(() => undefined);
    const controller = new AbortController();
    const probing = probeManagedSystem({ testPage, name: "a.test", address, clock, signal: controller.signal });
    controller.abort();
    await expect(probing).rejects.toMatchObject({ code: "ABORTED" });
  });
});

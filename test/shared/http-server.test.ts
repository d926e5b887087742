import http from "node:http";
import { afterEach, expect, test } from "@jest/globals";
import { createHttpServer, startListening, stopListening, type HttpServer } from "../../shared/http-server.js";
import { listenerLimits } from "../../actor/link/link-wire.js";
import { loopbackClock } from "../support/loopback-clock.js";
import { until } from "../support/until.js";

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await stopListening(server, loopbackClock, 0);
});

async function serve(onRequest: http.RequestListener, errors: Error[] = []) {
  const onError = (error: Error) => errors.push(error);
  const server = createHttpServer({ tls: undefined, limits: listenerLimits, onRequest, onError });
  servers.push(server);
  return { server, ...(await startListening(server, { host: "127.0.0.1", port: 0 }, "x.listen")) };
}

test("a failure to accept a connection is told and does not end the process", async () => {
  const errors: Error[] = [];
  const { server } = await serve(() => undefined, errors);
  server.emit("error", new Error("EMFILE"));
  expect(errors).toHaveLength(1);
});

test("a stop cuts what does not end within the grace, and a second stop does nothing", async () => {
  let isAsked = false;
  const { server, port } = await serve(() => {
    isAsked = true;
  });
  const failed = new Promise((resolve) => http.get({ port, host: "127.0.0.1" }).on("error", resolve));
  await until(() => isAsked);
  await stopListening(server, loopbackClock, 0.05);
  await failed;
  await stopListening(server, loopbackClock, 60);
});

test("idle connections do not hold up a stop", async () => {
  const { server, port } = await serve((_request, response) => response.end("ok"));
  const agent = new http.Agent({ keepAlive: true });
  await new Promise((resolve) => {
    http.get({ port, host: "127.0.0.1", agent }, (response) => response.resume().on("end", resolve));
  });
  const started = performance.now();
  await stopListening(server, loopbackClock, 10);
  expect(performance.now() - started).toBeLessThan(2000);
  agent.destroy();
});

test.each([
  { when: "the address is not of this machine", host: "192.0.2.1" },
  { when: "the host does not exist", host: "no.such.host.invalid" },
  { when: "the port is taken", host: "127.0.0.1", hint: /^another program listens there \(ss -ltnp/ },
])("LISTENER_FAILED names the setting and what to do when $when", async ({ host, hint }) => {
  const { port } = await serve(() => undefined);
  const server = createHttpServer({
    tls: undefined,
    limits: listenerLimits,
    onRequest: () => undefined,
    onError: () => undefined,
  });
  await expect(startListening(server, { host, port: hint ? port : 0 }, "exporter.listen")).rejects.toMatchObject({
    code: "LISTENER_FAILED",
    message: expect.stringMatching(/^exporter\.listen: cannot listen on .+:\d+: /),
    hint: expect.stringMatching(hint ?? /^set an address that this server has$/),
  });
});

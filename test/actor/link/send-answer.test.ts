import { afterEach, beforeAll, expect, test } from "@jest/globals";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import http from "node:http";
import type { Socket } from "node:net";
import { createLinkExchange } from "../../../actor/link/link-exchange.js";
import type { LinkMessage } from "../../../actor/link/link.js";
import { startListening, stopListening } from "../../../shared/http-server.js";
import { LinkBench, makePairCertificates, type PairCertificates } from "../../support/link-pair.js";
import { loopbackClock } from "../../support/loopback-clock.js";
import { until } from "../../support/until.js";

let certificates: PairCertificates;
let bench: LinkBench;
beforeAll(async () => {
  certificates = await makePairCertificates();
  bench = new LinkBench(certificates);
});
afterEach(() => bench.end());

const kibibyte = 1024;

test.each([
  { what: "nothing but its fields", bodyBytes: undefined, fieldBytes: 100 },
  { what: "long fields", bodyBytes: undefined, fieldBytes: 200 * kibibyte },
  { what: "an empty body", bodyBytes: 0, fieldBytes: 100 },
  { what: "a short body", bodyBytes: 100, fieldBytes: 100 },
  { what: "a body that just goes at once", bodyBytes: 7 * kibibyte, fieldBytes: 100 },
  { what: "a body that is nearly what a socket takes at once", bodyBytes: 15.5 * kibibyte, fieldBytes: 100 },
  { what: "long fields and a short body", bodyBytes: 100, fieldBytes: 200 * kibibyte },
  { what: "a long body", bodyBytes: 300 * kibibyte, fieldBytes: 100 },
  { what: "a body that takes many writes", bodyBytes: 20 * kibibyte * kibibyte, fieldBytes: 100 },
])(
  "an answer of $what comes whole, and its socket could take more when its end is written",
  async ({ bodyBytes, fieldBytes }) => {
    const answer: LinkMessage = {
      fields: { text: "x".repeat(fieldBytes) },
      ...(bodyBytes === undefined ? {} : { body: Buffer.alloc(bodyBytes, 7) }),
    };
    const { port } = await bench.serve({ handlers: { give: () => Promise.resolve(answer) } });
    const neededDrain: boolean[] = [];
    const watch = (message: unknown): void => {
      const { socket } = message as { readonly socket: Socket };
      const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
      socket.write = (...args: unknown[]): boolean => {
        const isTaken = write(...args);
        neededDrain.push(socket.writableNeedDrain);
        return isTaken;
      };
    };
    subscribe("http.server.request.start", watch);
    try {
      const { client } = bench.connect(port);
      const came = await client.ask("give", { fields: {} }, { limitSeconds: 30 });
      expect(came.fields).toEqual(answer.fields);
      expect(came.body?.equals(answer.body ?? Buffer.alloc(0))).toBe(answer.body && true);
    } finally {
      unsubscribe("http.server.request.start", watch);
    }
    expect(neededDrain.at(-1)).toBe(false);
  },
);

test("the asker closes a socket that it does not need, before the other side does", async () => {
  const sockets = new Set<Socket>();
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    sockets.add(request.socket);
    response.end("{}");
  });
  const { port } = await startListening(server, { host: "127.0.0.1", port: 0 }, "link.listen");
  bench.atEnd(() => stopListening(server, loopbackClock, 0));
  const exchange = createLinkExchange({ host: "127.0.0.1", port }, undefined, 200);
  bench.atEnd(() => {
    exchange.close();
  });
  const sealed = { envelope: "{}", mac: "00" };
  const ask = () => exchange.send(sealed, [Buffer.from("{}")], "bulk", new AbortController().signal);
  await ask();
  await ask();
  expect([...sockets].map(({ closed }) => closed)).toEqual([false]);
  await until(() => [...sockets].every(({ closed }) => closed), 10_000);
});

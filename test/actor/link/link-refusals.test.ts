import http from "node:http";
import net from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import {
  describeContent,
  sealReply,
  sealRequest,
  type RequestEnvelope,
  type Sealed,
} from "../../../actor/core/link-authentication.js";
import { linkRefusalOf } from "../../../actor/link/link-refused-error.js";
import { listenerLimits, sealedHeaders } from "../../../actor/link/link-wire.js";
import {
  failureOf,
  LinkBench,
  makePairCertificates,
  pairKey,
  primary,
  type PairCertificates,
} from "../../support/link-pair.js";
import { loopbackClock } from "../../support/loopback-clock.js";
import { until } from "../../support/until.js";
import { openProxy, speakRaw } from "../../support/recording-proxy.js";
import { linkProtocol } from "../../../shared/core/status.js";

let certificates: PairCertificates;
let bench: LinkBench;
beforeAll(async () => {
  certificates = await makePairCertificates();
  bench = new LinkBench(certificates);
});
afterEach(() => bench.end());

/** Generous: a busy machine takes its time. */
const within = { limitSeconds: 30 };
const plain = { tls: undefined };
const ask = { fields: { n: 1 } };

describe("identity", () => {
  test.each([
    { when: "the pair is another", identity: { ...primary, pair: "mail" }, reason: "other-pair" },
    { when: "both have the same role", identity: { ...primary, server: "secondary" }, reason: "same-roles" },
    {
      when: "it talks to itself",
      identity: { ...primary, server: "secondary", instance: "i2" },
      reason: "own-message",
    },
  ] as const)("when $when, both sides learn $reason", async ({ identity, reason }) => {
    const { port, refused, handled } = await bench.serve();
    const { client } = bench.connect(port, { identity });
    const error = await client.ask("echo", ask, within).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: "PEER_REFUSED", cause: { code: "LINK_REFUSED" } });
    expect(linkRefusalOf(error)).toBe(reason);
    expect(refused).toEqual([reason]);
    expect(handled).toEqual([]);
  });

  test("when the pair keys differ, both sides say so and nothing is processed", async () => {
    const { port, refused, handled } = await bench.serve();
    const { client, ...there } = bench.connect(port, { pairKey: Buffer.alloc(32, 9) });
    const error = await client.ask("echo", ask, within).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: "PEER_UNREACHABLE" });
    expect(linkRefusalOf(error)).toBe("reply-not-authentic");
    expect((error as Error).message).toContain("wrong-key");
    expect([refused, there.refused, handled]).toEqual([["wrong-key"], ["reply-not-authentic"], []]);
  });

  test("a peer of another protocol is refused by an authentic answer that names both numbers", async () => {
    const { port, refused } = await bench.serve(plain);
    const answer = await post(port, seal({ protocol: linkProtocol + 1, kind: "hello" }));
    expect(answer).toContain(`the peer speaks protocol ${linkProtocol + 1}, this server ${linkProtocol}`);
    expect(refused).toEqual(["unknown-protocol"]);
  });
});

describe("someone in the middle, where the transport is http", () => {
  test("a recorded conversation played again is refused, also by the restarted server", async () => {
    const first = await bench.serve(plain);
    const proxy = await openProxy(first.port);
    bench.atEnd(proxy.close);
    const { client } = bench.connect(proxy.port, plain);
    await client.ask("echo", { ...ask, body: Buffer.from("x") }, within);
    client.close();
    const recorded = Buffer.concat([proxy.sent(), Buffer.from("GET /end HTTP/1.1\r\nhost: x\r\n\r\n")]);
    const answer = await speakRaw(first.port, recorded);
    expect(answer).toContain("replayed");
    expect(first.refused).toEqual(["replayed", "malformed"]);
    expect(first.handled).toEqual(["echo"]);
    const restarted = await bench.serve(plain);
    await speakRaw(restarted.port, recorded);
    expect(restarted.refused).toEqual(["unknown-session", "malformed"]);
    expect(restarted.handled).toEqual([]);
  });

  test.each([
    { when: "fields", from: `"amount":1`, to: `"amount":2` },
    { when: "body", from: "contents", to: "CONTENTS" },
  ])("an altered request's $when are noticed and not processed", async ({ from, to }) => {
    const { port, refused, handled } = await bench.serve(plain);
    const proxy = await openProxy(port, { alterRequest: replacing(from, to) });
    bench.atEnd(proxy.close);
    const { client } = bench.connect(proxy.port, plain);
    const asked = client.ask("echo", { fields: { amount: 1 }, body: Buffer.from("contents") }, within);
    const error = await asked.catch((failure: unknown) => failure);
    expect(linkRefusalOf(error)).toBe("altered");
    expect([refused, handled]).toEqual([["altered"], []]);
  });

  test.each([
    { when: "fields", from: `"amount":1`, to: `"amount":2` },
    { when: "body", from: "contents", to: "CONTENTS" },
  ])("an altered reply's $when are noticed and not believed", async ({ from, to }) => {
    const { port } = await bench.serve(plain);
    const proxy = await openProxy(port, { alterReply: replacing(from, to) });
    bench.atEnd(proxy.close);
    const { client, refused } = bench.connect(proxy.port, plain);
    const asked = client.ask("echo", { fields: { amount: 1 }, body: Buffer.from("contents") }, within);
    const error = await asked.catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: "PEER_UNREACHABLE" });
    expect(linkRefusalOf(error)).toBe("reply-not-authentic");
    expect(refused).toEqual(["reply-not-authentic"]);
  });

  test("a refusal of rubbish under a held-back message's HMAC is not signed", async () => {
    const { port } = await bench.serve(plain);
    const { mac } = seal({ kind: "hello" });
    const answer = await post(port, { envelope: "rubbish", mac });
    expect(answer).toContain(`{"refused":"wrong-key"}`);
    expect(answer).not.toContain('"mac"');
  });

  test("the refusal of a doubled message leaves open whether the first was processed", async () => {
    const { port } = await bench.serve(plain);
    // Each message arrives twice; the client sees the second's answer only.
    const doubling = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const again = (isLast: boolean) => {
          const { method, headers } = request;
          const passed = http.request({ port, host: "127.0.0.1", path: "/link", method: method!, headers }, (got) => {
            if (!isLast) {
              got.resume().on("end", () => {
                again(true);
              });
              return;
            }
            response.writeHead(got.statusCode!, got.headers);
            got.pipe(response);
          });
          passed.end(Buffer.concat(chunks));
        };
        again(false);
      });
    });
    await new Promise<void>((resolve) => doubling.listen(0, "127.0.0.1", resolve));
    bench.atEnd(() => {
      doubling.closeAllConnections();
      doubling.close();
    });
    const { client } = bench.connect((doubling.address() as net.AddressInfo).port, plain);
    const error = await client.ask("echo", ask, within).catch((failure: unknown) => failure);
    expect(linkRefusalOf(error)).toBe("replayed");
    expect(error).toMatchObject({ code: "PEER_UNREACHABLE" });
  });
});

test.each([
  { when: "the same server", sender: "primary", pair: "shop" },
  { when: "another pair", sender: "secondary", pair: "mail" },
] as const)("an authentic answer of $when is not believed", async ({ sender, pair }) => {
  const server = http.createServer((request, response) => {
    const fields = Buffer.from(`{"session":"s1"}`);
    const reply = {
      protocol: linkProtocol,
      pair,
      sender,
      outcome: "answered",
      ...describeContent(pairKey, "n2", fields, undefined),
    } as const;
    const sealed = sealReply(pairKey, String(request.headers["mac"]), reply);
    request.resume().on("end", () => response.writeHead(200, sealedHeaders(sealed, fields.length)).end(fields));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  bench.atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const { client, refused } = bench.connect((server.address() as net.AddressInfo).port, plain);
  expect((await failureOf(client.ask("echo", ask, within))).message).toContain("another server");
  expect(refused).toEqual(["reply-not-authentic"]);
});

describe("limits", () => {
  const quick = { ...listenerLimits, headersSeconds: 0.3, requestSeconds: 0.6, connections: 3 };

  test("headers above 16 KiB are refused", async () => {
    const { port, refused } = await bench.serve(plain);
    await speakRaw(port, `POST /link HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(17 * 1024)}\r\n\r\n`);
    expect(refused).toEqual(["oversized"]);
  });

  test.each([
    { when: "fields", content: { fieldsBytes: 1024 * 1024 + 1 } },
    { when: "a body", content: { bodyBytes: 64 * 1024 * 1024 + 1 } },
  ])("$when above the limit are refused by the headers alone", async ({ content }) => {
    const { port, refused } = await bench.serve(plain);
    const answer = await post(port, seal({ kind: "hello", ...content }));
    expect(answer).toContain("oversized");
    expect(refused).toEqual(["oversized"]);
  });

  test("more content than the envelope describes is not read", async () => {
    const { port, refused } = await bench.serve(plain);
    await post(port, seal({ kind: "hello" }), Buffer.alloc(100_000));
    expect(refused).toEqual(["altered"]);
  });

  test("more content than the envelope describes is not read, though its size was not named", async () => {
    const { port, refused } = await bench.serve(plain);
    const { envelope, mac } = seal({ kind: "hello" });
    const headers = `host: x\r\nconnection: close\r\nenvelope: ${envelope}\r\nmac: ${mac}`;
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    const answer = await speakRaw(
      port,
      `POST /link HTTP/1.1\r\n${headers}\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(20)}`,
    );
    expect(answer).toContain("altered");
    expect(refused).toEqual(["altered"]);
  });

  test.each([
    { when: "says nothing", bytes: "" },
    { when: "does not end its headers", bytes: "POST /link HTTP/1.1\r\nhost: x\r\n" },
  ])("a connection that $when is ended and counted", async ({ bytes }) => {
    const { port, refused } = await bench.serve({ ...plain, limits: quick });
    await speakRaw(port, bytes);
    expect(refused).toEqual(["too-slow"]);
  });

  test("an authentic message whose content does not come is ended and counted", async () => {
    const { port, refused } = await bench.serve({ ...plain, limits: quick });
    const headers = Object.entries(sealedHeaders(seal({ kind: "hello" }), 2)).map(
      ([name, value]) => `${name}: ${value}`,
    );
    await speakRaw(port, `POST /link HTTP/1.1\r\nhost: x\r\n${headers.join("\r\n")}\r\n\r\n{`);
    expect(refused).toEqual(["too-slow"]);
  });

  test("a TLS handshake that does not begin is ended and counted", async () => {
    const { port, refused } = await bench.serve({ limits: quick });
    await speakRaw(port, "");
    expect(refused).toEqual(["connection-failed"]);
  });

  test("connections above the limit are refused, and the others go on", async () => {
    const { port, refused } = await bench.serve({
      ...plain,
      limits: { ...quick, headersSeconds: 5, requestSeconds: 5 },
    });
    const { client } = bench.connect(port, plain);
    await client.ask("echo", ask, within);
    const idle = [1, 2, 3, 4].map(() => net.connect(port, "127.0.0.1").on("error", () => undefined));
    await until(() => refused.length === 2);
    expect(refused).toEqual(["too-many-connections", "too-many-connections"]);
    expect(await client.ask("echo", ask, within)).toEqual(ask);
    idle.forEach((socket) => socket.destroy());
  });

  test.each([
    { when: "another method", bytes: "GET /link HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" },
    { when: "another path", bytes: "POST /admin HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n" },
    { when: "no envelope", bytes: "POST /link HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n" },
    { when: "no HTTP", bytes: "\x16\x03\x01\x00\xff hello" },
  ])("$when is malformed", async ({ bytes }) => {
    const { port, refused } = await bench.serve(plain);
    await speakRaw(port, bytes);
    expect(refused).toEqual(["malformed"]);
  });
});

test("a thousand refusals are all counted and logged in one line a minute", async () => {
  let nowMs = 0;
  const clock = { ...loopbackClock, monotonicMs: () => nowMs };
  const { port, refused, log } = await bench.serve({ ...plain, clock });
  const bytes = "POST /link HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
  for (let n = 0; n < 20; n += 1) await Promise.all(Array.from({ length: 50 }, () => speakRaw(port, bytes)));
  nowMs = 60_000;
  await speakRaw(port, bytes);
  const lines = log.lines.filter(({ event }) => event === "link-refused");
  expect(refused).toHaveLength(1001);
  expect(lines.map(({ fields }) => fields["unlogged"])).toEqual([0, 999]);
});

function seal(changes: Partial<RequestEnvelope>): Sealed {
  const content = describeContent(pairKey, "n1", Buffer.from("{}"), undefined);
  const base = { protocol: linkProtocol, pair: "shop", sender: "primary", instance: "i1", kind: "echo" } as const;
  return sealRequest(pairKey, { ...base, session: "", counter: 0, ...content, ...changes });
}

/** Sends a sealed request over plain HTTP; the whole answer as text, headers included. */
function post(port: number, sealed: Sealed, content = Buffer.from("{}")): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { ...sealedHeaders(sealed, content.length), connection: "close" };
    const request = http.request({ port, host: "127.0.0.1", method: "POST", path: "/link", headers }, (response) => {
      let text = JSON.stringify(response.headers);
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => {
        resolve(text);
      });
    });
    request.on("error", reject);
    request.end(content);
  });
}

function replacing(from: string, to: string) {
  return (bytes: Buffer) => Buffer.from(bytes.toString("latin1").replaceAll(from, to), "latin1");
}

import { afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { AppError } from "../../../shared/core/app-error.js";
import { linkRefusalOf } from "../../../actor/link/link-refused-error.js";
import type { LinkHandler, LinkMessage } from "../../../actor/link/link.js";
import { failureOf, LinkBench, makePairCertificates, type PairCertificates } from "../../support/link-pair.js";
import { loopbackClock } from "../../support/loopback-clock.js";
import { until } from "../../support/until.js";

let certificates: PairCertificates;
let bench: LinkBench;
beforeAll(async () => {
  certificates = await makePairCertificates();
  bench = new LinkBench(certificates);
});
afterEach(() => bench.end());

/** Generous: a busy machine takes its time. */
const within = { limitSeconds: 30 };
/** As long as the link itself gives a request: 64 MiB there and back take a busy machine a while. */
const longest = { limitSeconds: 120 };

describe.each(["https", "http"] as const)("the link over %s", (transport) => {
  const wire = transport === "http" ? { tls: undefined } : {};

  test("carries fields and a binary body there and back", async () => {
    const { port } = await bench.serve(wire);
    const { client } = bench.connect(port, wire);
    const body = Buffer.from([0, 255, 10, 13, 0]);
    const answer = await client.ask("echo", { fields: { text: "grüße", deep: { n: [1, null] } }, body }, within);
    expect(answer.fields).toEqual({ text: "grüße", deep: { n: [1, null] } });
    expect(answer.body).toEqual(body);
  });

  test("keeps no body and an empty body apart", async () => {
    const { port } = await bench.serve(wire);
    const { client } = bench.connect(port, wire);
    expect(await client.ask("echo", { fields: {} }, within)).toEqual({ fields: {} });
    const empty = await client.ask("echo", { fields: {}, body: Buffer.alloc(0) }, within);
    expect(empty.body?.length).toBe(0);
  });

  test("answers many questions at the same time, each with its own answer", async () => {
    const { port, refused } = await bench.serve(wire);
    const { client } = bench.connect(port, wire);
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const answers = await Promise.all(
      numbers.map((n) => client.ask("echo", { fields: { n }, body: Buffer.alloc(n * 100, n) }, within)),
    );
    expect(answers.map(({ fields }) => fields["n"])).toEqual(numbers);
    expect(answers.map(({ body }) => body!.length)).toEqual(numbers.map((n) => n * 100));
    expect(refused).toEqual([]);
  });

  test("greets a restarted peer again without the asker noticing", async () => {
    const first = await bench.serve(wire);
    const { client } = bench.connect(first.port, wire);
    await client.ask("echo", { fields: {} }, within);
    await first.server.stop();
    const second = await bench.serve({ ...wire, listen: { host: "127.0.0.1", port: first.port } });
    // Until the kernel has told the client that its idle socket is gone.
    await loopbackClock.sleep(20);
    expect(await client.ask("echo", { fields: { n: 2 } }, within)).toEqual({ fields: { n: 2 } });
    expect(second.handled).toEqual(["echo"]);
    expect(second.refused).toEqual(["unknown-session"]);
  });
});

test.each([
  { when: "the handler gives it back", isGivenBack: true, seen: 1 },
  { when: "the handler keeps it", isGivenBack: false, seen: 2 },
])("the memory of a large body serves another message only when $when", async ({ isGivenBack, seen }) => {
  const memories = new Set<ArrayBufferLike>();
  const contents: number[] = [];
  const take: LinkHandler = ({ body, giveBack }) => {
    memories.add(body!.buffer);
    contents.push(body![0]!, body!.at(-1)!, body!.length);
    if (isGivenBack) giveBack!();
    return Promise.resolve({ fields: {} });
  };
  const { port } = await bench.serve({ handlers: { take } });
  const { client } = bench.connect(port);
  const bytes = 1_000_000;
  await client.ask("take", { fields: { is: "the first" }, body: Buffer.alloc(bytes, 1) }, within);
  await client.ask("take", { fields: {}, body: Buffer.alloc(bytes - 500, 2) }, within);
  expect(contents).toEqual([1, 1, bytes, 2, 2, bytes - 500]);
  expect(memories.size).toBe(seen);
});

test("a body of 64 MiB passes, one byte more is not sent", async () => {
  const { port, handled } = await bench.serve();
  const { client } = bench.connect(port);
  const body = Buffer.alloc(64 * 1024 * 1024, 1);
  const answer = await client.ask("echo", { fields: {}, body }, longest);
  expect(answer.body!.equals(body)).toBe(true);
  const tooLarge = client.ask("echo", { fields: {}, body: Buffer.alloc(body.length + 1) }, within);
  expect((await failureOf(tooLarge)).code).toBe("REQUEST_TOO_LARGE");
  const tooMany = client.ask("echo", { fields: { text: "x".repeat(1024 * 1024) } }, within);
  expect((await failureOf(tooMany)).code).toBe("REQUEST_TOO_LARGE");
  expect(handled).toEqual(["echo"]);
}, 150_000);

test("an answer that is too large is refused with its size, not as a fault nobody foresaw", async () => {
  const handlers = { list: () => Promise.resolve({ fields: { text: "x".repeat(1024 * 1024) } }) };
  const { port } = await bench.serve({ handlers });
  const { client } = bench.connect(port);
  const failure = await failureOf(client.ask("list", { fields: {} }, within));
  expect(failure).toMatchObject({ code: "PEER_REFUSED", cause: { code: "REQUEST_TOO_LARGE" } });
  expect(failure.message).toMatch(/the answer to "list" is larger than the link carries: 1048587 bytes of fields/);
});

test("what a handler throws as AppError reaches the asker with code, message and hint", async () => {
  const { port } = await bench.serve({
    handlers: { refuse: () => Promise.reject(new AppError("EPOCH_TOO_OLD", "epoch 3 is over", { hint: "wait" })) },
  });
  const failure = await failureOf(bench.connect(port).client.ask("refuse", { fields: {} }, within));
  expect(failure).toMatchObject({ code: "PEER_REFUSED", message: "epoch 3 is over", cause: { code: "EPOCH_TOO_OLD" } });
  expect(linkRefusalOf(failure)).toBeUndefined();
});

test.each([
  {
    when: "throws at once",
    handler: () => {
      throw new Error("password=hunter2");
    },
  },
  { when: "rejects", handler: () => Promise.reject(new Error("password=hunter2")) },
])("a handler that $when is logged and answered neutrally", async ({ handler }) => {
  const { port, log } = await bench.serve({ handlers: { bug: handler } });
  const failure = await failureOf(bench.connect(port).client.ask("bug", { fields: {} }, within));
  expect(failure).toMatchObject({ code: "PEER_REFUSED", cause: { code: "UNEXPECTED" } });
  expect(failure.message).not.toContain("hunter2");
  expect(log.lines.filter(({ level }) => level === "error").map(({ event }) => event)).toEqual(["link-handler-failed"]);
});

test.each(["nothing", "toString", "__proto__"])("the unknown kind %s is refused as not found", async (kind) => {
  const { port } = await bench.serve();
  const failure = await failureOf(bench.connect(port).client.ask(kind, { fields: {} }, within));
  expect(failure).toMatchObject({ code: "PEER_REFUSED", cause: { code: "NOT_FOUND" } });
});

test("an answer that does not come in time is a passed deadline, and the handler's late end harms nobody", async () => {
  let finish: (message: LinkMessage) => void = () => undefined;
  const { port } = await bench.serve({
    handlers: {
      slow: () => new Promise((resolve) => (finish = resolve)),
      echo: (message) => Promise.resolve(message),
    },
  });
  const { client } = bench.connect(port);
  expect((await failureOf(client.ask("slow", { fields: {} }, { limitSeconds: 0.1 }))).code).toBe("DEADLINE_EXCEEDED");
  finish({ fields: {}, body: Buffer.alloc(1_000_000) });
  expect(await client.ask("echo", { fields: { n: 1 } }, within)).toEqual({ fields: { n: 1 } });
});

test("a cancelled question is ABORTED, before it is sent and while it waits", async () => {
  const { port, handled } = await bench.serve({ handlers: { slow: () => new Promise(() => undefined) } });
  const { client } = bench.connect(port);
  const before = failureOf(client.ask("slow", { fields: {} }, { ...within, signal: AbortSignal.abort() }));
  expect((await before).code).toBe("ABORTED");
  const cancel = new AbortController();
  const waiting = failureOf(client.ask("slow", { fields: {} }, { ...within, signal: cancel.signal }));
  cancel.abort();
  expect((await waiting).code).toBe("ABORTED");
  expect(handled).toEqual([]);
});

test("what its asker gave up while the peer was greeted is not sent", async () => {
  const { port, handled } = await bench.serve();
  const { client } = bench.connect(port);
  const cancel = new AbortController();
  const given = failureOf(client.ask("echo", { fields: { n: 1 } }, { ...within, signal: cancel.signal }));
  cancel.abort();
  expect((await given).code).toBe("ABORTED");
  await client.ask("echo", { fields: { n: 2 } }, within);
  expect(handled).toEqual(["echo"]);
});

test("nobody at the peer's address is unreachable", async () => {
  const { server, port } = await bench.serve();
  await server.stop();
  const failure = await failureOf(bench.connect(port).client.ask("echo", { fields: {} }, within));
  expect(failure.code).toBe("PEER_UNREACHABLE");
  expect(failure.message).toContain("ECONNREFUSED");
});

test("a heartbeat passes while all sockets for bulk data wait, and the fourth batch waits for one of them", async () => {
  const waiting: (() => void)[] = [];
  const { port } = await bench.serve({
    handlers: {
      "files/apply": () =>
        new Promise((resolve) =>
          waiting.push(() => {
            resolve({ fields: {} });
          }),
        ),
      heartbeat: () => Promise.resolve({ fields: { beats: true } }),
    },
  });
  const { client } = bench.connect(port);
  const batches = [1, 2, 3, 4].map(() => client.ask("files/apply", { fields: {} }, within));
  await until(() => waiting.length === 3);
  expect(await client.ask("heartbeat", { fields: {} }, within)).toEqual({ fields: { beats: true } });
  expect(waiting).toHaveLength(3);
  waiting.shift()!();
  await until(() => waiting.length === 3);
  waiting.forEach((finish) => {
    finish();
  });
  await Promise.all(batches);
});

test("more than 256 waiting messages are not taken", async () => {
  const { port } = await bench.serve({ handlers: { slow: () => new Promise(() => undefined) } });
  const { client } = bench.connect(port);
  const asked = Array.from({ length: 257 }, () => failureOf(client.ask("slow", { fields: {} }, { limitSeconds: 0.3 })));
  const codes = (await Promise.all(asked)).map(({ code }) => code);
  expect(codes.filter((code) => code === "PEER_UNREACHABLE")).toHaveLength(1);
  expect(codes.filter((code) => code === "DEADLINE_EXCEEDED")).toHaveLength(256);
});

test("stopping lets a running handler end and its answer arrive", async () => {
  let finish: (message: LinkMessage) => void = () => undefined;
  let isRunning = false;
  const { server, port } = await bench.serve({
    handlers: {
      slow: () => {
        isRunning = true;
        return new Promise((resolve) => (finish = resolve));
      },
    },
  });
  const asked = bench.connect(port).client.ask("slow", { fields: {} }, within);
  await until(() => isRunning);
  const stopped = server.stop();
  finish({ fields: { late: true } });
  expect(await asked).toEqual({ fields: { late: true } });
  await stopped;
});

test("without encryption it says so loudly at its start; with it, it does not", async () => {
  const plain = await bench.serve({ tls: undefined });
  const warnings = plain.log.lines.filter(({ level }) => level === "warn");
  expect(warnings.map(({ event }) => event)).toEqual(["link-without-encryption"]);
  const encrypted = await bench.serve();
  expect(encrypted.log.lines.map(({ level }) => level)).toEqual(["info"]);
});

test.each([
  { when: "the pair key is empty", changes: { pairKey: Buffer.alloc(0) } },
  { when: "the pair key is short", changes: { pairKey: Buffer.alloc(15) } },
  { when: "the peer's certificate is none", tls: { peerCertificate: "no" } },
])("neither side starts when $when", async ({ changes = {}, tls }) => {
  const both = { ...changes, ...(tls && { tls: { ...certificates.primary, ...tls } }) };
  expect((await failureOf(bench.serve(both))).code).toBe("SETTINGS_INVALID");
  expect(() => bench.connect(1, both)).toThrow(AppError);
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { createServer, type Server, type Socket } from "node:net";
import { dnsType } from "../../../actor/core/dns-codes.js";
import { decodeMessage, type DnsMessage, encodeMessage } from "../../../actor/core/dns-message.js";
import { encodeTxt } from "../../../actor/core/dns-rdata.js";
import { frameMessage } from "../../../actor/core/dns-stream.js";
import { encodeOwnershipRecord } from "../../../actor/core/ownership-record.js";
import { signMessage, verifyTsig } from "../../../actor/core/tsig.js";
import { type EmbeddedNameServer, startEmbeddedNameServer } from "../../support/embedded-name-server.js";
import {
  dnsSettingsFor,
  portTo,
  record,
  shiftedClock,
  type TestNameServer,
  type TestPort,
} from "../../support/name-server-fixtures.js";
import { startTcpRelay, type TcpRelay } from "../../support/tcp-relay.js";

let server: EmbeddedNameServer;
beforeAll(async () => {
  server = await startEmbeddedNameServer();
});
afterAll(async () => {
  await server.stop();
});

describe("a client whose clock is wrong", () => {
  let relay: TcpRelay | undefined;
  afterEach(async () => {
    await relay?.stop();
  });
  async function overRelay(
    name: string,
    answersKept: number,
    shiftMs: number,
  ): Promise<{ port: TestPort; requests: () => number }> {
    let requests = 0;
    let answers = 0;
    relay = await startTcpRelay(server.port, {
      onRequest: (packet) => {
        requests += 1;
        return [packet];
      },
      onAnswer: (packet) => ((answers += 1) <= answersKept ? [packet] : []),
    });
    const updateServer = { host: "127.0.0.1", port: relay.port };
    const port = portTo(server, {
      clock: shiftedClock(shiftMs),
      settings: { updateServer, name: `${name}.${server.zone}`, limitSeconds: 0.4 },
    });
    return { port, requests: () => requests };
  }

  test("sends a BADTIME message once more and never a third time", async () => {
    // The server's clock runs away between the two: the second answer is BADTIME as well.
    let wallMs = Date.now();
    const restless = await startEmbeddedNameServer({ wallMs: () => (wallMs += 1000000) });
    try {
      expect(await portTo(restless).claim(undefined, record(1, "primary"))).toMatchObject({
        kind: "unclear",
        because: expect.stringContaining("BADTIME") as unknown,
      });
      await expect(portTo(restless).readRecord()).rejects.toMatchObject({ code: "DNS_REFUSED" });
      expect(restless.serial()).toBe(1);
    } finally {
      await restless.stop();
    }
    const { port, requests } = await overRelay("counted", 99, 3600000);
    await port.readRecord();
    expect(requests()).toBe(2);
  });

  test.each([
    // An hour ahead: by the server's clock the first message becomes valid in an hour, and stays so for 300 s.
    { when: "ahead", shiftMs: 3600000, seconds: 3900 },
    { when: "behind", shiftMs: -3600000, seconds: 300 },
  ])("counts both messages in how long an unclear claim may come true, $when", async ({ when, shiftMs, seconds }) => {
    const { port, requests } = await overRelay(`unclear-${when}`, 1, shiftMs);
    const before = Date.now() + shiftMs;
    const outcome = await port.claim(undefined, record(1, "primary"));
    expect(requests()).toBe(2);
    expect(outcome.kind).toBe("unclear");
    const lasts = outcome.kind === "unclear" ? (outcome.validUntilWallMs - before) / 1000 : 0;
    expect(lasts).toBeGreaterThanOrEqual(seconds);
    expect(lasts).toBeLessThan(seconds + 5);
  });
});

describe("a server that is none", () => {
  let listener: Server | undefined;
  afterEach(async () => {
    await new Promise((resolve) => listener?.close(resolve));
  });
  async function strange(onData: (socket: Socket, request: Buffer) => void): Promise<TestNameServer> {
    listener = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (data: Buffer) => {
        onData(socket, data.subarray(2));
      });
    });
    await new Promise<void>((resolve) => listener?.listen(0, "127.0.0.1", resolve));
    const address = listener.address();
    return { ...server, port: typeof address === "object" && address !== null ? address.port : 0 };
  }
  /** The request's header as an answer with this code: what anyone on the way can write. */
  function bare(request: Buffer, rcode: number): Buffer {
    const header = Buffer.alloc(12);
    request.copy(header, 0, 0, 4);
    header.writeUInt8(header.readUInt8(2) | 0x80, 2);
    header.writeUInt8(rcode, 3);
    return header;
  }

  test.each(Array.from({ length: 12 }, (_, rcode) => ({ rcode })))(
    "an unsigned answer with code $rcode proves nothing",
    async ({ rcode }) => {
      const port = portTo(await strange((socket, request) => socket.write(frameMessage(bare(request, rcode)))));
      expect((await port.claim(undefined, record(1, "primary"))).kind).toBe("unclear");
      expect((await port.publish(record(1, "primary"))).kind).toBe("unclear");
      await expect(port.readRecord()).rejects.toMatchObject({ code: "DNS_INVALID" });
    },
  );

  test.each([
    { when: "it closes after the request", does: (socket: Socket) => socket.end() },
    { when: "it resets the connection", does: (socket: Socket) => socket.resetAndDestroy() },
    {
      when: "it speaks another protocol",
      does: (socket: Socket) => socket.write("\u0000\u0001HTTP/1.1 400 Bad Request\r\n\r\n"),
    },
    {
      when: "it answers with octets",
      does: (socket: Socket, request: Buffer) =>
        socket.write(frameMessage(Buffer.concat([request.subarray(0, 2), Buffer.alloc(40, 255)]))),
    },
    {
      when: "it stops in the middle",
      does: (socket: Socket, request: Buffer) => socket.write(frameMessage(request).subarray(0, 30)),
    },
    {
      when: "it answers another id",
      does: (socket: Socket, request: Buffer) =>
        socket.write(frameMessage(Buffer.concat([Buffer.from([request.readUInt8(0) ^ 1]), request.subarray(1)]))),
    },
    {
      when: "it sends the request back",
      does: (socket: Socket, request: Buffer) => socket.write(frameMessage(request)),
    },
  ])("an update is unclear and a question an error when $when", async ({ does }) => {
    const port = portTo(await strange(does), { settings: { limitSeconds: 0.2 } });
    expect((await port.claim(undefined, record(1, "primary"))).kind).toBe("unclear");
    await expect(port.readRecord()).rejects.toMatchObject({
      code: expect.stringMatching(/^DNS_(INVALID|UNREACHABLE)$/) as unknown,
    });
    expect((await port.readAddresses())[0]?.error).toBeDefined();
  });

  /** What a key holder that misbehaves answers: signed over the request, with these changes. */
  function signedAnswer(request: Buffer, changes: Partial<DnsMessage>, signedId = request.readUInt16BE(0)): Buffer {
    const asked = decodeMessage(request);
    const answer = { ...asked, additionals: [], isAnswer: true, isAuthoritative: true, ...changes, id: signedId };
    const key = { name: server.keyName, algorithm: "hmac-sha256", secret: server.tsigSecret } as const;
    const verdict = verifyTsig(request, asked, key, { nowSeconds: Math.floor(Date.now() / 1000) });
    if (verdict.kind !== "authentic") throw new Error(verdict.because);
    const { mac: requestMac, timeSignedSeconds } = verdict.tsig;
    const { packet } = signMessage(encodeMessage(answer), key, { timeSignedSeconds, requestMac });
    packet.writeUInt16BE(asked.id, 0);
    return frameMessage(packet);
  }

  test("a signed answer to another id, or of another opcode, proves nothing", async () => {
    const otherId = await strange((socket, request) => {
      socket.write(signedAnswer(request, { answers: [], authorities: [] }, (request.readUInt16BE(0) + 1) & 0xffff));
    });
    expect((await portTo(otherId).claim(undefined, record(1, "primary"))).kind).toBe("unclear");
    await new Promise((resolve) => listener?.close(resolve));
    const otherOpcode = await strange((socket, request) => {
      socket.write(signedAnswer(request, { answers: [], authorities: [], opcode: 0 }));
    });
    expect((await portTo(otherOpcode).claim(undefined, record(1, "primary"))).kind).toBe("unclear");
  });

  test("a violated prerequisite is unclear while the record is as before, and while it cannot be read", async () => {
    const previous = record(1, "primary");
    const data = encodeTxt([encodeOwnershipRecord(previous)]);
    let isReadable = true;
    const contradicting = await strange((socket, request) => {
      const asked = decodeMessage(request);
      const txt = { name: asked.questions[0]?.name ?? "", type: dnsType.TXT, class: 1, ttl: 0, data };
      if (asked.opcode === 5) socket.write(signedAnswer(request, { rcode: 8, answers: [], authorities: [] }));
      else if (isReadable) socket.write(signedAnswer(request, { answers: [txt] }));
      else socket.end();
    });
    const port = portTo(contradicting);
    expect(await port.claim(previous, record(2, "secondary"))).toMatchObject({
      kind: "unclear",
      because: expect.stringContaining("as it was before") as unknown,
    });
    expect((await port.claim(record(0, "primary"), record(2, "secondary"))).kind).toBe("lost");
    isReadable = false;
    expect(await port.claim(previous, record(2, "secondary"))).toMatchObject({
      kind: "unclear",
      because: expect.stringContaining("cannot be read back") as unknown,
    });
  });

  test("a signed SERVFAIL is unclear: nobody knows how far it came", async () => {
    const failing = await strange((socket, request) => {
      socket.write(signedAnswer(request, { rcode: 2, answers: [], authorities: [] }));
    });
    expect((await portTo(failing).claim(undefined, record(1, "primary"))).kind).toBe("unclear");
  });

  test("the answer to another question is no answer, also where nothing is signed", async () => {
    const confused = await strange((socket, request) => {
      const answer = { ...decodeMessage(request), isAnswer: true, isAuthoritative: true };
      socket.write(frameMessage(encodeMessage({ ...answer, questions: [{ name: "x.test", type: 1, class: 1 }] })));
    });
    expect((await portTo(confused).readAddresses())[0]?.error).toContain("another question");
  });

  test("reading the addresses can be aborted", async () => {
    const silent = await strange(() => undefined);
    await expect(portTo(silent).readAddresses(AbortSignal.timeout(50))).rejects.toMatchObject({ code: "ABORTED" });
  });

  test("an answer that comes piece by piece, behind that of another question, is found", async () => {
    const relayed = await strange((socket, request) => {
      const foreign = bare(request, 0);
      foreign.writeUInt16BE((request.readUInt16BE(0) + 1) & 0xffff, 0);
      const answer = Buffer.concat([bare(request, 5)]);
      const stream = Buffer.concat([frameMessage(foreign), frameMessage(answer)]);
      for (const byte of stream) socket.write(Buffer.from([byte]));
    });
    await expect(portTo(relayed).readRecord()).rejects.toMatchObject({
      message: expect.stringContaining("REFUSED") as unknown,
    });
  });
});

describe("the settings", () => {
  test.each([
    { when: "the name is not in the zone", changes: { name: "app.elsewhere.test" } },
    { when: "a label is too long", changes: { name: `${"x".repeat(64)}.example.test` } },
    { when: "the record's name would be too long", changes: { name: `${"abcdefg.".repeat(29)}example.test` } },
    { when: "the key has no possible name", changes: { tsig: { keyName: "a..b" } } },
  ])("are refused when $when", ({ changes }) => {
    expect(() => portTo(server, { settings: changes })).toThrow(expect.objectContaining({ code: "SETTINGS_INVALID" }));
  });

  test("addresses are given back sorted and in one spelling", () => {
    const addresses = { primary: ["2001:DB8:0::9", "192.0.2.9"], secondary: ["192.0.2.2"] };
    expect(portTo(server, { settings: { addresses } }).addressesOf("primary")).toEqual(["192.0.2.9", "2001:db8::9"]);
  });

  test("ids come from the given source when there is one", async () => {
    const { createNameServerPort } = await import("../../../actor/dns/update-client.js");
    const ids: number[] = [];
    const relay = await startTcpRelay(server.port, {
      onRequest: (packet) => {
        ids.push(decodeMessage(packet).id);
        return [packet];
      },
    });
    try {
      const settings = { ...dnsSettingsFor(server), updateServer: { host: "127.0.0.1", port: relay.port } };
      const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
      for (const id of ["a", "a", "b"]) {
        const random = { id: () => id };
        const port = createNameServerPort({
          settings,
          tsigSecret: server.tsigSecret,
          clock: shiftedClock(),
          log,
          random,
        });
        await port.readRecord();
      }
      expect(ids[0]).toBe(ids[1]);
      expect(ids[0]).not.toBe(ids[2]);
    } finally {
      await relay.stop();
    }
  });
});

import https from "node:https";
import type net from "node:net";
import tls from "node:tls";
import { afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { linkRefusalOf } from "../../../actor/link/link-refused-error.js";
import { makeCertificate } from "../../support/certificates.js";
import { failureOf, LinkBench, makePairCertificates, type PairCertificates } from "../../support/link-pair.js";
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
const ask = { fields: { n: 1 } };

describe("certificates", () => {
  test("a client with another certificate is refused before a request is read", async () => {
    const { port, refused, handled, log } = await bench.serve();
    const { client } = bench.connect(port, {
      tls: { ...certificates.stranger, peerCertificate: certificates.secondary.certificate },
    });
    expect((await failureOf(client.ask("echo", ask, within))).code).toBe("PEER_UNREACHABLE");
    await until(() => refused.length > 0);
    expect(refused[0]).toBe("wrong-certificate");
    expect(handled).toEqual([]);
    expect(log.lines.find(({ event }) => event === "link-refused")).toMatchObject({
      level: "warn",
      fields: { reason: "wrong-certificate" },
    });
  });

  test("a client without a certificate is refused", async () => {
    const { port, refused, handled } = await bench.serve();
    const request = https.request({
      host: "127.0.0.1",
      port,
      rejectUnauthorized: false,
      method: "POST",
      path: "/link",
    });
    const failed = new Promise((resolve) => request.on("error", resolve));
    request.end();
    await failed;
    await until(() => refused.length > 0);
    expect(refused).toEqual(["wrong-certificate"]);
    expect(handled).toEqual([]);
  });

  test("a certificate signed with the pinned one's key is not the pinned one, for the server", async () => {
    const authority = await makeCertificate("authority", { isAuthority: true });
    const signed = await makeCertificate("signed", { signedBy: authority });
    const pinning = { ...certificates.secondary, peerCertificate: authority.certificate };
    const { port, refused, handled } = await bench.serve({ tls: pinning });
    const secondaryPinned = { peerCertificate: certificates.secondary.certificate };
    const { client } = bench.connect(port, { tls: { ...signed, ...secondaryPinned } });
    expect((await failureOf(client.ask("echo", ask, within))).code).toBe("PEER_UNREACHABLE");
    await until(() => refused.length > 0);
    expect(refused[0]).toBe("wrong-certificate");
    const own = bench.connect(port, { tls: { ...authority, ...secondaryPinned } });
    await own.client.ask("echo", ask, within);
    expect(handled).toEqual(["echo"]);
  });

  test("a certificate signed with the pinned one's key is not the pinned one, for the client", async () => {
    const authority = await makeCertificate("authority", { isAuthority: true });
    const signed = await makeCertificate("signed", { signedBy: authority });
    const { port, handled } = await bench.serve({
      tls: { ...signed, peerCertificate: certificates.primary.certificate },
    });
    const { client, refused, log } = bench.connect(port, {
      tls: { ...certificates.primary, peerCertificate: authority.certificate },
    });
    const failure = await failureOf(client.ask("echo", ask, within));
    expect(failure.code).toBe("PEER_UNREACHABLE");
    expect(failure.message).toContain("pinned");
    expect(refused).toEqual(["wrong-certificate"]);
    expect(log.lines.map(({ event }) => event)).toEqual(["link-refused"]);
    expect(handled).toEqual([]);
  });

  test("a server with another certificate gets nothing to read, on each new connection", async () => {
    const { port, handled } = await bench.serve({
      tls: { ...certificates.stranger, peerCertificate: certificates.primary.certificate },
    });
    const { client, refused } = bench.connect(port);
    for (const n of [1, 2, 3]) {
      const error = await client.ask("echo", { fields: { n } }, within).catch((reason: unknown) => reason);
      expect(linkRefusalOf(error)).toBe("wrong-certificate");
    }
    expect(refused).toEqual(["wrong-certificate", "wrong-certificate", "wrong-certificate"]);
    expect(handled).toEqual([]);
  });

  test("of the certificates one authority issued, only the pinned one is accepted", async () => {
    const authority = await makeCertificate("authority", { isAuthority: true });
    const [one, two] = [
      await makeCertificate("a", { signedBy: authority }),
      await makeCertificate("b", { signedBy: authority }),
    ];
    const pinning = (pinned: { certificate: string }) => ({
      peerCertificate: `${pinned.certificate}\n${authority.certificate}`,
    });
    const { port, refused } = await bench.serve({ tls: { ...two, ...pinning(one) } });
    const { client } = bench.connect(port, { tls: { ...one, ...pinning(two) } });
    expect(await client.ask("echo", ask, within)).toEqual(ask);
    const sibling = bench.connect(port, { tls: { ...two, ...pinning(two) } });
    expect((await failureOf(sibling.client.ask("echo", ask, within))).code).toBe("PEER_UNREACHABLE");
    expect(refused).toEqual(["wrong-certificate"]);
  });

  test("nothing below TLS 1.3 is spoken, and no session can be resumed", async () => {
    const { port, refused } = await bench.serve();
    const { certificate: cert, privateKey: key } = certificates.primary;
    const connect = (options: tls.ConnectionOptions) =>
      tls.connect({ port, host: "127.0.0.1", cert, key, rejectUnauthorized: false, ...options });
    const old = connect({ maxVersion: "TLSv1.2" });
    await new Promise((resolve) => old.on("error", resolve));
    await until(() => refused.length > 0);
    expect(refused).toEqual(["connection-failed"]);
    const sessions: Buffer[] = [];
    const socket = connect({});
    socket.on("session", (session: Buffer) => sessions.push(session));
    const answered = new Promise((resolve) => socket.on("data", resolve));
    socket.write("POST /link HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
    await answered;
    for (const session of sessions) {
      const again = connect({ session });
      await new Promise((resolve) => again.on("secureConnect", resolve));
      expect(again.isSessionReused()).toBe(false);
      again.destroy();
    }
    socket.destroy();
  });
});

test("the client resumes no TLS session, though the server offers it", async () => {
  const reused: boolean[] = [];
  const { certificate: cert, privateKey: key } = certificates.secondary;
  const server = https.createServer({ cert, key }, (_request, response) => {
    response.writeHead(200, { connection: "close" }).end();
  });
  server.on("secureConnection", (socket: tls.TLSSocket) => reused.push(socket.isSessionReused()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  bench.atEnd(() => {
    server.close();
  });
  const { client } = bench.connect((server.address() as net.AddressInfo).port);
  for (let n = 0; n < 3; n += 1) await failureOf(client.ask("echo", ask, within));
  expect(reused).toEqual([false, false, false]);
});

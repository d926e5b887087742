import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { stringify } from "yaml";
import { createCertificateRenewal } from "../../exporter/certificate-renewal.js";
import { createExporterServer } from "../../exporter/exporter-server.js";
import { readWebConfig } from "../../exporter/web-config.js";
import { startListening, stopListening } from "../../shared/http-server.js";
import { createSelfSignedCertificate } from "../../shared/self-signed-certificate.js";
import { createSystemClock } from "../../shared/system-clock.js";
import { rememberLog } from "../support/log-memory.js";

const swordfish = "$2b$04$L5G6Nxq4Y/7Y9m0Hxa8BXOP1v0dmhFoCtrWLlDqB6s/no/gTkUC5.";
let folder: string;
let file: string;
let certificate: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "web-config-"));
  file = path.join(folder, "web-config.yml");
  const made = await createSelfSignedCertificate("exporter", ["127.0.0.1"]);
  certificate = made.certificate;
  await writeFile(path.join(folder, "certificate.pem"), certificate);
  await writeFile(path.join(folder, "key.pem"), made.privateKey, { mode: 0o600 });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

test.each([
  { who: "the user with the password", authorization: basic("prometheus", "swordfish"), isAllowed: true },
  { who: "the same again", authorization: basic("prometheus", "swordfish"), isAllowed: true },
  { who: "a wrong password", authorization: basic("prometheus", "swordfisH"), isAllowed: false },
  { who: "an unknown user with it", authorization: basic("somebody", "swordfish"), isAllowed: false },
  { who: "another scheme", authorization: "Bearer swordfish", isAllowed: false },
  { who: "no colon", authorization: `Basic ${Buffer.from("prometheus").toString("base64")}`, isAllowed: false },
  { who: "nobody", authorization: undefined, isAllowed: false },
])("$who is allowed: $isAllowed", async ({ authorization, isAllowed }) => {
  await writeFile(file, `basic_auth_users:\n  prometheus: ${swordfish}\n`);
  const config = await readWebConfig(file);
  expect(await config.isAllowed(authorization)).toBe(isAllowed);
  expect(await config.isAllowed(authorization)).toBe(isAllowed);
  expect(config.tls).toBeUndefined();
});

test("an empty file lets everybody in", async () => {
  await writeFile(file, "");
  expect(await (await readWebConfig(file)).isAllowed(undefined)).toBe(true);
});

test.each([
  {
    what: "a password instead of its hash",
    text: "basic_auth_users:\n  a: swordfish\n",
    says: /basic_auth_users: a: is not a bcrypt hash/,
  },
  { what: "an unknown key", text: "tls_config: {}\n", says: /tls_config/ },
  {
    what: "a client authority that is missing",
    text: "tls_server_config: { cert_file: certificate.pem, key_file: key.pem, client_auth_type: RequireAndVerifyClientCert }\n",
    says: /client_ca_file/,
  },
  { what: "no YAML", text: "a: [", says: /is not YAML/ },
  {
    what: "a key that stands there twice",
    text: "tls_server_config: { cert_file: certificate.pem, key: swordfish, key_file: key.pem }\n",
    says: /tls_server_config\.key: stands there and in key_file/,
  },
  {
    what: "a missing certificate",
    text: "tls_server_config: { key_file: key.pem }\n",
    says: /tls_server_config\.cert_file: is missing/,
  },
  {
    what: "names of clients that show none",
    text: "tls_server_config: { cert_file: certificate.pem, key_file: key.pem, client_allowed_sans: [a] }\n",
    says: /client_allowed_sans: only a client that must show a certificate/,
  },
  {
    what: "a cipher suite that is not secure",
    text: "tls_server_config: { cert_file: certificate.pem, key_file: key.pem, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA] }\n",
    says: /tls_server_config: cipher_suites: 0/,
  },
  { what: "HTTP/2", text: "http_server_config: { http2: true }\n", says: /http2: this exporter speaks HTTP\/1\.1/ },
  { what: "a limit of its own", text: "rate_limit: { interval: 1s, burst: 1 }\n", says: /rate_limit/ },
  {
    what: "a certificate that is not there",
    text: "tls_server_config: { cert_file: other.pem, key_file: key.pem }\n",
    says: /cert_file: .*other\.pem cannot be read/,
  },
])("$what is refused by name, without a secret", async ({ text, says }) => {
  await writeFile(file, text);
  const refusal = (await readWebConfig(file).catch((error: unknown) => error)) as Error;
  expect(refusal.message).toMatch(says);
  expect(refusal.message).not.toContain("swordfish");
});

test("of many guesses at a time only a few are compared, and whoever is known is let in meanwhile", async () => {
  await writeFile(file, `basic_auth_users:\n  prometheus: ${swordfish}\n`);
  const { isAllowed } = await readWebConfig(file);
  expect(await isAllowed(basic("prometheus", "swordfish"))).toBe(true);
  const order: string[] = [];
  const guesses = Array.from({ length: 40 }, async (_, index) => {
    expect(await isAllowed(basic("prometheus", `guess ${index}`))).toBe(false);
    order.push(`guess ${index}`);
  });
  await isAllowed(basic("prometheus", "swordfish")).then(() => order.push("known"));
  await Promise.all(guesses);
  // Whoever is known, and those for whom there is no turn, are answered at once; the comparisons end later.
  expect(order.slice(-8)).toEqual(Array.from({ length: 8 }, (_, index) => `guess ${index}`));
});

describe("a server with certificate and users", () => {
  function get(port: number, url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      https
        .get({ host: "127.0.0.1", port, path: url, ca: certificate, agent: false, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .on("error", reject);
    });
  }

  test("answers over TLS, and all but its health only to them", async () => {
    await writeFile(
      file,
      `tls_server_config: { cert_file: certificate.pem, key_file: key.pem }\nbasic_auth_users:\n  prometheus: ${swordfish}\n`,
    );
    const pages = { version: "1", scrape: () => Promise.resolve("up 1\n"), isReady: () => true };
    const server = createExporterServer(pages, await readWebConfig(file), rememberLog());
    const { port } = await startListening(server, { host: "127.0.0.1", port: 0 }, "exporter.listen");
    const headers = { authorization: basic("prometheus", "swordfish") };
    expect(await get(port, "/-/healthy")).toBe(200);
    expect(await get(port, "/metrics")).toBe(401);
    expect(await get(port, "/-/healthy?x")).toBe(401);
    expect(await get(port, "/metrics", headers)).toBe(200);
    await stopListening(server, createSystemClock(), 1);
  });

  /** Prepared by a test: the web configuration in `file` serves, and `use` talks to it. */
  async function serving(use: (port: number) => Promise<void>): Promise<readonly string[]> {
    const pages = { version: "1", scrape: () => Promise.resolve("up 1\n"), isReady: () => true };
    const log = rememberLog();
    const server = createExporterServer(pages, await readWebConfig(file), log);
    const { port } = await startListening(server, { host: "127.0.0.1", port: 0 }, "exporter.listen");
    await use(port).finally(() => stopListening(server, createSystemClock(), 1));
    return log.events;
  }

  function connect(port: number, options: tls.ConnectionOptions): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const socket = tls.connect({ host: "127.0.0.1", port, ca: certificate, ...options }, () => {
        resolve(socket.getCipher().standardName);
        socket.destroy();
      });
      socket.on("error", reject);
    });
  }

  test("takes certificate and key from the file itself, which must be a secret then, and sends the headers", async () => {
    const privateKey = await readFile(path.join(folder, "key.pem"), "utf8");
    const headers = { "X-Frame-Options": "deny", "Strict-Transport-Security": "max-age=1", "X-XSS-Protection": "" };
    const config = { tls_server_config: { cert: certificate, key: privateKey }, http_server_config: { headers } };
    await writeFile(file, stringify(config), { mode: 0o600 });
    await chmod(file, 0o644);
    await expect(readWebConfig(file)).rejects.toThrow(/web-config\.yml/);
    await chmod(file, 0o600);
    await serving(async (port) => {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        https.get({ host: "127.0.0.1", port, path: "/", ca: certificate, agent: false }, resolve).on("error", reject);
      });
      answer.resume();
      const { "x-frame-options": frame, "strict-transport-security": strict } = answer.headers;
      expect([frame, strict, answer.headers["x-content-type-options"]]).toEqual(["deny", "max-age=1", "nosniff"]);
      expect(answer.headers).not.toHaveProperty("x-xss-protection");
    });
  });

  test("speaks only the suites and curves that are named, those of TLS 1.3 in any case", async () => {
    const suites = ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"];
    const files = { cert_file: "certificate.pem", key_file: "key.pem" };
    await writeFile(file, stringify({ tls_server_config: { ...files, cipher_suites: suites } }));
    await serving(async (port) => {
      expect(suites).toContain(await connect(port, { maxVersion: "TLSv1.2" }));
      await expect(connect(port, { maxVersion: "TLSv1.2", ciphers: "ECDHE+AES128" })).rejects.toThrow();
      expect(await connect(port, { minVersion: "TLSv1.3" })).toMatch(/^TLS_(AES|CHACHA20)/);
    });
    await writeFile(file, stringify({ tls_server_config: { ...files, curve_preferences: ["CurveP384"] } }));
    await serving(async (port) => {
      expect(await connect(port, { minVersion: "TLSv1.3", ecdhCurve: "secp384r1" })).toMatch(/^TLS_/);
      await expect(connect(port, { minVersion: "TLSv1.3", ecdhCurve: "prime256v1" })).rejects.toThrow();
    });
  });

  test.each([
    { names: ["127.0.0.1"], isIn: true },
    { names: ["other", "127.0.0.2"], isIn: false },
  ])("a client with another name than $names is not let in: $isIn", async ({ names, isIn }) => {
    // The client shows the server's own certificate, whose only alternative name is its address.
    const verifying = { client_auth_type: "RequireAndVerifyClientCert", client_ca_file: "certificate.pem" };
    const config = { cert_file: "certificate.pem", key_file: "key.pem", ...verifying, client_allowed_sans: names };
    await writeFile(file, stringify({ tls_server_config: config }));
    const key = await readFile(path.join(folder, "key.pem"), "utf8");
    const events = await serving(async (port) => {
      const answered = new Promise<number | undefined>((resolve, reject) => {
        const options = {
          host: "127.0.0.1",
          port,
          path: "/metrics",
          ca: certificate,
          cert: certificate,
          key,
          agent: false,
        };
        https
          .get(options, (response) => {
            resolve(response.resume().statusCode);
          })
          .on("error", reject);
      });
      expect(await answered.catch(() => "cut off")).toBe(isIn ? 200 : "cut off");
    });
    expect(events).toEqual(isIn ? [] : ["exporter-client-refused"]);
  });

  test("shows a renewed certificate without a restart, once its key is there as well", async () => {
    const config = "tls_server_config: { cert_file: renewed.pem, key_file: renewed-key.pem }\n";
    const at = (name: string) => path.join(folder, name);
    const others = await createSelfSignedCertificate("exporter", ["127.0.0.1"]);
    const place = async (name: string, content: string) => writeFile(at(name), content, { mode: 0o600 });
    await place("renewed.pem", certificate);
    await place("renewed-key.pem", await readFile(at("key.pem"), "utf8"));
    await writeFile(file, config);
    const log = rememberLog();
    const webConfig = await readWebConfig(file);
    const pages = { version: "1", scrape: () => Promise.resolve("up 1\n"), isReady: () => true };
    const server = createExporterServer(pages, webConfig, log);
    const { renew, shownCertificate } = createCertificateRenewal(server, webConfig, log);
    const { port } = await startListening(server, { host: "127.0.0.1", port: 0 }, "exporter.listen");
    await renew();
    await place("renewed.pem", others.certificate);
    await renew();
    await renew();
    expect(shownCertificate()).toBe(certificate);
    // The old certificate is all that this client believes.
    expect(await get(port, "/-/healthy")).toBe(200);
    await place("renewed-key.pem", others.privateKey);
    await renew();
    await expect(get(port, "/-/healthy")).rejects.toThrow(/self-signed/);
    expect(shownCertificate()).toBe(others.certificate);
    await renew();
    await stopListening(server, createSystemClock(), 1);
    expect(log.events).toEqual(["exporter-certificate-not-renewed", "exporter-certificate-renewed"]);
  });
});

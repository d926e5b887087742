import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
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

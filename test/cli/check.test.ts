import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { generate } from "selfsigned";
import { freePort } from "../support/free-port.js";
import { makeFakeSystemctl } from "../support/fake-systemctl.js";
import { pairFlags, runCommand } from "../support/run-cli.js";

let out: string;
let file: string;
let searchPath: string;
beforeEach(async () => {
  out = path.join(await mkdtemp(path.join(os.tmpdir(), "check-")), "pair");
  searchPath = await makeFakeSystemctl(path.dirname(out), {});
  await runCommand(pairFlags(out));
  file = own("sparesync.yml");
});
afterEach(async () => {
  await rm(path.dirname(out), { recursive: true });
});

const own = (name: string) => path.join(out, "primary", name);
const change = async (from: string | RegExp, to: string) => {
  const text = await readFile(file, "utf8");
  expect(text).toMatch(from);
  await writeFile(file, text.replace(from, to));
};
interface Finding {
  readonly key: string;
  readonly message: string;
  readonly hint: string;
}
async function check() {
  const { exitCode, json, stdout } = await runCommand(["check", "--settings", file, "--json"], {
    env: { PATH: searchPath },
  });
  return {
    exitCode,
    stdout,
    problems: json["problems"] as Finding[],
    notices: json["notices"] as Finding[],
    exclusion: json["exclusion"] as { kind: string; because: string } | null,
  };
}

describe("a pair as init makes it", () => {
  test("is fine; notices say what an administrator should still decide", async () => {
    const { exitCode, problems, notices } = await check();
    expect([exitCode, problems]).toEqual([0, []]);
    expect(notices.map(({ key }) => key)).toEqual([
      "failover.vantages",
      "folders",
      "managedSystem.testPage.expectedText",
    ]);
    const { stdout } = await runCommand(["check", "--settings", file], { env: { PATH: searchPath } });
    expect(stdout).toMatch(/^.*sparesync\.yml: fine\nnotice: /);
    expect(stdout).toMatch(/two active servers are excluded by proof: an active server that cannot confirm .*\n$/);
  });

  test.each([
    ["elsewhere", "true", "proof", /^an active server that cannot confirm/],
    ["elsewhere", "false", "assumption", /^there is no guard process/],
    ["secondary", "true", "assumption", /^the update server stands at the secondary's site/],
    ["primary", "true", "proof", /losing that site cannot fail over/],
  ])("with the update server at %s and guard: %s has an %s", async (site, guard, kind, says) => {
    await change("updateServerSite: elsewhere", `updateServerSite: ${site}\n  guard: ${guard}`);
    const { exclusion } = await check();
    expect(exclusion?.kind).toBe(kind);
    expect(exclusion?.because).toMatch(says);
  });

  test("with a witness that is silent it is a problem that names it", async () => {
    const port = await freePort();
    await change("server: primary\n", `server: primary\nwitness:\n  endpoints: ["http://127.0.0.1:${port}"]\n`);
    const { exitCode, problems } = await check();
    expect([exitCode, problems.map(({ key }) => key)]).toEqual([1, ["witness.endpoints"]]);
    expect(problems[0]).toMatchObject({
      message: expect.stringContaining(`the witness does not answer: http://127.0.0.1:${port}`),
      hint: expect.stringContaining("no failover begins by itself"),
    });
  });

  test("notices nothing about the assumption when it is accepted or nothing is automatic", async () => {
    await change("updateServerSite: elsewhere", "updateServerSite: secondary");
    expect((await check()).notices.map(({ key }) => key)).toContain("failover.acceptAssumption");
    await change("acceptAssumption: false", "acceptAssumption: true");
    expect((await check()).notices.map(({ key }) => key)).not.toContain("failover.acceptAssumption");
    await change("acceptAssumption: true", "acceptAssumption: false\n  automatic: false");
    expect((await check()).notices.map(({ key }) => key)).not.toContain("failover.acceptAssumption");
  });

  const vantageAt = (site: string): string =>
    `vantages:\n    - { kind: metrics, name: office, site: ${site}, url: "http://192.0.2.9:9115/probe" }`;

  test.each([
    ["nothing more is set", "vantages: []", /only the spare would have seen the loss/],
    ["the one vantage shares the uplink", vantageAt("secondary"), /every vantage shares the spare's uplink/],
    ["a vantage stands elsewhere", vantageAt("elsewhere"), undefined],
    ["one vantage is accepted", "vantages: []\n  acceptSingleVantage: true", undefined],
  ])("says whether a second vantage sees a loss, when %s", async (_, line, says) => {
    await change("vantages: []", line);
    const { problems, notices } = await check();
    expect(problems).toEqual([]);
    const notice = notices.find(({ key }) => key === "failover.vantages");
    if (says === undefined) expect(notice).toBeUndefined();
    else expect(notice?.message).toMatch(says);
  });

  test("says that a failover is only observed", async () => {
    await change("acceptAssumption: false", "acceptAssumption: false\n  observeOnly: true");
    expect((await check()).notices.map(({ key }) => key)).toContain("failover.observeOnly");
  });
});

describe("problems", () => {
  async function expectProblem(key: string, message: RegExp, hint = /./) {
    const { exitCode, problems } = await check();
    expect(exitCode).toBe(1);
    expect(problems).toEqual([
      expect.objectContaining({ key, message: expect.stringMatching(message), hint: expect.stringMatching(hint) }),
    ]);
  }

  test("of the settings are all there, with their lines, and nothing else is examined", async () => {
    await change("pair: shop", "pair: 1");
    await change("zone: shop.test", "zone: x.test");
    const { exitCode, problems, exclusion } = await check();
    expect(exitCode).toBe(1);
    expect(problems.map(({ key }) => key)).toEqual(["pair", "dns.name"]);
    expect(exclusion).toBeNull();
    const { stdout } = await runCommand(["check", "--settings", file]);
    expect(stdout).toContain(`${file}: 2 problems\nproblem: ${file}:5: pair: 1: is not a text`);
  });

  test("a settings file that is not there", async () => {
    const { exitCode, json, stderr } = await runCommand(["check", "--settings", "/nonexistent.yml", "--json"]);
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ ok: false, error: { code: "SETTINGS_UNREADABLE" } });
    expect(stderr).toContain("/nonexistent.yml");
  });

  test.each(["pair-key", "tsig-secret", "tokens.json", "link-key.pem"])("others may read %s", async (name) => {
    await chmod(own(name), 0o640);
    const { problems } = await check();
    expect(problems.length).toBeGreaterThan(0);
    for (const { message, hint } of problems) {
      expect(message).toContain("holds a secret and others may read it");
      expect(hint).toBe(`chmod 600 ${own(name)}`);
    }
  });

  test.each([
    ["pair-key", "link.pairKeyFile"],
    ["tsig-secret", "dns.tsig.secretFile"],
    ["tokens.json", "admin.tokensFile"],
    ["peer-certificate.pem", "link.peerCertificateFile"],
  ])("%s is missing", async (name, key) => {
    await rm(own(name));
    await expectProblem(key, new RegExp(name));
  });

  test("the peer's certificate is this server's own", async () => {
    await copyFile(own("link-certificate.pem"), own("peer-certificate.pem"));
    await expectProblem("link.peerCertificateFile", /is this server's own certificate/);
  });

  test("certificate and key do not belong together", async () => {
    await writeFile(own("link-key.pem"), await readFile(path.join(out, "secondary", "link-key.pem")), { mode: 0o600 });
    const { problems } = await check();
    expect(problems.map(({ key }) => key)).toEqual(["link.privateKeyFile", "admin.privateKeyFile"]);
    expect(problems[0]?.message).toMatch(/is not the key of the certificate/);
  });

  test.each([
    ["has expired", -400, -1, /expired on/],
    ["is not valid yet", 2, 400, /is valid only from/],
  ])("the peer's certificate %s", async (_, fromDays, toDays, says) => {
    await writeCertificate("peer-certificate.pem", fromDays, toDays);
    await expectProblem("link.peerCertificateFile", says);
  });

  test("a certificate that expires within 30 days is a notice", async () => {
    await writeCertificate("peer-certificate.pem", -1, 29);
    const { exitCode, notices } = await check();
    expect(exitCode).toBe(0);
    expect(notices[0]).toMatchObject({
      key: "link.peerCertificateFile",
      message: expect.stringContaining("expires on"),
    });
    await writeCertificate("peer-certificate.pem", -1, 31);
    expect((await check()).notices.map(({ key }) => key)).not.toContain("link.peerCertificateFile");
  });

  test.each([
    ["link-key.pem", "no key", ["link.privateKeyFile", "admin.privateKeyFile"], /not a private key/],
    ["peer-certificate.pem", "no certificate", ["link.peerCertificateFile"], /is not a certificate/],
    ["pair-key", "ab".repeat(31), ["link.pairKeyFile"], /is not a pair key: 64 or more hexadecimal digits/],
    ["pair-key", `${"ab".repeat(31)}zz`, ["link.pairKeyFile"], /is not a pair key/],
    ["tsig-secret", "two\nlines", ["dns.tsig.secretFile"], /Base64/],
    ["tokens.json", "{}", ["admin.tokensFile"], /not of the expected form/],
    ["tokens.json", '{"version":1,"tokens":[]}', ["admin.tokensFile"], /holds no tokens/],
  ])("%s holds %j", async (name, content, keys, says) => {
    await writeFile(own(name), content);
    const { problems } = await check();
    expect(problems.map(({ key }) => key)).toEqual(keys);
    for (const { message } of problems) expect(message).toMatch(says);
  });

  test("folders must exist and be folders; those that SpareSync makes need not exist", async () => {
    await mkdir(own("there"));
    await change(
      "folders: []",
      "folders:\n  - { name: a, path: there }\n  - { name: b, path: missing }\n  - { name: c, path: pair-key }",
    );
    const { problems } = await check();
    expect(problems.map(({ key, message }) => `${key}: ${message}`)).toEqual([
      `folders[1].path: ${own("missing")} does not exist`,
      `folders[2].path: ${own("pair-key")} is not a folder`,
    ]);
  });

  test("without TLS the link's certificates are not needed, and a notice says what that means", async () => {
    await change("# transport: https", "transport: http");
    await rm(own("peer-certificate.pem"));
    const { exitCode, notices } = await check();
    expect(exitCode).toBe(0);
    expect(notices.map(({ key }) => key)).toContain("link.transport");
  });

  async function writeCertificate(name: string, fromDays: number, toDays: number) {
    const day = (days: number) => new Date(Date.now() + days * 86_400_000);
    const options = {
      keyType: "ec",
      algorithm: "sha256",
      notBeforeDate: day(fromDays),
      notAfterDate: day(toDays),
    } as const;
    await writeFile(own(name), (await generate([{ name: "commonName", value: "x" }], options)).cert);
  }
});

describe("who may scrape", () => {
  const webConfig = (): string => own("web-config.yml");
  const findings = async (key: string) => {
    const { problems, notices } = await check();
    return [...problems, ...notices].filter((finding) => finding.key === key).map(({ message }) => message);
  };

  test("is fine as sparesync init has made it", async () => {
    expect(await findings("exporter.webConfigFile")).toEqual([]);
  });

  test.each([
    {
      when: "a key is not known",
      text: "rate_limit: {}\n",
      says: /does not start with it: .*rate_limit/,
    },
    { when: "a password is not a hash", text: "basic_auth_users: { a: b }\n", says: /is not a bcrypt hash/ },
    {
      when: "there is no key file",
      text: "tls_server_config: { cert_file: link-certificate.pem, key_file: no.pem }\n",
      says: /no\.pem/,
    },
    { when: "it asks for nothing", text: "{}\n", says: /names no certificate and no users/ },
  ])("is said when $when", async ({ text, says }) => {
    await writeFile(webConfig(), text);
    expect(await findings("exporter.webConfigFile")).toEqual([expect.stringMatching(says)]);
  });

  test("is said when the file is missing, and when the metrics are open to everybody", async () => {
    await rm(webConfig());
    expect(await findings("exporter.webConfigFile")).toHaveLength(1);
    await change(/exporter:\n/, "exporter:\n  openToEverybody: true\n");
    expect(await findings("exporter.webConfigFile")).toEqual([]);
    expect(await findings("exporter.openToEverybody")).toEqual([expect.stringMatching(/plain HTTP/)]);
  });
});
